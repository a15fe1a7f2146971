"""The same verbs through every door. Each says whether it was let, and a listing says what it showed."""

import ftplib
import io
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote
from xml.etree import ElementTree

import asyncssh
import httpx

from innkeeper.domain.paths import name, parent
from tests.servers import Node
from tests.transfers import OWN_PAGES, ftp

NEW = b"something new"
ROW = re.compile(r'<a class="open" href="[^"]*">([^<]*)</a>')
DAV = "{DAV:}"


class Client(Protocol):
    """One user at one door. Refused and absent are both a no."""

    def names(self, folder: str) -> frozenset[str] | None:
        """What a listing shows; None when refused."""
        ...

    def sees(self, path: str) -> bool: ...
    def reads(self, path: str) -> bool: ...
    def creates(self, path: str) -> bool: ...
    def overwrites(self, path: str) -> bool: ...
    def deletes(self, path: str) -> bool: ...
    def makes_folder(self, path: str) -> bool: ...
    def removes_folder(self, path: str) -> bool: ...
    def moves(self, path: str, new_path: str) -> bool: ...
    def close(self) -> None: ...


def _was_let(verb: Callable[[], object], refusals: type[Exception] | tuple[type[Exception], ...]) -> bool:
    try:
        verb()
    except refusals:
        return False
    return True


class Sftp:
    """By asyncssh's client, in a loop of its own."""

    def __init__(self, node: Node, username: str, secret: str, run: Callable[[Any], Any]) -> None:
        self._run = run
        plain: dict[str, Any] = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None}
        plain |= {"username": username, "password": secret}
        self._connection = run(asyncssh.connect("127.0.0.1", node.sftp_port, **plain))
        self._files = run(self._connection.start_sftp_client())

    def names(self, folder: str) -> frozenset[str] | None:
        try:
            return frozenset(self._run(self._files.listdir(folder))) - {".", ".."}
        except asyncssh.SFTPError:
            return None

    def sees(self, path: str) -> bool:
        return self._try(self._files.lstat(path))

    def reads(self, path: str) -> bool:
        return self._try(self._read(path))

    def creates(self, path: str) -> bool:
        return self._try(self._write(path))

    def overwrites(self, path: str) -> bool:
        return self._try(self._write(path))

    def deletes(self, path: str) -> bool:
        return self._try(self._files.remove(path))

    def makes_folder(self, path: str) -> bool:
        return self._try(self._files.mkdir(path))

    def removes_folder(self, path: str) -> bool:
        return self._try(self._files.rmdir(path))

    def moves(self, path: str, new_path: str) -> bool:
        return self._try(self._files.rename(path, new_path))

    def close(self) -> None:
        self._connection.close()
        self._run(self._connection.wait_closed())

    def _try(self, work: Any) -> bool:
        return _was_let(lambda: self._run(work), asyncssh.SFTPError)

    async def _read(self, path: str) -> None:
        async with self._files.open(path, "rb") as file:
            assert await file.read()

    async def _write(self, path: str) -> None:
        async with self._files.open(path, "wb") as file:
            await file.write(NEW)


class Ftps:
    """By the standard library's client."""

    def __init__(self, node: Node, username: str, secret: str, _: Callable[[Any], Any]) -> None:
        self._ftp = ftp(node, username, secret)

    def names(self, folder: str) -> frozenset[str] | None:
        found: list[str] = []
        if not self._try(lambda: found.extend(name for name, _ in self._ftp.mlsd(folder))):
            return None
        return frozenset(found) - {".", ".."}

    def sees(self, path: str) -> bool:
        return self._try(lambda: self._ftp.voidcmd(f"MLST {path}"))

    def reads(self, path: str) -> bool:
        return self._try(lambda: self._ftp.retrbinary(f"RETR {path}", lambda _: None))

    def creates(self, path: str) -> bool:
        return self._try(lambda: self._ftp.storbinary(f"STOR {path}", io.BytesIO(NEW)))

    def overwrites(self, path: str) -> bool:
        return self.creates(path)

    def deletes(self, path: str) -> bool:
        return self._try(lambda: self._ftp.delete(path))

    def makes_folder(self, path: str) -> bool:
        return self._try(lambda: self._ftp.mkd(path))

    def removes_folder(self, path: str) -> bool:
        return self._try(lambda: self._ftp.rmd(path))

    def moves(self, path: str, new_path: str) -> bool:
        return self._try(lambda: self._ftp.rename(path, new_path))

    def close(self) -> None:
        with suppress(*ftplib.all_errors):
            self._ftp.quit()

    def _try(self, verb: Callable[[], object]) -> bool:
        return _was_let(verb, ftplib.error_perm)


class _Http:
    """What the doors over HTTP share: a status in the 200s is a yes, one in the 400s a no."""

    _http: httpx.Client

    def close(self) -> None:
        self._http.close()

    def _try(self, method: str, address: str, **options: Any) -> bool:
        answer = self._http.request(method, address, **options)
        assert answer.status_code < 300 or 400 <= answer.status_code < 500, answer.text
        return answer.is_success


class Webdav(_Http):
    """By its methods."""

    def __init__(self, node: Node, username: str, secret: str, _: Callable[[Any], Any]) -> None:
        self._base = f"{node.http}/dav"
        self._http = httpx.Client(auth=(username, secret), timeout=30)

    def names(self, folder: str) -> frozenset[str] | None:
        answer = self._http.request("PROPFIND", self._at(folder), headers={"Depth": "1"})
        if answer.status_code != 207:
            return None
        found = [element.text or "" for element in ElementTree.fromstring(answer.content).iter(f"{DAV}href")]
        mine = httpx.URL(self._at(folder)).path.rstrip("/")
        paths = {httpx.URL(address).path.rstrip("/") for address in found} - {mine}
        return frozenset(path.rsplit("/", 1)[1] for path in paths)

    def sees(self, path: str) -> bool:
        return self._try("PROPFIND", self._at(path), headers={"Depth": "0"})

    def reads(self, path: str) -> bool:
        return self._try("GET", self._at(path))

    def creates(self, path: str) -> bool:
        return self._try("PUT", self._at(path), content=NEW)

    def overwrites(self, path: str) -> bool:
        return self.creates(path)

    def deletes(self, path: str) -> bool:
        return self._try("DELETE", self._at(path))

    def makes_folder(self, path: str) -> bool:
        return self._try("MKCOL", self._at(path))

    def removes_folder(self, path: str) -> bool:
        return self._try("DELETE", self._at(path))

    def moves(self, path: str, new_path: str) -> bool:
        to = {"Destination": self._at(new_path), "Overwrite": "F"}
        return self._try("MOVE", self._at(path), headers=to)

    def _at(self, path: str) -> str:
        return self._base + quote(path)


class Api(_Http):
    """By the file routes of the API."""

    def __init__(self, node: Node, _: str, api_key: str, __: Callable[[Any], Any]) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(base_url=f"{node.http}/api/v1", headers=headers, timeout=30)

    def names(self, folder: str) -> frozenset[str] | None:
        found: list[str] = []
        query: dict[str, str | int] = {"path": folder, "limit": 1000}
        while (answer := self._http.get("/files", params=query)).is_success:
            page = answer.json()
            found += [entry["name"] for entry in page["items"]]
            if page["next_cursor"] is None:
                return frozenset(found)
            query["cursor"] = page["next_cursor"]
        return None

    def sees(self, path: str) -> bool:
        return self._try("GET", "/files/stat", params={"path": path})

    def reads(self, path: str) -> bool:
        return self._try("GET", "/files/content", params={"path": path})

    def creates(self, path: str) -> bool:
        return self._try("PUT", "/files/content", params={"path": path}, content=NEW)

    def overwrites(self, path: str) -> bool:
        return self.creates(path)

    def deletes(self, path: str) -> bool:
        return self._try("DELETE", "/files", params={"path": path})

    def makes_folder(self, path: str) -> bool:
        return self._try("POST", "/files/folders", json={"path": path})

    def removes_folder(self, path: str) -> bool:
        return self.deletes(path)

    def moves(self, path: str, new_path: str) -> bool:
        return self._try("POST", "/files/move", json={"path": path, "new_path": new_path})


class Web(_Http):
    """By the pages of the console, as a browser without scripts would, but for uploads."""

    def __init__(self, node: Node, username: str, secret: str, _: Callable[[Any], Any]) -> None:
        self._http = httpx.Client(base_url=node.http, headers=OWN_PAGES, timeout=30)
        signed_in = self._http.post("/sign-in", data={"username": username, "password": secret})
        assert signed_in.status_code == 303, signed_in.text

    def names(self, folder: str) -> frozenset[str] | None:
        """Those of the first page."""
        answer = self._http.get("/files", params={"path": folder})
        return frozenset(ROW.findall(answer.text)) if answer.is_success else None

    def sees(self, path: str) -> bool:
        return self._try("GET", "/files/file", params={"path": path})

    def reads(self, path: str) -> bool:
        return self._try("GET", "/files/content", params={"path": path})

    def creates(self, path: str) -> bool:
        return self._try("PUT", "/files/content", params={"path": path}, content=NEW)

    def overwrites(self, path: str) -> bool:
        return self.creates(path)

    def deletes(self, path: str) -> bool:
        return self._try("POST", "/files/delete", params={"path": path})

    def makes_folder(self, path: str) -> bool:
        return self._try("POST", "/files/folders", params={"path": parent(path)}, data={"name": name(path)})

    def removes_folder(self, path: str) -> bool:
        return self.deletes(path)

    def moves(self, path: str, new_path: str) -> bool:
        to = {"folder": parent(new_path), "name": name(new_path)}
        return self._try("POST", "/files/move", params={"path": path}, data=to)

    def _try(self, method: str, address: str, **options: Any) -> bool:
        """A page leads on after a yes."""
        answer = self._http.request(method, address, **options)
        assert answer.status_code < 500, answer.text
        return answer.status_code < 400


DOORS: dict[str, Callable[[Node, str, str, Callable[[Any], Any]], Client]] = {
    "sftp": Sftp,
    "ftps": Ftps,
    "webdav": Webdav,
    "api": Api,
    "web": Web,
}
