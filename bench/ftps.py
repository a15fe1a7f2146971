"""A whole server of ours against vsftpd, by FTP over TLS: lftp and the same files, in turns, in one run.

Not part of `make bench`: vsftpd has to be installed by hand, since its package opens port 21 of the machine.
"""

import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.ftp_servers import PASSWORD, Server, ours, vsftpd
from bench.side_by_side import BIG, Figures, compare, make_files, measured, stock

SMALL = 2000
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


def run() -> list[tuple[str, float, str]]:
    """Rates of both servers with their ratios, and the ratio of their processor time."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, ExitStack() as stack:
        local = Path(folder) / "local"
        make_files(local, SMALL)
        servers = [stack.enter_context(ours(Path(folder))), stack.enter_context(vsftpd(Path(folder)))]
        for server in servers:
            stock(server, local)
        return [row for test in COMMANDS for row in _compare(test, servers, local)]


def _compare(test: str, servers: list[Server], local: Path) -> list[tuple[str, float, str]]:
    amount, unit = (BIG, "MiB/s") if "big" in test else (SMALL, "files/s")
    return compare(f"ftps: {test}", servers, amount, unit, lambda server: _measure(test, server, local))


def _measure(test: str, server: Server, local: Path) -> Figures:
    _clean(server, local)
    place = f"open -u {server.username},'{PASSWORD}' ftp://127.0.0.1:{server.port}{server.folder}"
    command = ["lftp", "-c", f"{SETTINGS}; {place}; {COMMANDS[test]}"]
    return measured(server.process.pid, lambda: subprocess.run(command, check=True, cwd=local))


def _clean(server: Server, local: Path) -> None:
    for path in (local / "got", server.files / "up"):
        path.unlink(missing_ok=True)
    for path in (local / "gotmany", server.files / "upmany"):
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
