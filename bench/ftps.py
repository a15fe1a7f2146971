"""A whole server of ours against vsftpd, by FTP over TLS: lftp and the same files, in turns, in one run.

Not part of `make bench`: vsftpd has to be installed by hand, since its package opens port 21 of the machine.
"""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.ftp_servers import PASSWORD, Server, ours, vsftpd

BIG = 256
SMALL = 2000
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")
SETTINGS = (
    "set ssl:verify-certificate no; set ssl:priority NORMAL:-VERS-TLS1.3; set ftp:ssl-force yes;"
    "set ftp:ssl-protect-data yes; set cmd:fail-exit yes; set net:max-retries 1"
)
COMMANDS = {
    "get 1 big file": "get big -o got",
    "put 1 big file": "put big -o up",
    "get small files": "mirror many gotmany",
    "put small files": "mirror -R many upmany",
}


@dataclass(frozen=True)
class Figures:
    """Seconds on the clock, and seconds of processor time that the server took."""

    took: float
    cpu: float


def run() -> list[tuple[str, float, str]]:
    """Rates of both servers with their ratios, and the ratio of their processor time."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, ExitStack() as stack:
        work = Path(folder)
        _prepare(work / "local")
        servers = [stack.enter_context(ours(work)), stack.enter_context(vsftpd(work))]
        for server in servers:
            shutil.copy(work / "local" / "big", server.files / "big")
            shutil.copytree(work / "local" / "many", server.files / "many")
        return [row for test in COMMANDS for row in _compare(test, servers, work / "local")]


def _prepare(local: Path) -> None:
    (local / "many").mkdir(parents=True)
    block = os.urandom(1024 * 1024)
    with (local / "big").open("wb") as file:
        for _ in range(BIG):
            file.write(block)
    for number in range(SMALL):
        (local / "many" / f"file{number}").write_bytes(block[:4096])


def _compare(test: str, servers: list[Server], local: Path) -> list[tuple[str, float, str]]:
    figures: dict[str, list[Figures]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            figures[server.name].append(_measure(test, server, local))
    took = {name: statistics.median(figure.took for figure in rounds) for name, rounds in figures.items()}
    cpu = {name: statistics.median(figure.cpu for figure in rounds) for name, rounds in figures.items()}
    amount, unit = (BIG, "MiB/s") if "big" in test else (SMALL, "files/s")
    ratio, cpu_ratio = took["vsftpd"] / took["ours"], cpu["ours"] / max(cpu["vsftpd"], 0.01)
    return [
        *((f"ftps: {test}, {name}", amount / took[name], unit) for name in took),
        (f"ftps: {test}, rate against vsftpd", ratio, "ratio, more is better"),
        (f"ftps: {test}, CPU against vsftpd", cpu_ratio, "ratio, less is better"),
    ]


def _measure(test: str, server: Server, local: Path) -> Figures:
    _clean(server, local)
    place = f"open -u {server.username},'{PASSWORD}' ftp://127.0.0.1:{server.port}{server.folder}"
    cpu_before, began = _cpu(server.process.pid), time.perf_counter()
    subprocess.run(["lftp", "-c", f"{SETTINGS}; {place}; {COMMANDS[test]}"], check=True, cwd=local)
    took = time.perf_counter() - began
    time.sleep(0.1)  # the session process of vsftpd is counted once it is reaped
    return Figures(took, _cpu(server.process.pid) - cpu_before)


def _clean(server: Server, local: Path) -> None:
    for path in (local / "got", server.files / "up"):
        path.unlink(missing_ok=True)
    for path in (local / "gotmany", server.files / "upmany"):
        shutil.rmtree(path, ignore_errors=True)


def _cpu(process: int) -> float:
    """Of the process and of its children that are done, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
