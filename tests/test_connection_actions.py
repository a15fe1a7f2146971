"""Actions on connections: how an open link stands after whatever happened, and whom an event touches."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from innkeeper.actions import connections, events, grants, groups, memberships, settings, ssh_keys, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.connections import EVERYBODY, LEASE, Link, Standing
from innkeeper.domain.access import Ability
from innkeeper.domain.credentials import SshKey
from innkeeper.domain.errors import Forbidden, NotFound
from innkeeper.domain.events import Recorded
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.sessions import Connection
from innkeeper.domain.users import User
from innkeeper.domain.words import ConnectionId, Level, SubjectKind
from tests.conftest import SYSTEM, FakeClock
from tests.rest import KEY, connect, token_of

DOOR = Caller("sftp", "192.0.2.7", "OpenSSH", system_name="doors")
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJ63ovFERzp/vV2+X0LJBt6wZFbOqV1j3Gnbwz4rO95 charlie@desk"
USER, GROUP = SubjectKind.USER, SubjectKind.GROUP
Happens = Callable[[Calls, User, SshKey], object]


@pytest.fixture
def key(calls: Calls, bob: User) -> SshKey:
    return calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)


@pytest.fixture
def open_one(calls: Calls, key: SshKey) -> Connection:
    return calls.write_now(DOOR, connect, "bob", key.id)


def enter(calls: Calls, user: User, public_key: str) -> Connection:
    key = calls.write_now(SYSTEM, ssh_keys.add, user.id, public_key)
    return calls.write_now(DOOR, connect, user.username, key.id)


def link_of(connection: Connection) -> Link:
    return Link(
        connection.id, connection.session_id, connection.user_id, connection.interface, connection.address
    )


def standing(calls: Calls, connection: Connection) -> Standing:
    return calls.read_now(SYSTEM, connections.recheck, [link_of(connection)])[connection.id]


def edit(calls: Calls, user: User, **values: object) -> User:
    return calls.write_now(SYSTEM, users.edit, user.id, values)


def newest(calls: Calls, kind: str) -> Recorded:
    return calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,))).items[0]


def touched(calls: Calls, kind: str) -> Iterable[str] | None:
    return calls.read_now(SYSTEM, connections.affected, newest(calls, kind))


def test_a_link_that_stands_well_has_its_rights_root_and_deadline(
    calls: Calls, bob: User, open_one: Connection
) -> None:
    edit(calls, bob, user_root="/bob", grants=["/bob:read"], access_expires_at="2027-03-31")

    now = standing(calls, open_one)

    assert (now.problem, now.user_root, now.deadline) == (None, "/bob", datetime(2027, 4, 1, tzinfo=UTC))
    assert now.access is not None
    assert Ability.READ in now.access.abilities("/bob")
    assert not now.access.abilities("/")


def test_links_of_several_users_are_looked_at_together(
    calls: Calls, bob: User, charlie: User, open_one: Connection
) -> None:
    other = enter(calls, charlie, OTHER_KEY)
    edit(calls, bob, grants=["/bob:read"])
    edit(calls, charlie, roles=["site_administrator"])

    found = calls.read_now(
        SYSTEM, connections.recheck, [link_of(open_one), link_of(other), link_of(open_one)]
    )

    assert {open_one.id, other.id} == set(found)
    assert all(now.problem is None for now in found.values())
    everywhere = found[other.id].access
    assert everywhere is not None
    assert Ability.ADMIN in everywhere.abilities("/bob")


ENDING: dict[str, tuple[str, Happens]] = {
    "suspended": ("suspended", lambda calls, bob, key: calls.write_now(SYSTEM, users.suspend, bob.id)),
    "deleted": ("deleted", lambda calls, bob, key: calls.write_now(SYSTEM, users.delete, bob.id)),
    "password reset": (
        "session_ended",
        lambda calls, bob, key: edit(calls, bob, password="a brand new password"),
    ),
    "key removed": (
        "credential_removed",
        lambda calls, bob, key: calls.write_now(SYSTEM, ssh_keys.remove, key.id),
    ),
    "door shut": (
        "protocol_not_allowed",
        lambda calls, bob, key: calls.write_now(SYSTEM, settings.edit, {"protocols": ["web", "api"]}),
    ),
}


@pytest.mark.parametrize("way", ENDING)
def test_a_link_must_end_for_the_reason_that_there_is(
    calls: Calls, bob: User, key: SshKey, open_one: Connection, way: str
) -> None:
    reason, happens = ENDING[way]

    happens(calls, bob, key)

    assert standing(calls, open_one) == Standing(reason)


def test_a_link_without_a_session_must_end(calls: Calls, open_one: Connection) -> None:
    stray = Link("stray", "no such session", open_one.user_id, "sftp", "192.0.2.7")

    assert calls.read_now(SYSTEM, connections.recheck, [stray]) == {"stray": Standing("session_ended")}


def test_leases_are_renewed_for_those_that_stand_well_and_for_no_other(
    calls: Calls, bob: User, charlie: User, open_one: Connection, clock: FakeClock
) -> None:
    other = enter(calls, charlie, OTHER_KEY)
    calls.write_now(SYSTEM, users.suspend, bob.id)
    clock.advance(seconds=5)
    readings = [{"row_id": one.id, "received": 1, "sent": 2, "path": "/x"} for one in (open_one, other)]

    bad = calls.write_now(SYSTEM, connections.renew, [link_of(open_one), link_of(other)], readings)

    assert bad == {open_one.id: Standing("suspended")}
    left = calls.read_now(SYSTEM, connections.show, open_one.id)
    renewed = calls.read_now(SYSTEM, connections.show, other.id)
    assert (left.lease_until, left.bytes_in) == (open_one.lease_until, 0)
    assert (renewed.lease_until, renewed.bytes_in, renewed.current_path) == (clock.now + LEASE, 1, "/x")


def test_an_end_is_asked_for_and_recorded(calls: Calls, bob: User, open_one: Connection) -> None:
    calls.write_now(SYSTEM, connections.end, open_one.id)

    event = newest(calls, "connection.end_asked")
    assert (event.user_id, event.data["reason"]) == (bob.id, "revoked")
    assert standing(calls, open_one) == Standing("session_ended")


def test_a_connection_is_over_once(calls: Calls, open_one: Connection) -> None:
    for _ in range(2):
        calls.write_now(SYSTEM, connections.close, open_one.id, reason="left", bytes_in=3, bytes_out=4)

    over = calls.read_now(SYSTEM, connections.show, open_one.id)
    assert (over.end_reason, over.bytes_in, over.bytes_out) == ("left", 3, 4)
    assert calls.read_now(SYSTEM, connections.page).items == []
    ended = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("connection.ended",))).items
    assert [event.data["bytes_out"] for event in ended] == [4]


def test_a_stranger_to_a_connection_does_not_find_it(
    calls: Calls, bob: User, charlie: User, open_one: Connection
) -> None:
    caller = Caller("api", "127.0.0.1", api_key=token_of(calls, charlie))

    for attempt in (open_one.id, ConnectionId("nothing")):
        with pytest.raises(NotFound):
            calls.write_now(caller, connections.end, attempt)
    reader = Caller("api", "127.0.0.1", api_key=token_of(calls, bob, is_read_only=True))
    with pytest.raises(Forbidden):
        calls.write_now(reader, connections.end, open_one.id)


def test_an_event_touches_its_user_the_members_below_its_group_or_everybody(
    calls: Calls, bob: User, charlie: User, staff: Group
) -> None:
    inner = calls.write_now(SYSTEM, groups.create, {"name": "Inner"})
    calls.write_now(SYSTEM, memberships.add, staff.id, GROUP, inner.id)
    calls.write_now(SYSTEM, memberships.add, inner.id, USER, bob.id)
    calls.write_now(SYSTEM, grants.add, "/team", GROUP, staff.id, Level.READ)
    calls.write_now(SYSTEM, groups.edit, staff.id, {"protocols": ["sftp"]})
    edit(calls, charlie, company="Engines")
    calls.write_now(SYSTEM, settings.edit, {"site_name": "Ours"})

    assert list(touched(calls, "user.edited") or ()) == [charlie.id]
    assert list(touched(calls, "grant.added") or ()) == [bob.id]
    assert list(touched(calls, "group.edited") or ()) == [bob.id]
    assert touched(calls, "settings.edited") is EVERYBODY
    assert touched(calls, "folder.created") is EVERYBODY
    calls.write_now(SYSTEM, groups.delete, staff.id)
    assert touched(calls, "group.deleted") is EVERYBODY


def test_what_happens_elsewhere_touches_nobody(calls: Calls, open_one: Connection) -> None:
    assert touched(calls, "login.succeeded") == ()
    assert touched(calls, "connection.opened") == ()
