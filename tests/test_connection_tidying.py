"""What is left of connections and sign-ins is tidied away: lost ones within hours, old ones after months."""

import pytest

from innkeeper.actions import connection_tidying, connections, sessions, ssh_keys
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.sessions import Connection
from innkeeper.domain.users import User
from innkeeper.domain.words import ConnectionId
from innkeeper.jobs.connections import tidy_connections
from tests.conftest import SYSTEM, FakeClock
from tests.console.stage import KEY
from tests.rest import connect

DOOR = Caller("sftp", "203.0.113.9", "OpenSSH", system_name="door")


@pytest.fixture
def link(calls: Calls, bob: User) -> Connection:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    return calls.write_now(DOOR, connect, "bob", key.id)


def shown(calls: Calls, link: Connection) -> Connection:
    return calls.read_now(SYSTEM, connections.show, ConnectionId(link.id))


def tidy(calls: Calls) -> None:
    tidy_connections(calls, lambda: None)


def test_a_connection_of_a_node_that_is_gone_is_closed_with_its_sign_in(
    calls: Calls, link: Connection, clock: FakeClock
) -> None:
    clock.advance(minutes=50)
    tidy(calls)
    assert shown(calls, link).ended_at is None

    clock.advance(minutes=20)
    tidy(calls)

    assert shown(calls, link).end_reason == "lost"
    assert calls.read_now(SYSTEM, sessions.page).items == []


def test_old_sign_ins_are_forgotten_with_their_connections(
    calls: Calls, link: Connection, clock: FakeClock
) -> None:
    gone = ConnectionId(link.id)
    calls.write_now(SYSTEM, connections.close, gone, reason="disconnected", bytes_in=1, bytes_out=2)
    clock.advance(days=89)
    tidy(calls)
    assert len(calls.read_now(SYSTEM, connections.page, only_open=False).items) == 1

    clock.advance(days=2)
    tidy(calls)

    assert calls.read_now(SYSTEM, connections.page, only_open=False).items == []
    assert calls.read_now(SYSTEM, sessions.page, only_open=False).items == []


def test_all_is_done_however_much_there_is(calls: Calls, bob: User, clock: FakeClock) -> None:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    for _ in range(5):
        calls.write_now(DOOR, connect, "bob", key.id)
    clock.advance(hours=2)

    while calls.write_now(SYSTEM, connection_tidying.tidy, limit=2):
        pass

    assert calls.read_now(SYSTEM, connections.page).items == []
    assert {
        found.end_reason for found in calls.read_now(SYSTEM, connections.page, only_open=False).items
    } == {"lost"}
