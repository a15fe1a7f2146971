"""The FTPS doors of a whole server: their settings, its memory, its end."""

import ftplib
import os
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from innkeeper.kit.certificates import own_certificate
from tests.programs import need
from tests.servers import COMMAND, PASSWORD, Node, environment

MEBIBYTE = 1024**2
PORTS = range(50310, 50314)


class Client(ftplib.FTP_TLS):
    """Ada, who trusts every certificate."""

    def __init__(self, port: int) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(context=context, timeout=20)
        self.connect("127.0.0.1", port)

    def enter(self) -> "Client":
        self.login("ada", PASSWORD)
        self.prot_p()
        self.voidcmd("TYPE I")
        return self


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """With a certificate that was bought, few ports, behind a NAT, and open to clients without TLS."""
    folder = tmp_path_factory.mktemp("serving")
    certificate, key = own_certificate(folder / "bought", "files.example.com")
    settings = {
        "tls_certificate": str(certificate),
        "tls_key": str(key),
        "ftps_passive_ports": f"{PORTS[0]}-{PORTS[-1]}",
        "ftps_passive_address": "127.0.0.1",
        "ftp_without_tls": "true",
    }
    running = Node(folder / "data", settings=settings, with_ftps=True)
    running.init()
    running.start()
    with (running.data / "files" / "large").open("wb") as file:
        os.truncate(file.fileno(), 200 * MEBIBYTE)
    yield running
    if running.process.poll() is None:
        running.kill()


def test_the_certificate_is_the_one_of_the_settings(node: Node) -> None:
    bought = (node.data.parent / "bought" / "tls.crt").read_text()

    assert ssl.get_server_certificate(("127.0.0.1", node.implicit_port)).split() == bought.split()
    assert not (node.data / "keys" / "tls.crt").exists()


def test_data_connections_stay_within_the_ports(node: Node) -> None:
    clients = [Client(node.ftps_port).enter() for _ in PORTS]

    ports = [_passive_port(client) for client in clients]
    with pytest.raises(ftplib.error_temp, match="425"):
        Client(node.ftps_port).enter().sendcmd("EPSV")
    clients[0].close()

    assert sorted(ports) == list(PORTS)
    for client in clients[1:]:
        client.close()


def test_clients_without_tls_are_let_in_where_the_settings_say_so(node: Node) -> None:
    (node.data / "files" / "file").write_text("in clear")

    done = subprocess.run(
        [need("curl"), "-sS", "--user", f"ada:{PASSWORD}", f"ftp://127.0.0.1:{node.ftps_port}/file"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "in clear"


def test_a_download_that_nobody_reads_takes_little_memory(node: Node) -> None:
    client = Client(node.ftps_port).enter()
    client.retrbinary("RETR large", lambda _: None, rest=190 * MEBIBYTE)
    before = _memory(node)

    data = client.transfercmd("RETR large")
    data.recv(1)
    time.sleep(1)

    assert _memory(node) - before < 8 * MEBIBYTE
    data.close()
    client.close()


def test_a_certificate_that_is_of_no_use_is_told_at_the_start(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path / "one", "localhost")
    _, key = own_certificate(tmp_path / "other", "localhost")

    done = subprocess.run(
        [*COMMAND, "serve", "--data", str(tmp_path / "data"), "--ftps", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(http="127.0.0.1:0", sftp="", tls_certificate=str(certificate), tls_key=str(key)),
    )

    assert done.returncode != 0
    assert "cannot be used with the key" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_server_in_the_middle_of_a_download_ends_within_ten_seconds(node: Node) -> None:
    client = Client(node.ftps_port).enter()
    data = client.transfercmd("RETR large")
    data.recv(1)

    began = time.monotonic()
    assert node.stop() == 0

    assert time.monotonic() - began < 10
    data.close()
    client.close()


def _passive_port(client: Client) -> int:
    found = re.search(r"\((.*)\)", client.sendcmd("PASV"))
    assert found
    *address, high, low = map(int, found[1].split(","))
    assert address == [127, 0, 0, 1]
    return high * 256 + low


def _memory(node: Node) -> int:
    """What the server holds now, in bytes."""
    return int(Path(f"/proc/{node.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
