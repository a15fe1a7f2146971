"""A site whose FTPS doors are open as well, explicit and implicit, and programs that come through them."""

import ftplib
import socket
import ssl
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from innkeeper.actions.reception import Reception
from innkeeper.files.root import Root
from innkeeper.files.storage import Storage
from innkeeper.interfaces.ftps import DoorSettings, FtpsServer, House
from innkeeper.interfaces.ftps.tls import TlsContext
from innkeeper.interfaces.sftp import SftpServer
from innkeeper.kit.certificates import own_certificate
from innkeeper.kit.gate import Limits
from tests.sftp_site import PASSWORD, PATIENT, SftpSite, Supplies


class Client(ftplib.FTP_TLS):
    """ftplib's, which reuses the TLS session and trusts every certificate."""

    def __init__(self, site: "FtpsSite", *, minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = minimum
        super().__init__(context=context, timeout=20)
        self.connect("127.0.0.1", site.ftps_port)

    def enter(self, name: str = "bob", password: str = PASSWORD) -> "Client":
        """Sign in, and protect data connections."""
        self.login(name, password)
        self.prot_p()
        return self

    def put(self, path: str, content: bytes, **options: Any) -> str:
        return self.storbinary(f"STOR {path}", BytesIO(content), **options)

    def get(self, path: str, **options: Any) -> bytes:
        parts: list[bytes] = []
        self.retrbinary(f"RETR {path}", parts.append, **options)
        return b"".join(parts)


class FtpsSite(SftpSite):
    """The door of `SftpSite`, and beside it those of FTPS."""

    def __init__(
        self,
        folder: Path,
        supplies: Supplies,
        limits: Limits = PATIENT,
        *,
        reception: Any = None,
        storage: Callable[[Path], Storage] = Root,
        **ftps: Any,
    ) -> None:
        self._ftps_settings = DoorSettings(**ftps)
        self._make_reception = reception or Reception
        super().__init__(folder, supplies, limits, storage=storage)

    def client(self) -> Client:
        return Client(self)

    def signed_in(self, name: str = "bob", password: str = PASSWORD) -> Client:
        return Client(self).enter(name, password)

    def plain(self) -> "PlainLine":
        return PlainLine(self.ftps_port)

    def curl(self, *arguments: str, user: str = "bob", password: str = PASSWORD) -> "Done":
        """curl with explicit TLS; paths begin at the user's root with a second slash."""
        return self.program(
            "curl", "-sS", "--insecure", "--ssl-reqd", "--user", f"{user}:{password}", *arguments
        )

    def url(self, path: str = "/") -> str:
        return f"ftp://127.0.0.1:{self.ftps_port}/{path}"

    def lftp(self, commands: str, *, user: str = "bob", password: str = PASSWORD, url: str = "") -> "Done":
        settings = "set ssl:verify-certificate no; set ftp:ssl-force yes; set ftp:ssl-protect-data yes;"
        patience = "set net:max-retries 1; set net:timeout 10; set cmd:fail-exit yes;"
        place = url or f"ftp://127.0.0.1:{self.ftps_port}"
        return self.program(
            "lftp", "-c", f"{settings} {patience} open -u '{user},{password}' {place}; {commands}"
        )

    def rclone(self, *arguments: str, user: str = "bob") -> "Done":
        hidden = self.program("rclone", "obscure", PASSWORD).stdout.strip()
        remote = ["--ftp-host", "127.0.0.1", "--ftp-port", str(self.ftps_port), "--ftp-user", user]
        tls = ["--ftp-pass", hidden, "--ftp-explicit-tls", "--ftp-no-check-certificate"]
        return self.program("rclone", "--config", "/dev/null", "--retries", "1", *remote, *tls, *arguments)

    async def _open(self) -> SftpServer:
        server = await super()._open()
        desk: Any = self.house.desk
        reception = self._make_reception(desk, self.gate, self.root, self.live)
        self.tls = TlsContext(*own_certificate(self.folder / "certificates", "localhost"))
        self.ftps = FtpsServer(House(reception=reception, tls=self.tls), self._ftps_settings)
        self.ftps_port = await self.ftps.listen(_listener())
        self.implicit_port = await self.ftps.listen(_listener(), is_implicit=True)
        return server

    async def _close(self) -> None:
        await self.ftps.stop()
        await super()._close()


class PlainLine:
    """A control connection by hand."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._answers = self.socket.makefile("rb")

    def answer(self) -> str:
        return self._answers.readline().decode().rstrip()

    def ask(self, line: str) -> str:
        self.socket.sendall(f"{line}\r\n".encode())
        return self.answer()

    def close(self) -> None:
        self._answers.close()
        self.socket.close()


Done = subprocess.CompletedProcess[str]


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=100)
