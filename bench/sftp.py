"""A whole server of ours against OpenSSH's: the same client and files, in turns, in one run."""

import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from tests.servers import Node, ok

BIG = 256
SMALL = 500
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """One of the two; `files` is the directory it serves, `prefix` how clients name that."""

    name: str
    process: "subprocess.Popen[str]"
    port: int
    username: str
    files: Path
    prefix: str


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
        servers = [stack.enter_context(_ours(work)), stack.enter_context(_openssh(work))]
        for server in servers:
            _stock(server, work / "local")
        rows: list[tuple[str, float, str]] = []
        for test in ("get 1 big file", "put 1 big file", "get small files", "put small files"):
            rows += _compare(test, servers, work)
        return rows


def _prepare(work: Path) -> None:
    for name in ("theirs", "keys", "local"):
        (work / name).mkdir()
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(work / "keys" / "client")
    (work / "keys" / "client").chmod(0o600)
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


@contextmanager
def _ours(work: Path) -> Iterator[Server]:
    """Everything that a site runs, with one user who may do everything."""
    node = Node(work / "data")
    api_key = node.init()
    node.start()
    try:
        with node.client(api_key) as api:
            key = asyncssh.read_private_key(work / "keys" / "client").export_public_key().decode()
            ok(api.post("/users", json={"username": "bob", "ssh_keys": [key], "grants": ["/:full"]}))
        yield Server("ours", node.process, node.sftp_port, "bob", work / "data" / "files", "/")
    finally:
        node.stop()


@contextmanager
def _openssh(work: Path) -> Iterator[Server]:
    """sshd as this very user, on a port above 1024."""
    sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
    if sshd is None:
        raise SystemExit("sshd is not installed: apt-get install openssh-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = work / "keys"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / "sshd"], check=True)
    (keys / "authorized").write_bytes(asyncssh.read_private_key(keys / "client").export_public_key())
    config = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": keys / "sshd",
        "AuthorizedKeysFile": keys / "authorized",
        "PidFile": "none",
        "UsePAM": "no",
        "StrictModes": "no",
        "Subsystem": "sftp internal-sftp",
    }
    (keys / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in config.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([sshd, "-D", "-f", keys / "sshd_config", "-E", work / "sshd.log"], text=True)
    try:
        _wait_for(port)
        username = subprocess.check_output(["id", "-un"], text=True).strip()
        yield Server("OpenSSH", process, port, username, work / "theirs", f"{work}/theirs/")
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit("sshd did not start")


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
    options = ["-q", "-F", "none", "-i", str(work / "keys" / "client"), "-o", "IdentitiesOnly=yes"]
    options += [
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR",
    ]
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
