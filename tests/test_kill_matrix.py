"""Every way of stopping someone × every credential × every door, in the middle of a transfer.

On one node, and on two that share a database: the administrator acts at the first, the transfers run at the
last. OpenSSH's own client is stopped the same ways in test_kill_path.py. What another node adds is the way of
the event, which uploads share with downloads: so there it is downloads alone.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from innkeeper.actions.connections import TOUCHING
from innkeeper.domain.logins import INTERFACE_PROOFS, Proof
from innkeeper.domain.words import Protocol
from tests.kill_ways import WAYS, Person, Way
from tests.postgresql import Server
from tests.programs import need
from tests.servers import Node, ok
from tests.transfers import DOORS, SIZE, Door, Transfer, cut

# Far less than the lease, which would end a connection in any case. How soon it really is: bench/kill.py.
WORST_SECONDS = 8.0
PASSWORD = "staple tractor nine"
SITES = ("one node", "two nodes")
Cell = tuple[Way, str]


class Site:
    """One or two nodes; Ada acts at the first, people come to the last."""

    def __init__(self, nodes: list[Node], api: httpx.Client, keys: Path) -> None:
        self.api = api
        self.here = nodes[-1]
        self.is_alone = len(nodes) == 1
        self.directions = ("down", "up") if self.is_alone else ("down",)
        self.keys = keys
        self._number = 0

    def person(self, way: Way, direction: str) -> Person:
        self._number += 1
        name = f"{direction}{self._number}"
        public_key = (self.keys / "key.pub").read_text()
        values = {"username": name, "password": PASSWORD, "ssh_keys": [public_key]}
        user = ok(self.api.post("/users", json=values))
        group = ok(self.api.post("/groups", json={"name": f"{way.name} {name}"}))
        ok(self.api.put(f"/memberships/{group['id']}/{user['id']}", json={}))
        granted = {"subject_kind": "group", "subject_id": group["id"], "path": "/vault", "level": "full"}
        grant = ok(self.api.post("/grants", json=granted))
        key = ok(self.api.post("/api-keys", json={"user_id": user["id"], "name": "for transfers"}))
        ssh_key = ok(self.api.get("/ssh-keys", params={"user_id": user["id"]}))["items"][0]
        return Person(
            name=name,
            password=PASSWORD,
            address=f"127.0.{self._number // 250 + 1}.{self._number % 250 + 1}",
            user=user,
            group_id=group["id"],
            grant_id=grant["id"],
            key_id=ssh_key["id"],
            api_key_id=key["id"],
            api_key=key["token"],
        )


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("matrix")
    data = directory / "data"
    url = ""
    if request.param == "two nodes":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    api_key = Node(data, database_url=url).init()
    nodes = [Node(data, database_url=url, with_ftps=True).start() for _ in range(2 if url else 1)]
    (data / "files" / "vault").mkdir()
    with (data / "files" / "vault" / "large.bin").open("wb") as file:
        os.truncate(file.fileno(), SIZE)
    key = str(directory / "key")
    subprocess.run([need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    yield Site(nodes, nodes[0].client(api_key), directory)
    for node in nodes:
        assert node.stop() == 0


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_whoever_is_stopped_is_cut_off_in_the_middle(site: Site, door: Door) -> None:
    ways = [way for way in WAYS if way.applies_to(door.credential)]
    people = {(way, direction): site.person(way, direction) for way in ways for direction in site.directions}
    with ThreadPoolExecutor(8) as pool:
        begun = pool.map(lambda cell: _begun(_way_of(door, cell), site, people[cell]), people)
        transfers = dict(zip(people, begun, strict=True))

    def stopped(cell: Cell) -> str:
        return _stopped(site, cell, people[cell], transfers[cell])

    with ThreadPoolExecutor(20) as pool:
        later = pool.map(stopped, [cell for cell in people if cell[0].takes])
        found = [stopped(cell) for cell in people if not cell[0].takes] + list(later)
    with ThreadPoolExecutor(20) as pool:
        barred = [cell for cell in people if cell[0].bars and site.is_alone]
        found += pool.map(lambda cell: _came_back(site, door, cell, people[cell]), barred)

    assert [words for words in found if words] == []
    kinds = {event["kind"] for event in _all_events(site.api)}
    assert [way.event for way in ways if not any(kind.startswith(way.event) for kind in kinds)] == []


def test_every_door_and_proof_has_its_row() -> None:
    rows = {(door.interface, door.credential) for door in DOORS}
    names = {Proof.PASSWORD: "password", Proof.PUBLIC_KEY: "ssh_key", Proof.API_KEY: "api_key"}
    wanted = {
        (interface, "session" if interface == "web" else names[proof])
        for interface, proofs in INTERFACE_PROOFS.items()
        for proof in proofs & names.keys()
    }

    assert {str(protocol) for protocol in Protocol} == {interface for interface, _ in rows}
    assert wanted | {("desktop", "desktop")} == rows


# What concerns everybody at once has tests of its own: below, in test_room.py (fences), in test_stopping.py.
ELSEWHERE = {"settings.edited", "folder.", "factor.reset"}


def test_every_event_that_touches_connections_has_its_way() -> None:
    kinds = {way.event for way in WAYS}

    assert {prefix for prefix in TOUCHING if not any(agree(kind, prefix) for kind in kinds)} == ELSEWHERE


def agree(kind: str, prefix: str) -> bool:
    """One of the two says more than the other, and they agree as far as both go."""
    return kind.startswith(prefix) or prefix.startswith(kind)


def test_doors_that_the_site_shuts_cut_everyone_there(site: Site) -> None:
    others = [door for door in DOORS if door.interface not in ("api", "desktop")]
    transfers = [_begun(door.download, site, site.person(WAYS[0], "site")) for door in others]

    ok(site.api.patch("/settings", json={"protocols": ["api", "desktop"]}))
    found = [
        f"{door}: {words}" for door, one in zip(others, transfers, strict=True) if (words := cut(one, 8))
    ]
    ok(site.api.patch("/settings", json={"protocols": None}))

    assert found == []


def _way_of(door: Door, cell: Cell) -> Callable[[Node, Person, Path], Transfer]:
    return door.download if cell[1] == "down" else door.upload


def _begun(make: Callable[[Node, Person, Path], Transfer], site: Site, person: Person) -> Transfer:
    transfer = make(site.here, person, site.keys)
    transfer.begin()
    return transfer


def _stopped(site: Site, cell: Cell, person: Person, transfer: Transfer) -> str:
    way, direction = cell
    way.act(site.api, person)
    found = cut(transfer, WORST_SECONDS + way.takes)
    return f"{way.name}, {direction}: {found}" if found else ""


def _came_back(site: Site, door: Door, cell: Cell, person: Person) -> str:
    """Try the same once more. A client may have sent a piece before it hears the refusal."""
    way, direction = cell
    transfer = _way_of(door, cell)(site.here, person, site.keys)
    transfer.go_on()
    transfer.start()
    transfer.join(20)
    return "" if transfer.error is not None else f"{way.name}, {direction}: began once more"


def _all_events(api: httpx.Client) -> Iterator[dict[str, str]]:
    cursor = None
    while True:
        page = ok(api.get("/events", params={"limit": 500} | ({"cursor": cursor} if cursor else {})))
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
