"""A folder of a million files, listed over SFTP: beside OpenSSH, and what memory our server needs for it."""

import os
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.ssh_servers import Server, client_options, make_keys, openssh, ours

ENTRIES = 1_000_000


def run() -> list[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = Path(folder)
        make_keys(work)
        servers = [stack.enter_context(ours(work)), stack.enter_context(openssh(work))]
        for server in servers:
            _fill(server.files / "crowd")
        before = _peak(servers[0])
        took = {server.name: _list(server, work) for server in servers}
        grown = (_peak(servers[0]) - before) / 2**20
    return [
        ("entries listed", ENTRIES, ""),
        *((f"time, {name}", seconds, "s") for name, seconds in took.items()),
        ("time against OpenSSH", took["ours"] / took["OpenSSH"], "ratio, less is better"),
        ("memory that ours needed beside", grown, "MiB, at most 16"),
    ]


def _fill(folder: Path) -> None:
    """One file under a million names: the disk need not hold more."""
    folder.mkdir()
    (folder / "0").touch()
    first, at = folder / "0", 0
    for number in range(1, ENTRIES):
        if number % 60_000 == 0:  # no file has more names on most disks
            first, at = folder / str(number), number
            first.touch()
        if number != at:
            os.link(first, folder / str(number))


def _list(server: Server, work: Path) -> float:
    began = time.perf_counter()
    with (work / "listed").open("w") as listed:
        subprocess.run(
            [
                "sftp",
                *client_options(work),
                "-P",
                str(server.port),
                "-b",
                "-",
                f"{server.username}@127.0.0.1",
            ],
            input=f"ls -1f {server.prefix}crowd\n",
            text=True,
            check=True,
            stdout=listed,
        )
    took = time.perf_counter() - began
    with (work / "listed").open() as listed:
        found = sum(1 for line in listed if not line.startswith("sftp>"))
    assert found == ENTRIES, found
    return took


def _peak(server: Server) -> int:
    """The most memory that the server ever had, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    for row in run():
        print(row)
