"""The slow, obvious reading of the access rules, to hold the compiled one against."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from innkeeper.domain.access import ABILITIES, Ability, GrantLine


def oracle_abilities(
    folder: str, lines: Iterable[GrantLine], fences: Sequence[str], now: datetime
) -> Ability:
    """The union of every open grant on the folder, and of each recursive one above with no fence between."""
    found = Ability(0)
    for line in lines:
        if _is_open(line, now) and _reaches(line, folder, fences):
            found |= ABILITIES[line.level]
    return found


def oracle_may_enter(folder: str, lines: Sequence[GrantLine], fences: Sequence[str], now: datetime) -> bool:
    """Something is granted here, or on some folder below."""
    leads_on = any(_is_open(line, now) and _is_below(line.path, folder) for line in lines)
    return leads_on or bool(oracle_abilities(folder, lines, fences, now))


def oracle_shows(
    folder: str, name: str, lines: Sequence[GrantLine], fences: Sequence[str], now: datetime
) -> bool:
    """All names are listed, or this one is the way to a grant."""
    if Ability.LIST in oracle_abilities(folder, lines, fences, now):
        return True
    child = f"{folder.rstrip('/')}/{name}"
    return any(_is_open(line, now) and _is_at_or_below(line.path, child) for line in lines)


def _reaches(line: GrantLine, folder: str, fences: Sequence[str]) -> bool:
    if line.path == folder:
        return True
    fenced_off = any(_is_below(fence, line.path) and _is_at_or_below(folder, fence) for fence in fences)
    return line.recursive and _is_below(folder, line.path) and not fenced_off


def _is_open(line: GrantLine, now: datetime) -> bool:
    if line.starts_at is not None and now < line.starts_at:
        return False
    return line.ends_at is None or now < line.ends_at


def _is_below(path: str, folder: str) -> bool:
    return path != folder and _is_at_or_below(path, folder)


def _is_at_or_below(path: str, folder: str) -> bool:
    return _parts(path)[: len(_parts(folder))] == _parts(folder)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
