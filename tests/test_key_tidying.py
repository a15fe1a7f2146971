"""The job that removes keys: each once, with one event, however many nodes are at it."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from innkeeper.actions import api_keys, events, settings, ssh_keys, users
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import NotFound
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.jobs.keys import tidy_keys
from innkeeper.kit.keypairs import KeyKind, make_key_pair
from innkeeper.store.database import Database
from innkeeper.store.migrations import migrate
from tests.conftest import SYSTEM, FakeClock
from tests.postgresql import Server
from tests.servers import environment

ROOT = Path(__file__).parents[1]
NUMBER = 30


def add_keys(calls: Calls, user: User, number: int) -> None:
    for _ in range(number):
        pair = make_key_pair(KeyKind.ED25519)
        calls.write_now(SYSTEM, ssh_keys.add, user.id, pair.public_key)
        calls.write_now(SYSTEM, api_keys.create, user.id, "test")


def removals(calls: Calls) -> list[str]:
    query = EventQuery(kinds=("ssh_key.removed", "api_key.revoked"), limit=500)
    return [event.target.id for event in calls.read_now(SYSTEM, events.page, query).items]


def no_pause() -> None:
    """Nobody stops these."""


def test_two_that_tidy_at_once_remove_each_key_once(calls: Calls, bob: User, clock: FakeClock) -> None:
    add_keys(calls, bob, NUMBER)
    clock.advance(days=10)
    fresh = calls.write_now(SYSTEM, ssh_keys.add, bob.id, make_key_pair(KeyKind.ED25519).public_key)
    rules = {"ssh_key_unused_days": 5, "api_key_maximum_days": 5}
    calls.write_now(SYSTEM, settings.edit, rules)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(tidy_keys, calls, no_pause) for _ in range(4)]:
            done.result()

    gone = removals(calls)
    assert len(gone) == len(set(gone)) == 2 * NUMBER
    assert calls.read_now(SYSTEM, ssh_keys.show, fresh.id).id == fresh.id
    event = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("api_key.revoked",))).items[0]
    assert (event.actor_kind, event.actor_name, event.interface) == ("system", "key rules", "job")
    assert event.data == {"reason": "too_old"}
    assert event.user_id == bob.id


def test_two_that_remove_the_same_key_remove_it_once(calls: Calls, bob: User) -> None:
    add_keys(calls, bob, 10)
    wanted: list[tuple[Callable[..., None], str]] = [
        *((ssh_keys.remove, key.id) for key in calls.read_now(SYSTEM, ssh_keys.page).items),
        *((api_keys.revoke, key.id) for key in calls.read_now(SYSTEM, api_keys.page).items),
    ]

    def take_away(action: Callable[..., None], key_id: str) -> None:
        calls.write_now(SYSTEM, action, key_id)

    with ThreadPoolExecutor(4) as threads:
        tries = [threads.submit(take_away, *want) for want in wanted for _ in range(2)]
        refusals = [error for attempt in tries if (error := attempt.exception()) is not None]

    assert sorted(removals(calls)) == sorted(key_id for _, key_id in wanted)
    assert {type(error) for error in refusals} == {NotFound}


def test_two_nodes_share_the_schedule(postgresql_server: Server, tmp_path: Path) -> None:
    """Real processes: every turn is taken by one of them, and every key goes once."""
    url = postgresql_server.new_database()
    now = datetime.now(UTC)
    with closing(Database(url, clock=lambda: now - timedelta(days=10))) as database:
        migrate(database.engine)
        calls = Calls(database)
        bob = calls.write_now(SYSTEM, users.create, {"username": "bob"})
        add_keys(calls, bob, NUMBER)
        calls.write_now(SYSTEM, settings.edit, {"ssh_key_maximum_days": 5, "api_key_unused_days": 5})
        command = [sys.executable, "-m", "tests.tidying_node", url]
        nodes = [
            subprocess.Popen(
                [*command, str(tmp_path / name)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env=environment(),
            )
            for name in ("one", "two")
        ]
        deadline = time.monotonic() + 60
        while len(removals(calls)) < 2 * NUMBER and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(3)
        turns = [node.communicate("", timeout=30)[0].split() for node in nodes]
        gone = removals(calls)

    assert len(gone) == len(set(gone)) == 2 * NUMBER
    assert [node.returncode for node in nodes] == [0, 0]
    assert len(turns[0] + turns[1]) > 2
    assert not set(turns[0]) & set(turns[1])
