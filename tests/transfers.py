"""A transfer through each door, by each credential, that stays in the middle until it is told to go on."""

import asyncio
import ftplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import httpx

from tests.kill_ways import Person
from tests.servers import Node, ok

# Far more than all buffers on the way hold; on the disk it is a hole.
SIZE = 1 << 30
PIECE = bytes(65_536)
DOWNLOADED = "/vault/large.bin"
OWN_PAGES = {"Sec-Fetch-Site": "same-origin"}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Transfer(threading.Thread):
    """Moves a first piece, waits, and then goes on as fast as it can until it is cut or complete."""

    def __init__(self, move: Callable[["Transfer"], None]) -> None:
        super().__init__(daemon=True)
        self.moved = 0
        self.is_complete = False
        self.error: Exception | None = None
        self.ended_at = 0.0
        self._move = move
        self._is_under_way = threading.Event()
        self._may_go_on = threading.Event()

    def begin(self) -> None:
        """Returns when the first piece has been moved; raises what went wrong before that."""
        self.start()
        while not self._is_under_way.wait(0.02):
            if not self.is_alive():
                raise AssertionError("the transfer did not begin") from self.error
        assert self.error is None, self.error

    def go_on(self) -> None:
        self._may_go_on.set()

    def count(self, size: int) -> None:
        """One more piece; the first one waits until it may go on."""
        self.moved += size
        if not self._is_under_way.is_set():
            self._is_under_way.set()
            self._may_go_on.wait(60)

    async def count_async(self, size: int) -> None:
        await asyncio.to_thread(self.count, size)

    def run(self) -> None:
        try:
            self._move(self)
            self.is_complete = self.moved >= SIZE
        except Exception as error:
            self.error = error
        finally:
            self.ended_at = time.monotonic()


@dataclass(frozen=True, slots=True)
class Door:
    """One door of a node, entered by one kind of credential. Both ways in the name of a person."""

    interface: str
    credential: str
    down: Callable[[Node, Person, Path, Transfer], None]
    up: Callable[[Node, Person, Path, Transfer], None]

    def download(self, node: Node, person: Person, keys: Path) -> Transfer:
        return Transfer(lambda transfer: self.down(node, person, keys, transfer))

    def upload(self, node: Node, person: Person, keys: Path) -> Transfer:
        return Transfer(lambda transfer: self.up(node, person, keys, transfer))

    def __str__(self) -> str:
        return f"{self.interface}-{self.credential}"


def pieces(transfer: Transfer) -> Iterator[bytes]:
    """What an upload sends."""
    for _ in range(SIZE // len(PIECE)):
        yield PIECE
        transfer.count(len(PIECE))


def place(person: Person) -> str:
    """Where a person uploads."""
    return f"/vault/{person.name}.bin"


def _secret(credential: str, person: Person) -> str:
    return person.api_key if credential == "api_key" else person.password


# SFTP


def _sftp(credential: str, work: Callable[[Any, Person, Transfer], Any]) -> Callable[..., None]:
    def run(node: Node, person: Person, keys: Path, transfer: Transfer) -> None:
        proof: dict[str, Any] = {"client_keys": [str(keys / "key")], "password": None}
        if credential != "ssh_key":
            proof = {"client_keys": None, "password": _secret(credential, person)}

        async def talk() -> None:
            plain: dict[str, Any] = {"known_hosts": None, "config": None, "agent_path": None}
            options = plain | proof | {"username": person.name, "local_addr": (person.address, 0)}
            async with (
                asyncssh.connect("127.0.0.1", node.sftp_port, **options) as connection,
                connection.start_sftp_client() as sftp,
            ):
                await work(sftp, person, transfer)

        asyncio.run(talk())

    return run


async def _sftp_down(sftp: Any, _: Person, transfer: Transfer) -> None:
    async with sftp.open(DOWNLOADED, "rb", block_size=0) as file:
        while data := await file.read(len(PIECE), transfer.moved):
            await transfer.count_async(len(data))


async def _sftp_up(sftp: Any, person: Person, transfer: Transfer) -> None:
    async with sftp.open(place(person), "wb", block_size=0) as file:
        while transfer.moved < SIZE:
            await file.write(PIECE, transfer.moved)
            await transfer.count_async(len(PIECE))


# FTPS


class _Ftp(ftplib.FTP_TLS):
    """Takes up the TLS session of the control connection on the data connection."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        data, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(data, server_hostname=self.host, session=session), size


def ftp(node: Node, username: str, secret: str, address: str = "127.0.0.1") -> ftplib.FTP_TLS:
    """A client at this address that has signed in."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = _Ftp(context=context, timeout=30, encoding="utf-8", source_address=(address, 0))
    client.connect("127.0.0.1", node.ftps_port)
    client.login(username, secret)
    client.prot_p()
    return client


def _ftps_down(credential: str) -> Callable[..., None]:
    def run(node: Node, person: Person, _: Path, transfer: Transfer) -> None:
        with closing(ftp(node, person.name, _secret(credential, person), person.address)) as client:
            client.voidcmd("TYPE I")
            with client.transfercmd(f"RETR {DOWNLOADED}") as data:
                while piece := data.recv(len(PIECE)):
                    transfer.count(len(piece))
            client.voidresp()

    return run


def _ftps_up(credential: str) -> Callable[..., None]:
    def run(node: Node, person: Person, _: Path, transfer: Transfer) -> None:
        with closing(ftp(node, person.name, _secret(credential, person), person.address)) as client:
            client.voidcmd("TYPE I")
            with client.transfercmd(f"STOR {place(person)}") as data:
                for piece in pieces(transfer):
                    data.sendall(piece)
            client.voidresp()

    return run


# HTTP


def _from(person: Person, **options: Any) -> httpx.Client:
    return httpx.Client(transport=httpx.HTTPTransport(local_address=person.address), timeout=30, **options)


def _web(node: Node, person: Person) -> httpx.Client:
    browser = _from(person, base_url=node.http, headers=OWN_PAGES)
    signed_in = browser.post("/sign-in", data={"username": person.name, "password": person.password})
    assert signed_in.status_code == 303, signed_in.text
    return browser


def _desktop(node: Node, person: Person) -> httpx.Client:
    client = {"client_id": "test client"}
    with closing(_web(node, person)) as browser:
        begun = ok(browser.post("/oauth/device_authorization", data=client))
        browser.post("/device/approve", data={"user_code": begun["user_code"]})
        form = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"], **client}
        token = ok(browser.post("/oauth/token", data=form))["access_token"]
    return _api(node, person, token)


def _api(node: Node, person: Person, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return _from(person, base_url=f"{node.http}/api/v1/files", headers=headers)


def _dav(credential: str) -> Callable[[Node, Person], httpx.Client]:
    def client(node: Node, person: Person) -> httpx.Client:
        proof = (person.name, _secret(credential, person))
        return _from(person, base_url=f"{node.http}/dav", auth=proof)

    return client


def _http(
    client: Callable[[Node, Person], httpx.Client], address: Callable[[str], str]
) -> tuple[Callable[..., None], Callable[..., None]]:
    """Both ways by GET and PUT at the address of a path."""

    def down(node: Node, person: Person, _: Path, transfer: Transfer) -> None:
        with closing(client(node, person)) as http, http.stream("GET", address(DOWNLOADED)) as answer:
            answer.raise_for_status()
            for piece in answer.iter_raw(len(PIECE)):
                transfer.count(len(piece))

    def up(node: Node, person: Person, _: Path, transfer: Transfer) -> None:
        with closing(client(node, person)) as http:
            http.put(address(place(person)), content=pieces(transfer)).raise_for_status()

    return down, up


def _plain(path: str) -> str:
    return path


def _by_query(path: str) -> str:
    return f"/content?path={path}"


def _by_page(path: str) -> str:
    return f"/files/content?path={path}"


def _by_token(node: Node, person: Person) -> httpx.Client:
    return _api(node, person, person.api_key)


DOORS = (
    *(
        Door("sftp", credential, _sftp(credential, _sftp_down), _sftp(credential, _sftp_up))
        for credential in ("ssh_key", "password", "api_key")
    ),
    *(Door("ftps", name, _ftps_down(name), _ftps_up(name)) for name in ("password", "api_key")),
    *(Door("webdav", name, *_http(_dav(name), _plain)) for name in ("password", "api_key")),
    Door("api", "api_key", *_http(_by_token, _by_query)),
    Door("desktop", "desktop", *_http(_desktop, _by_query)),
    Door("web", "session", *_http(_web, _by_page)),
)


def cut(transfer: Transfer, seconds: float) -> str:
    """What is wrong with the end of a transfer that had to be cut in so many seconds; empty if nothing."""
    since = time.monotonic()
    transfer.go_on()
    with suppress(RuntimeError):
        transfer.join(seconds + 5)
    if transfer.is_alive():
        return "it goes on"
    if transfer.is_complete:
        return "it came to its end"
    return "" if transfer.ended_at - since < seconds else f"cut after {transfer.ended_at - since:.1f} s"
