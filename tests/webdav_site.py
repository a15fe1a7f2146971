"""A real server with WebDAV, people with grants, and programs that come through the door."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.servers import PASSWORD, Node, ok

LOCK = (
    '<?xml version="1.0" encoding="utf-8"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:{scope}/></D:lockscope>'
    "<D:locktype><D:write/></D:locktype><D:owner><D:href>{owner}</D:href></D:owner></D:lockinfo>"
)
WIN32_TIMES = (
    '<?xml version="1.0" encoding="utf-8"?><D:propertyupdate xmlns:D="DAV:" '
    'xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop>'
    "<Z:Win32CreationTime>Sun, 01 Mar 2026 10:00:00 GMT</Z:Win32CreationTime>"
    "<Z:Win32LastAccessTime>Sun, 01 Mar 2026 10:00:00 GMT</Z:Win32LastAccessTime>"
    "<Z:Win32LastModifiedTime>Sun, 01 Mar 2026 10:00:00 GMT</Z:Win32LastModifiedTime>"
    "<Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>"
)
MARCH_FIRST = 1_772_359_200


class DavSite:
    """A node, its administrator Ada, and whoever is made."""

    def __init__(self, node: Node, api_key: str) -> None:
        self.node = node
        self.api_key = api_key
        self.api = node.client(api_key)
        self.files = node.data / "files"

    @property
    def url(self) -> str:
        return f"{self.node.http}/dav"

    def add(
        self, username: str, level: str | None = "full", path: str = "/", password: str = PASSWORD
    ) -> str:
        """A user, with a grant; answers the id."""
        made = ok(self.api.post("/users", json={"username": username, "password": password}))
        user_id: str = made["id"]
        if level is not None:
            grant = {
                "subject_kind": "user",
                "subject_id": user_id,
                "path": path,
                "level": level,
                "is_recursive": True,
            }
            ok(self.api.post("/grants", json=grant))
        return user_id

    def client(self, username: str = "ada", password: str = PASSWORD) -> httpx.Client:
        """A client whose paths begin below `/dav`."""
        return httpx.Client(base_url=self.url, auth=(username, password), timeout=30)

    def run(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, **options)


@contextmanager
def dav_site(folder: Path, database_url: str = "") -> Iterator[DavSite]:
    node = Node(folder / "site", database_url=database_url)
    key = node.init()
    node.start()
    try:
        yield DavSite(node, key)
    finally:
        node.stop()


def lock(client: httpx.Client, path: str, *, scope: str = "exclusive", **headers: str) -> httpx.Response:
    return client.request("LOCK", path, content=LOCK.format(scope=scope, owner="someone"), headers=headers)


def token(response: httpx.Response) -> str:
    assert response.status_code in (200, 201), response.text
    return response.headers["lock-token"]
