"""Actions on groups and memberships: each works, is refused, is idempotent, is recorded."""

from datetime import UTC, datetime

import pytest

from innkeeper.actions import api_keys, events, groups, memberships
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, Stale
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import SubjectKind
from tests.conftest import SYSTEM

USER, GROUP = SubjectKind.USER, SubjectKind.GROUP


def as_user(calls: Calls, user: User) -> Caller:
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    return Caller("api", "127.0.0.1", api_key=token)


def recorded(calls: Calls, kind: str) -> int:
    return len(calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,), limit=100)).items)


def test_a_group_is_found_by_name_whatever_its_case(calls: Calls, staff: Group) -> None:
    assert staff == calls.read_now(SYSTEM, groups.find, "STAFF")
    with pytest.raises(NotFound, match="ghosts"):
        calls.read_now(SYSTEM, groups.find, "ghosts")


def test_an_edit_records_what_differs_and_nothing_else(calls: Calls, staff: Group) -> None:
    edited = calls.write_now(SYSTEM, groups.edit, staff.id, {"notes": "all", "protocols": ["web"]})
    same = calls.write_now(SYSTEM, groups.edit, staff.id, {"notes": "all"}, version=edited.version)

    [event] = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("group.edited",))).items
    assert (event.before, event.after) == (
        {"notes": "", "protocols": None},
        {"notes": "all", "protocols": ["web"]},
    )
    assert same == edited


def test_an_edit_of_an_old_version_is_stale(calls: Calls, staff: Group) -> None:
    calls.write_now(SYSTEM, groups.edit, staff.id, {"notes": "one"})

    with pytest.raises(Stale, match="'Staff' is at version 2, not 1"):
        calls.write_now(SYSTEM, groups.edit, staff.id, {"notes": "two"}, version=staff.version)


def test_a_user_sees_their_own_groups_and_changes_none(
    calls: Calls, bob: User, charlie: User, staff: Group
) -> None:
    calls.write_now(SYSTEM, memberships.add, staff.id, USER, bob.id)
    caller = as_user(calls, bob)

    assert staff == calls.read_now(caller, groups.show, staff.id)
    with pytest.raises(NotFound):
        calls.read_now(as_user(calls, charlie), groups.show, staff.id)
    for attempt in (
        lambda: calls.write_now(caller, groups.edit, staff.id, {"notes": "mine"}),
        lambda: calls.write_now(caller, groups.delete, staff.id),
        lambda: calls.write_now(caller, groups.create, {"name": "Mine"}),
        lambda: calls.write_now(caller, memberships.add, staff.id, USER, bob.id, is_admin=True),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_members_are_counted_of_groups_that_one_may_see(
    calls: Calls, bob: User, charlie: User, staff: Group
) -> None:
    board = calls.write_now(SYSTEM, groups.create, {"name": "Board"})
    for group, user in ((staff, bob), (staff, charlie), (board, charlie)):
        calls.write_now(SYSTEM, memberships.add, group.id, USER, user.id)

    everything = calls.read_now(SYSTEM, groups.member_counts, [staff.id, board.id])
    own = calls.read_now(as_user(calls, bob), groups.member_counts, [staff.id, board.id])

    assert everything == {staff.id: 2, board.id: 1}
    assert own == {staff.id: 2}


def test_a_membership_is_added_once_and_changed_when_it_differs(
    calls: Calls, bob: User, staff: Group
) -> None:
    calls.write_now(SYSTEM, memberships.add, staff.id, USER, bob.id)
    calls.write_now(SYSTEM, memberships.add, staff.id, USER, bob.id)
    calls.write_now(SYSTEM, memberships.add, staff.id, USER, bob.id, is_admin=True)

    [entry] = calls.read_now(SYSTEM, memberships.of_group, staff.id).items
    assert entry.is_admin
    assert (recorded(calls, "membership.added"), recorded(calls, "membership.edited")) == (1, 1)


def test_a_membership_that_is_not_cannot_be_removed(calls: Calls, bob: User, staff: Group) -> None:
    calls.write_now(SYSTEM, memberships.add, staff.id, USER, bob.id)
    calls.write_now(SYSTEM, memberships.remove, staff.id, bob.id)

    with pytest.raises(NotFound, match="membership"):
        calls.write_now(SYSTEM, memberships.remove, staff.id, bob.id)
    assert recorded(calls, "membership.removed") == 1


def test_a_window_ends_after_it_starts(calls: Calls, bob: User, staff: Group) -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)

    with pytest.raises(Invalid, match="a time after 'starts_at'"):
        calls.write_now(SYSTEM, memberships.add, staff.id, USER, bob.id, starts_at=moment, ends_at=moment)


def test_a_circle_is_found_through_several_ways_down(calls: Calls, staff: Group) -> None:
    """Staff holds left and right, both hold the bottom."""
    left, right, bottom = (
        calls.write_now(SYSTEM, groups.create, {"name": name}) for name in ("Left", "Right", "Bottom")
    )
    for outer, inner in ((staff, left), (staff, right), (left, bottom), (right, bottom)):
        calls.write_now(SYSTEM, memberships.add, outer.id, GROUP, inner.id)

    with pytest.raises(Invalid, match="does not contain this one"):
        calls.write_now(SYSTEM, memberships.add, bottom.id, GROUP, staff.id)
    with pytest.raises(Invalid, match="does not contain this one"):
        calls.write_now(SYSTEM, memberships.add, staff.id, GROUP, staff.id)
