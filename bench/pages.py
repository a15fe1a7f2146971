"""Every page of the console with 10,000 users, 100 groups, 500 folders and their history."""

import statistics
import tempfile
import time
from pathlib import Path

import httpx

from innkeeper.actions import grants, groups, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.words import Level, SubjectKind
from innkeeper.store.database import Database, sqlite_url
from tests.servers import PASSWORD, Node

USERS, GROUPS, FOLDERS, CHUNK = 10_000, 100, 500, 500
PAGES = (
    "/",
    "/users",
    "/users?q=user+77",
    "/users?sort=-last_active",
    "/users/new",
    "/groups",
    "/folders",
    "/imports",
    "/activity",
    "/settings",
    "/account",
    "/search?q=user77",
)
FILLER = Caller("bench", system_name="bench")


def run() -> list[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as directory:
        node = Node(Path(directory) / "data")
        node.init()
        user_id = fill(node.data)
        node.start()
        try:
            return measure(node, user_id)
        finally:
            node.stop()


def fill(data: Path) -> str:
    """People, groups, folders and grants; answers the id of one user."""
    database = Database(sqlite_url(data))
    calls = Calls(database)
    calls.write_now(FILLER, _make_groups)
    last = ""
    for start in range(0, USERS, CHUNK):
        last = calls.write_now(FILLER, _make_users, start)
    calls.hasher.close()
    database.close()
    return last


def _make_groups(call: Call) -> None:
    for number in range(GROUPS):
        group = groups.create(call, {"name": f"Group {number}"})
        for folder in range(FOLDERS // GROUPS):
            grants.add(call, f"/teams/{number}/{folder}", SubjectKind.GROUP, group.id, Level.READ)


def _make_users(call: Call, start: int) -> str:
    user_id = ""
    for number in range(start, start + CHUNK):
        values = {
            "username": f"user{number}",
            "name": f"User {number}",
            "email": f"user{number}@example.com",
            "groups": [f"Group {number % GROUPS}"],
        }
        user_id = users.create(call, values).id
    return user_id


def measure(node: Node, user_id: str) -> list[tuple[str, float, str]]:
    with httpx.Client(base_url=node.http, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
        answer = browser.post("/sign-in", data={"username": "ada", "password": PASSWORD})
        assert answer.status_code in (302, 303), answer.status_code
        return [(path, _median(browser, path), "ms, median of 15") for path in (*PAGES, f"/users/{user_id}")]


def _median(browser: httpx.Client, path: str) -> float:
    waits = []
    for _ in range(15):
        started = time.perf_counter()
        answer = browser.get(path)
        waits.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(waits)


if __name__ == "__main__":
    for row in run():
        print(row)
