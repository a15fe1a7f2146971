"""What one permission check costs, in microseconds."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from innkeeper.domain.access import Access, GrantLine, compile_access
from innkeeper.domain.paths import normalize
from innkeeper.domain.words import Level

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> list[tuple[str, float, str]]:
    """Compile and ask, for few and for many grants."""
    rows: list[tuple[str, float, str]] = []
    for count in (10, 1000, 10_000):
        rows += _rows(count, random.Random(count))
    return rows


def _rows(count: int, chance: random.Random) -> list[tuple[str, float, str]]:
    lines = [
        GrantLine(_path(chance, 1, 6), chance.choice(list(Level)), chance.random() < 0.8)
        for _ in range(count)
    ]
    began = time.perf_counter()
    access = compile_access(lines, [_path(chance, 1, 3)], now=_NOW)
    compiled = (time.perf_counter() - began) * 1000
    files = [_path(chance, 3, 8) + "/file" for _ in range(20_000)]
    return [
        (f"access: compile {count} grants", compiled, "ms"),
        (f"access: check, cold, {count} grants", _cold(access, files), "µs"),
        (
            f"access: check, warm, {count} grants",
            _microseconds(access.file_abilities, files[:200] * 100),
            "µs",
        ),
        (
            f"access: check of a raw path, warm, {count} grants",
            _microseconds(lambda path: access.file_abilities(normalize(path)), files[:200] * 100),
            "µs",
        ),
    ]


def _path(chance: random.Random, least: int, most: int) -> str:
    return "".join(f"/d{chance.randrange(20)}" for _ in range(chance.randint(least, most)))


def _cold(access: Access, files: list[str]) -> float:
    return _microseconds(access._look_up, [path[: path.rfind("/")] for path in files])


def _microseconds(question: Callable[[str], object], paths: list[str]) -> float:
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for path in paths:
            question(path)
        rounds.append((time.perf_counter() - began) / len(paths) * 1e6)
    return statistics.median(rounds)


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
