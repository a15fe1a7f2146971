"""A server of ours and one of OpenSSH's, for the same client."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from bench.side_by_side import free_port, wait_for
from tests.servers import Node, ok


@dataclass(frozen=True)
class Server:
    """One of the two; `files` is the directory it serves, `prefix` how clients name that."""

    name: str
    process: "subprocess.Popen[str]"
    port: int
    username: str
    files: Path
    prefix: str


def make_keys(work: Path) -> None:
    """The client's key, and a directory for what OpenSSH serves."""
    for name in ("theirs", "keys"):
        (work / name).mkdir()
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(work / "keys" / "client")
    (work / "keys" / "client").chmod(0o600)


def client_options(work: Path) -> list[str]:
    """What OpenSSH's programs need to come in with that key, and without the developer's own set-up."""
    pairs = {
        "IdentitiesOnly": "yes",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
    }
    options = ["-q", "-F", "none", "-i", str(work / "keys" / "client")]
    return [*options, *(part for name, value in pairs.items() for part in ("-o", f"{name}={value}"))]


@contextmanager
def ours(work: Path) -> Iterator[Server]:
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
def openssh(work: Path) -> Iterator[Server]:
    """sshd as this very user, on a port above 1024."""
    sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
    if sshd is None:
        raise SystemExit("sshd is not installed: apt-get install openssh-server")
    port = free_port()
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
        wait_for(port)
        username = subprocess.check_output(["id", "-un"], text=True).strip()
        yield Server("OpenSSH", process, port, username, work / "theirs", f"{work}/theirs/")
    finally:
        process.terminate()
        process.wait()
