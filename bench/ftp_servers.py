"""A server of ours and vsftpd, for the same FTP client over TLS 1.2 and with the same kind of certificate."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.side_by_side import free_port, wait_for
from innkeeper.kit.certificates import own_certificate
from tests.servers import Node, ok

PASSWORD = "staple tractor nine"
ACCOUNT = "daemon"  # vsftpd wants one with a home


@dataclass(frozen=True)
class Server:
    """One of the two; `files` is the directory it serves, `folder` how clients name that."""

    name: str
    process: "subprocess.Popen[str]"
    port: int
    username: str
    files: Path
    folder: str


@contextmanager
def ours(work: Path) -> Iterator[Server]:
    """Everything that a site runs, with one user who may do everything."""
    node = Node(work / "data", with_ftps=True)
    api_key = node.init()
    node.start()
    try:
        with node.client(api_key) as api:
            ok(api.post("/users", json={"username": "bob", "password": PASSWORD, "grants": ["/:full"]}))
        yield Server("ours", node.process, node.ftps_port, "bob", work / "data" / "files", "/")
    finally:
        node.stop()


@contextmanager
def vsftpd(work: Path) -> Iterator[Server]:
    """vsftpd, whose anonymous users may do everything; it has to be started by root."""
    program = shutil.which("vsftpd", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None or os.geteuid() != 0:
        raise SystemExit("this compares with vsftpd, as root: apt-get install vsftpd")
    files = work / "theirs" / "files"  # vsftpd insists that the top can not be written to
    files.mkdir(parents=True)
    work.chmod(0o755)
    shutil.chown(files, ACCOUNT)
    port = free_port()
    config = work / "vsftpd.conf"
    config.write_text(
        "".join(f"{key}={value}\n" for key, value in _options(work, files.parent, port).items())
    )
    process = subprocess.Popen([program, config], text=True)
    try:
        wait_for(port)
        yield Server("vsftpd", process, port, "anonymous", files, "/files")
    finally:
        process.terminate()
        process.wait()


def _options(work: Path, top: Path, port: int) -> dict[str, object]:
    certificate, key = own_certificate(work / "certificates", "localhost")
    switched_on = (
        *("listen", "anonymous_enable", "no_anon_password", "write_enable"),
        *("anon_upload_enable", "anon_mkdir_write_enable", "anon_other_write_enable", "one_process_model"),
        *("ssl_enable", "allow_anon_ssl", "force_anon_logins_ssl", "force_anon_data_ssl"),
    )
    return dict.fromkeys(switched_on, "YES") | {
        "background": "NO",
        "seccomp_sandbox": "NO",
        "listen_address": "127.0.0.1",
        "listen_port": port,
        "ftp_username": ACCOUNT,
        "anon_root": top,
        "anon_umask": "022",
        "secure_chroot_dir": top,
        "rsa_cert_file": certificate,
        "rsa_private_key_file": key,
        "ssl_ciphers": "ECDHE+AESGCM",
    }
