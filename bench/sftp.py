"""A whole server of ours against OpenSSH's: the same client and files, in turns, in one run."""

import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.side_by_side import BIG, Figures, compare, make_files, measured, stock
from bench.ssh_servers import Server, client_options, make_keys, openssh, ours

SMALL = 500
TESTS = ("get 1 big file", "put 1 big file", "get small files", "put small files")


def run() -> list[tuple[str, float, str]]:
    """Rates of both servers with their ratios, and the ratio of their processor time."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, ExitStack() as stack:
        work = Path(folder)
        make_keys(work)
        make_files(work / "local", SMALL)
        servers = [stack.enter_context(ours(work)), stack.enter_context(openssh(work))]
        for server in servers:
            stock(server, work / "local")
        return [row for test in TESTS for row in _compare(test, servers, work)]


def _compare(test: str, servers: list[Server], work: Path) -> list[tuple[str, float, str]]:
    amount, unit = (BIG, "MiB/s") if "big" in test else (SMALL, "files/s")
    return compare(f"sftp: {test}", servers, amount, unit, lambda server: _measure(test, server, work))


def _measure(test: str, server: Server, work: Path) -> Figures:
    _clean(server, work)
    local = work / "local"
    commands = {
        "get 1 big file": f"get {server.prefix}big {local}/got\n",
        "put 1 big file": f"put {local}/big {server.prefix}up\n",
        "get small files": f"get -r {server.prefix}many {local}/gotmany\n",
        "put small files": f"put -r {local}/many {server.prefix}upmany\n",
    }
    options = [*client_options(work), "-c", "aes128-gcm@openssh.com"]
    command = ["sftp", *options, "-P", str(server.port), "-b", "-", f"{server.username}@127.0.0.1"]
    return measured(
        server.process.pid,
        lambda: subprocess.run(
            command, input=commands[test], text=True, check=True, stdout=subprocess.DEVNULL
        ),
    )


def _clean(server: Server, work: Path) -> None:
    for path in (work / "local" / "got", server.files / "up"):
        path.unlink(missing_ok=True)
    for path in (work / "local" / "gotmany", server.files / "upmany"):
        shutil.rmtree(path, ignore_errors=True)
