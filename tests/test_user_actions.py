"""Actions on users at their edges: what is refused, what is left alone, what a portrait leaves out."""

import pytest

from innkeeper.actions import api_keys, events, groups, memberships, portraits, ssh_keys, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.portraits import Portrait
from innkeeper.domain.actors import Actor
from innkeeper.domain.errors import Forbidden, Invalid, NotNow, Unauthenticated
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, Role, Source, Status, SubjectKind
from tests.conftest import SYSTEM, FakeClock

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl bob@laptop"


def as_user(calls: Calls, user: User) -> Caller:
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    return Caller("api", "127.0.0.1", api_key=token)


def recorded(calls: Calls, kind: str) -> int:
    return len(calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,), limit=100)).items)


def test_a_user_needs_a_name(calls: Calls) -> None:
    with pytest.raises(Invalid, match="username: - expected a user name"):
        calls.write_now(SYSTEM, users.create, {"name": "Nobody"})


@pytest.mark.parametrize("password", ["my name is Bobbie", "write to BOBBIE@example.com"])
def test_a_password_holds_nothing_of_its_owner(calls: Calls, password: str) -> None:
    values = {"username": "bobbie", "email": "bobbie@example.com", "password": password}

    with pytest.raises(Invalid, match="without the user's name, address or company"):
        calls.write_now(SYSTEM, users.create, values)


def test_no_password_leaves_the_password_as_it_is(calls: Calls, bob: User) -> None:
    edited = calls.write_now(SYSTEM, users.edit, bob.id, {"password": None})

    assert (edited.password_hash, edited.version) == (bob.password_hash, bob.version)


def test_a_user_made_disabled_is_suspended_from_the_start(calls: Calls, clock: FakeClock) -> None:
    made = calls.write_now(SYSTEM, users.create, {"username": "late", "disabled": True})

    assert (made.status(clock.now), made.suspended_at) == (Status.SUSPENDED, clock.now)


def test_disabled_among_edited_fields_suspends_and_reactivates(calls: Calls, bob: User) -> None:
    off = calls.write_now(SYSTEM, users.edit, bob.id, {"disabled": True})
    on = calls.write_now(SYSTEM, users.edit, bob.id, {"disabled": False})

    assert (off.disabled, on.disabled) == (True, False)
    assert (recorded(calls, "user.suspended"), recorded(calls, "user.reactivated")) == (1, 1)


def test_verbs_that_ask_for_a_state_are_silent_where_it_is_so(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.unlock, bob.id)
    calls.write_now(SYSTEM, users.restore, bob.id)
    calls.write_now(SYSTEM, users.reactivate, bob.id)
    calls.write_now(SYSTEM, users.delete, bob.id)
    calls.write_now(SYSTEM, users.delete, bob.id)

    assert recorded(calls, "user.") == 2
    assert recorded(calls, "user.deleted") == 1


def test_a_user_in_the_recycle_bin_is_left_alone(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.delete, bob.id)

    for attempt in (users.suspend, users.reactivate):
        with pytest.raises(NotNow, match="recycle bin"):
            calls.write_now(SYSTEM, attempt, bob.id)


def test_an_administrator_may_be_edited_in_what_keeps_them_in(calls: Calls, ada: User) -> None:
    edited = calls.write_now(SYSTEM, users.edit, ada.id, {"company": "Engines", "roles": list(ada.roles)})

    assert (edited.company, edited.roles) == ("Engines", ada.roles)


def test_keys_become_those_that_are_named(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"ssh_keys": [KEY]})
    calls.write_now(SYSTEM, users.edit, bob.id, {"ssh_keys": [KEY]})

    calls.write_now(SYSTEM, users.edit, bob.id, {"ssh_keys": []})

    assert calls.read_now(SYSTEM, ssh_keys.page, user_id=bob.id).items == []
    assert (recorded(calls, "ssh_key.added"), recorded(calls, "ssh_key.removed")) == (1, 1)


def test_a_primary_group_is_named_and_taken_away_again(calls: Calls, bob: User, staff: Group) -> None:
    named = calls.write_now(SYSTEM, users.edit, bob.id, {"primary_group": "STAFF"})
    none = calls.write_now(SYSTEM, users.edit, bob.id, {"primary_group": ""})

    assert (named.primary_group, none.primary_group) == (staff.id, None)
    with pytest.raises(Invalid, match="primary_group: 'ghosts'"):
        calls.write_now(SYSTEM, users.edit, bob.id, {"primary_group": "ghosts"})


def test_a_group_administrator_sets_of_themselves_only_what_anyone_may(
    calls: Calls, bob: User, staff: Group
) -> None:
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id, is_admin=True)
    caller = as_user(calls, bob)

    with pytest.raises(Forbidden, match="company"):
        calls.write_now(caller, users.edit, bob.id, {"company": "Mine"})
    assert calls.write_now(caller, users.edit, bob.id, {"name": "Robert"}).name == "Robert"


def test_a_group_administrator_puts_nobody_into_a_group_they_only_belong_to(
    calls: Calls, bob: User, charlie: User, staff: Group
) -> None:
    board = calls.write_now(SYSTEM, groups.create, {"name": "Board"})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id, is_admin=True)
    calls.write_now(SYSTEM, memberships.add, board.id, SubjectKind.USER, bob.id)
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, charlie.id)

    with pytest.raises(Forbidden, match="Board"):
        calls.write_now(as_user(calls, bob), users.edit, charlie.id, {"groups": ["Staff", "Board"]})

    assert len(calls.read_now(SYSTEM, memberships.of_user, charlie.id)) == 1


def test_a_portrait_shows_groups_grants_and_keys(calls: Calls, staff: Group) -> None:
    lists = {"groups": ["Staff"], "grants": ["/a:read"], "ssh_keys": [KEY]}
    values = {"username": "dora", "primary_group": "Staff", **lists}

    made = calls.write_now(SYSTEM, portraits.create, values, source=Source.API)

    assert (
        made.groups,
        made.primary_group,
        made.grants,
        made.ssh_keys,
    ) == (("Staff",), "Staff", ("/a:read",), (KEY,))
    assert made == calls.read_now(SYSTEM, portraits.show, made.user.id)
    assert made == calls.read_now(SYSTEM, portraits.named, "DORA").items[0]
    assert calls.read_now(SYSTEM, portraits.named, "nobody").items == []


def test_a_portrait_for_one_who_owes_something_leaves_out_what_they_may_not_see(
    calls: Calls, staff: Group
) -> None:
    lists = {"groups": ["Staff"], "grants": ["/a:read"], "ssh_keys": [KEY]}
    dora = calls.write_now(SYSTEM, users.create, {"username": "dora", "primary_group": "Staff", **lists})

    def own(call: Call) -> Portrait:
        call.actor = Actor(
            "user",
            dora.id,
            dora.username,
            dora.id,
            roles=frozenset({Role.USER}),
            owes=frozenset({Duty.PASSWORD_CHANGE}),
        )
        return portraits.own(call)

    shown = calls.read_now(SYSTEM, own)

    assert (shown.groups, shown.primary_group, shown.grants, shown.ssh_keys) == ((), None, (), (KEY,))


def test_the_system_has_no_portrait_of_its_own(calls: Calls) -> None:
    with pytest.raises(Unauthenticated):
        calls.read_now(SYSTEM, portraits.own)
