"""Two servers, the same files and client, in turns: rates, and what the processor had to do for them."""

import os
import shutil
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

BIG = 256  # MiB
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")


class Measured(Protocol):
    """A server that is compared; the first of two is ours."""

    @property
    def name(self) -> str: ...
    @property
    def files(self) -> Path: ...


S = TypeVar("S", bound=Measured)


@dataclass(frozen=True)
class Figures:
    """Seconds on the clock, and seconds of processor time that the server took."""

    took: float
    cpu: float


def make_files(local: Path, small: int) -> None:
    """`big`, and a folder `many` with so many files of 4 KiB."""
    (local / "many").mkdir(parents=True)
    block = os.urandom(1024 * 1024)
    with (local / "big").open("wb") as file:
        for _ in range(BIG):
            file.write(block)
    for number in range(small):
        (local / "many" / f"file{number}").write_bytes(block[:4096])


def stock(server: Measured, local: Path) -> None:
    """Put them on a server."""
    shutil.copy(local / "big", server.files / "big")
    shutil.copytree(local / "many", server.files / "many")


def compare(
    test: str, servers: Sequence[S], amount: float, unit: str, measure: Callable[[S], Figures]
) -> list[tuple[str, float, str]]:
    """The rates of both, medians of some rounds, and the ratios of rate and of processor time."""
    figures: dict[str, list[Figures]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            figures[server.name].append(measure(server))
    took = {name: statistics.median(figure.took for figure in rounds) for name, rounds in figures.items()}
    cpu = {name: statistics.median(figure.cpu for figure in rounds) for name, rounds in figures.items()}
    ours, theirs = took
    return [
        *((f"{test}, {name}", amount / took[name], unit) for name in took),
        (f"{test}, rate against {theirs}", took[theirs] / took[ours], "ratio, more is better"),
        (f"{test}, CPU against {theirs}", cpu[ours] / max(cpu[theirs], 0.01), "ratio, less is better"),
    ]


def measured(process: int, work: Callable[[], object]) -> Figures:
    """What this work takes, and a server's process and children for it."""
    before, began = _cpu(process), time.perf_counter()
    work()
    took = time.perf_counter() - began
    time.sleep(0.1)  # a session's own process is counted once it is reaped
    return Figures(took, _cpu(process) - before)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit("the server to compare with did not start")


def _cpu(process: int) -> float:
    """Of the process and of its children that are done, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS
