"""What no honest client sends: endless paths and names; and folders that never end. Doors stay upright."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Node, ok
from tests.verbs import DOORS, Client, Web

PASSWORD = "staple tractor nine"
CROWD = 25_000
PAGE = 200
# What a door may need for a listing, whatever its length: some hundred entries of each kind of text.
MOST_GROWTH = 12 * 2**20
BOMBS = {
    "ten thousand levels": "/a" * 10_000,
    "a name of 64 KB": "/" + "n" * 65_000,
    "a name of 256 bytes": "/" + "n" * 256,
    "up and away": "/.." * 1_000 + "/etc/passwd",
    "dots in every shape": "/a/./../b/.../..../../../../etc/passwd",
    "the hidden folder": "/.innkeeper-uploads/x",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, str]]:
    """A server, and the API key of Bob, who may do everything."""
    node = Node(tmp_path_factory.mktemp("abuse") / "data", with_ftps=True)
    key = node.init()
    node.start()
    with node.client(key) as api:
        user = ok(api.post("/users", json={"username": "bob", "password": PASSWORD, "grants": ["/:full"]}))
        made = ok(api.post("/api-keys", json={"user_id": user["id"], "name": "bomber"}))
    yield node, made["token"]
    assert node.stop() == 0


@pytest.fixture
def node(site: tuple[Node, str]) -> Node:
    return site[0]


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[Any], Any]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(_awaited(work), loop).result(120)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def _awaited(work: Any) -> Any:
    return await work


@pytest.fixture(params=DOORS)
def client(
    request: pytest.FixtureRequest, site: tuple[Node, str], run: Callable[[Any], Any]
) -> Iterator[Client]:
    node, api_key = site
    secret = api_key if request.param == "api" else PASSWORD
    client: Client = DOORS[request.param](node, "bob", secret, run)
    yield client
    client.close()


@pytest.mark.parametrize("path", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_and_leave_nothing(client: Client, node: Node, path: str) -> None:
    before = sorted(found.name for found in _files(node).iterdir() if found.name[0] != ".")

    assert not client.reads(path)
    assert not client.creates(path)
    assert not client.makes_folder(path)
    assert not client.sees(path)
    assert not client.deletes(path)

    assert sorted(found.name for found in _files(node).iterdir() if found.name[0] != ".") == before
    assert client.names("/") is not None


def test_a_crowded_folder_is_listed_in_little_memory(client: Client, node: Node) -> None:
    folder = _files(node) / "crowd"
    if not folder.exists():
        folder.mkdir()
        (folder / "0").write_bytes(b"x")
        for number in range(1, CROWD):
            os.link(folder / "0", folder / str(number))
    before = _peak(node)

    names = client.names("/crowd")

    assert names is not None
    assert len(names) == (PAGE if isinstance(client, Web) else CROWD)
    assert _peak(node) - before < MOST_GROWTH


def _files(node: Node) -> Path:
    return node.data / "files"


def _peak(node: Node) -> int:
    """The most memory that the server ever had, in bytes."""
    status = Path(f"/proc/{node.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
