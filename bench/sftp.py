"""A whole server of ours against OpenSSH's: the same client and files, in turns, in one run."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.ssh_servers import Server, client_options, make_keys, openssh, ours

BIG = 256
SMALL = 500
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")


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
        _prepare(work)
        servers = [stack.enter_context(ours(work)), stack.enter_context(openssh(work))]
        for server in servers:
            _stock(server, work / "local")
        rows: list[tuple[str, float, str]] = []
        for test in ("get 1 big file", "put 1 big file", "get small files", "put small files"):
            rows += _compare(test, servers, work)
        return rows


def _prepare(work: Path) -> None:
    make_keys(work)
    (work / "local").mkdir()
    block = os.urandom(1024 * 1024)
    with (work / "local" / "big").open("wb") as file:
        for _ in range(BIG):
            file.write(block)
    (work / "local" / "many").mkdir()
    for number in range(SMALL):
        (work / "local" / "many" / f"file{number}").write_bytes(block[:4096])


def _stock(server: Server, local: Path) -> None:
    shutil.copy(local / "big", server.files / "big")
    shutil.copytree(local / "many", server.files / "many")


def _compare(test: str, servers: list[Server], work: Path) -> list[tuple[str, float, str]]:
    figures: dict[str, list[Figures]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            figures[server.name].append(_measure(test, server, work))
    took, cpu = {}, {}
    for name, rounds in figures.items():
        took[name] = statistics.median(figure.took for figure in rounds)
        cpu[name] = statistics.median(figure.cpu for figure in rounds)
    amount, unit = (BIG, "MiB/s") if "big" in test else (SMALL, "files/s")
    rates = [(f"sftp: {test}, {name}", amount / took[name], unit) for name in took]
    ratio = took["OpenSSH"] / took["ours"]
    return [
        *rates,
        (f"sftp: {test}, rate against OpenSSH", ratio, "ratio, more is better"),
        (
            f"sftp: {test}, CPU against OpenSSH",
            cpu["ours"] / max(cpu["OpenSSH"], 0.01),
            "ratio, less is better",
        ),
    ]


def _measure(test: str, server: Server, work: Path) -> Figures:
    _clean(server, work)
    local = work / "local"
    commands = {
        "get 1 big file": f"get {server.prefix}big {local}/got\n",
        "put 1 big file": f"put {local}/big {server.prefix}up\n",
        "get small files": f"get -r {server.prefix}many {local}/gotmany\n",
        "put small files": f"put -r {local}/many {server.prefix}upmany\n",
    }
    options = client_options(work)
    options += ["-c", "aes128-gcm@openssh.com"]
    cpu_before, began = _cpu(server.process.pid), time.perf_counter()
    subprocess.run(
        ["sftp", *options, "-P", str(server.port), "-b", "-", f"{server.username}@127.0.0.1"],
        input=commands[test],
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    took = time.perf_counter() - began
    time.sleep(0.1)  # the session process of sshd is counted once it is reaped
    return Figures(took, _cpu(server.process.pid) - cpu_before)


def _clean(server: Server, work: Path) -> None:
    for path in (work / "local" / "got", server.files / "up"):
        path.unlink(missing_ok=True)
    for path in (work / "local" / "gotmany", server.files / "upmany"):
        shutil.rmtree(path, ignore_errors=True)


def _cpu(process: int) -> float:
    """Of the process and of its children that are done, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
