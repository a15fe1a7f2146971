"""One oracle decides what each user may do with each path, and every door agrees with it."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from innkeeper.domain.access import Ability, GrantLine
from innkeeper.domain.paths import name, parent
from innkeeper.domain.words import Level
from tests.oracle import oracle_abilities, oracle_may_enter, oracle_shows
from tests.servers import Node, ok
from tests.verbs import DOORS, Client

CASES = 5_000
USERS = 12
PASSWORD = "staple tractor nine"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("a", "ab", "b")
FOLDERS = ["/", *("/" + "/".join(parts) for depth in (1, 2, 3) for parts in product(NAMES, repeat=depth))]
FILE = "file.txt"


@dataclass(frozen=True)
class Case:
    """Somebody wants to do something with a path; `new_path` is where they want to move it."""

    user: int
    verb: str
    path: str
    new_path: str = ""


class World:
    """What is granted to whom, and a node that knows it. Files lie in every folder."""

    def __init__(self, node: Node, api: Any) -> None:
        self.node = node
        self.files = node.data / "files"
        self.fences = ["/a/ab", "/b/b", "/ab"]
        self._random = random.Random(4)
        self._serial = 0
        self._lock = threading.Lock()
        for folder in FOLDERS:
            self.on_disk(folder).mkdir(exist_ok=True)
            self.put_file(f"{folder.rstrip('/')}/{FILE}")
        for fence in self.fences:
            ok(api.post("/folders", json={"path": fence, "is_fenced": True}))
        shared = [self._lines(3) for _ in range(3)]
        groups = [self._group(api, number, lines) for number, lines in enumerate(shared)]
        self.lines: list[list[GrantLine]] = []
        self.keys: list[str] = []
        for number in range(USERS):
            own, group = self._lines(3), number % len(groups)
            user = ok(api.post("/users", json={"username": f"user{number}", "password": PASSWORD}))
            ok(api.put(f"/memberships/{groups[group]}/{user['id']}", json={}))
            self._grant(api, "user", user["id"], own)
            made = ok(api.post("/api-keys", json={"user_id": user["id"], "name": "oracle"}))
            self.keys.append(made["token"])
            self.lines.append([*own, *shared[group]])

    def on_disk(self, path: str) -> Path:
        return self.files / path.lstrip("/")

    def put_file(self, path: str) -> None:
        self.on_disk(path).write_bytes(b"something")

    def fresh(self, folder: str) -> str:
        """A path in this folder that never was."""
        with self._lock:
            self._serial += 1
            return f"{folder.rstrip('/')}/new{self._serial}"

    def cases(self) -> list[Case]:
        verbs = sorted(VERBS)
        return [
            Case(
                self._random.randrange(USERS),
                self._random.choice(verbs),
                self._random.choice(FOLDERS),
                self._random.choice(FOLDERS),
            )
            for _ in range(CASES)
        ]

    def may(self, user: int, folder: str, ability: Ability) -> bool:
        return oracle_abilities(folder, self.lines[user], self.fences, NOW) & ability == ability

    def shows(self, user: int, path: str) -> bool:
        return oracle_shows(parent(path), name(path), self.lines[user], self.fences, NOW)

    def enters(self, user: int, folder: str) -> bool:
        return folder == "/" or oracle_may_enter(folder, self.lines[user], self.fences, NOW)

    def _lines(self, count: int) -> list[GrantLine]:
        picked = self._random.sample([(path, level) for path in FOLDERS for level in Level], count)
        return [GrantLine(path, level, self._random.random() < 0.6) for path, level in picked]

    def _group(self, api: Any, number: int, lines: list[GrantLine]) -> str:
        group: str = ok(api.post("/groups", json={"name": f"group{number}"}))["id"]
        self._grant(api, "group", group, lines)
        return group

    def _grant(self, api: Any, kind: str, subject: str, lines: list[GrantLine]) -> None:
        for line in lines:
            wanted = {"subject_kind": kind, "subject_id": subject, "path": line.path}
            wanted |= {"level": line.level.value, "is_recursive": line.recursive}  # type: ignore[dict-item]
            ok(api.post("/grants", json=wanted))


Answer = tuple[object, object]
MOVE = Ability.READ | Ability.DELETE


def listing(world: World, case: Case, client: Client) -> Answer:
    there = frozenset(entry.name for entry in world.on_disk(case.path).iterdir() if entry.name[0] != ".")
    lasting = {found for found in there if found == FILE or found in NAMES}
    base = case.path.rstrip("/")
    shown = frozenset(found for found in lasting if world.shows(case.user, f"{base}/{found}"))
    got = client.names(case.path)
    wanted = shown if world.enters(case.user, case.path) else None
    return wanted, None if got is None else frozenset(found for found in got if found in lasting)


def seeing(world: World, case: Case, client: Client) -> Answer:
    path = _file(case)
    return world.shows(case.user, path), client.sees(path)


def seeing_folder(world: World, case: Case, client: Client) -> Answer:
    wanted = world.enters(case.user, case.path) or world.shows(case.user, case.path)
    return wanted, client.sees(case.path)


def reading(world: World, case: Case, client: Client) -> Answer:
    return world.may(case.user, case.path, Ability.READ), client.reads(_file(case))


def creating(world: World, case: Case, client: Client) -> Answer:
    path = world.fresh(case.path)
    done = client.creates(path)
    assert world.on_disk(path).exists() == done
    world.on_disk(path).unlink(missing_ok=True)
    return world.may(case.user, case.path, Ability.CREATE), done


def overwriting(world: World, case: Case, client: Client) -> Answer:
    path = world.fresh(case.path)
    world.put_file(path)
    done = client.overwrites(path)
    assert (world.on_disk(path).read_bytes() != b"something") == done
    world.on_disk(path).unlink()
    return world.may(case.user, case.path, Ability.MODIFY), done


def deleting(world: World, case: Case, client: Client) -> Answer:
    path = world.fresh(case.path)
    world.put_file(path)
    done = client.deletes(path)
    assert world.on_disk(path).exists() != done
    world.on_disk(path).unlink(missing_ok=True)
    return world.may(case.user, case.path, Ability.DELETE), done


def making_folder(world: World, case: Case, client: Client) -> Answer:
    path = world.fresh(case.path)
    done = client.makes_folder(path)
    assert world.on_disk(path).is_dir() == done
    if done:
        world.on_disk(path).rmdir()
    return world.may(case.user, case.path, Ability.CREATE), done


def removing_folder(world: World, case: Case, client: Client) -> Answer:
    path = world.fresh(case.path)
    world.on_disk(path).mkdir()
    done = client.removes_folder(path)
    assert world.on_disk(path).exists() != done
    if not done:
        world.on_disk(path).rmdir()
    return world.may(case.user, case.path, Ability.DELETE), done


def moving(world: World, case: Case, client: Client) -> Answer:
    path, new_path = world.fresh(case.path), world.fresh(case.new_path)
    world.put_file(path)
    done = client.moves(path, new_path)
    assert (world.on_disk(path).exists(), world.on_disk(new_path).exists()) == (not done, done)
    world.on_disk(new_path if done else path).unlink()
    wanted = world.may(case.user, case.path, MOVE) and world.may(case.user, case.new_path, Ability.CREATE)
    return wanted, done


VERBS: dict[str, Callable[[World, Case, Client], Answer]] = {
    verb.__name__: verb
    for verb in (
        listing,
        seeing,
        seeing_folder,
        reading,
        creating,
        overwriting,
        deleting,
        making_folder,
        removing_folder,
        moving,
    )
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("doors") / "data"
    node = Node(data, with_ftps=True)
    api_key = node.init()
    node.start()
    with node.client(api_key) as api:
        yield World(node, api)
    assert node.stop() == 0


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[Any], Any]]:
    """Runs a coroutine in a loop that lasts as long as the tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(_awaited(work), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def _awaited(work: Any) -> Any:
    return await work


@pytest.mark.parametrize("door", DOORS)
def test_every_door_agrees_with_the_oracle(world: World, run: Callable[[Any], Any], door: str) -> None:
    cases = world.cases()
    if door == "web":  # a page costs as much as thirty verbs elsewhere
        cases = cases[::3]

    def ask(user: int) -> list[tuple[Case, Answer]]:
        secret = world.keys[user] if door == "api" else PASSWORD
        client: Client = DOORS[door](world.node, f"user{user}", secret, run)
        mine = [case for case in cases if case.user == user]
        answers = [(case, VERBS[case.verb](world, case, client)) for case in mine]
        client.close()
        return answers

    with ThreadPoolExecutor(4) as pool:
        answered = [pair for answers in pool.map(ask, range(USERS)) for pair in answers]

    assert len(answered) == len(cases)
    assert [case for case, (wanted, got) in answered if wanted != got] == []
    assert {wanted is None or wanted is False for _, (wanted, _) in answered} == {True, False}


def _file(case: Case) -> str:
    return f"{case.path.rstrip('/')}/{FILE}"
