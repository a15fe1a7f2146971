"""Actions on users: each works, is refused, is idempotent, is recorded."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from innkeeper.actions import access, api_keys, events, grants, groups, memberships, ssh_keys, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Duplicate, Forbidden, Invalid, NotFound, NotNow, Stale, Unauthenticated
from innkeeper.domain.events import Kind
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import EventQuery, UserQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Level, Status, SubjectKind
from tests.conftest import SYSTEM, FakeClock

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl bob@laptop"


def as_user(calls: Calls, user: User) -> Caller:
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    return Caller("api", "127.0.0.1", api_key=token)


def kinds(calls: Calls) -> list[str]:
    page = calls.read_now(SYSTEM, events.page, EventQuery(limit=100))
    return [event.kind.value for event in page.items]


def test_create_brings_groups_grants_and_keys(calls: Calls, staff: Group) -> None:
    values = {
        "username": "dora",
        "groups": ["staff"],
        "grants": ["/projects/a:read", "/inbox:write:only"],
        "ssh_keys": [KEY],
        "tags": ["x", "y"],
        "attributes": {"badge": 7},
        "access_expires_at": "2027-03-31",
    }

    dora = calls.write_now(SYSTEM, users.create, values)

    again = calls.read_now(SYSTEM, users.show, dora.id)
    assert dora == again
    assert datetime(2027, 4, 1, tzinfo=UTC) == again.access_expires_at
    assert [staff.id] == [entry.group_id for entry in calls.read_now(SYSTEM, memberships.of_user, dora.id)]
    held = calls.read_now(SYSTEM, grants.page, subject_id=dora.id).items
    assert {("/projects/a", "read", True), ("/inbox", "write", False)} == {
        (grant.path, grant.level, grant.is_recursive) for grant in held
    }
    assert [key.label for key in calls.read_now(SYSTEM, ssh_keys.page, user_id=dora.id).items] == [
        "bob@laptop"
    ]
    assert {"user.created", "membership.added", "grant.added", "ssh_key.added"} <= set(kinds(calls))


def test_a_name_that_differs_only_in_case_is_taken(calls: Calls, bob: User) -> None:
    with pytest.raises(Duplicate) as caught:
        calls.write_now(SYSTEM, users.create, {"username": "BOB"})

    assert "username" in str(caught.value)
    assert "BOB" in str(caught.value)


def test_every_problem_is_named_at_once_and_nothing_is_stored(calls: Calls) -> None:
    values = {"username": "a b", "email": "nope", "access_expires_at": "31.3.2027", "colour": "red"}

    with pytest.raises(Invalid) as caught:
        calls.write_now(SYSTEM, users.create, values)

    assert {"username", "email", "access_expires_at", "colour"} == {p.field for p in caught.value.problems}
    assert calls.read_now(SYSTEM, users.page, UserQuery()).items == []


@pytest.mark.parametrize("bad", ["a\0b@c.de", "\ud800", 2**70, float("nan"), {"\0": 1}, [["\udcff"]]])
def test_what_no_database_can_hold_is_refused_in_every_field(calls: Calls, bad: object) -> None:
    for field in ("email", "name", "notes", "tags", "groups", "attributes", "external_ids", "user_root"):
        values = {"username": "x", field: {"key": bad} if field in ("attributes", "external_ids") else bad}
        with pytest.raises(Invalid) as caught:
            calls.write_now(SYSTEM, users.create, values)

        assert [field] == [problem.field for problem in caught.value.problems]


def test_an_unknown_group_leaves_no_user_behind(calls: Calls) -> None:
    with pytest.raises(Invalid):
        calls.write_now(SYSTEM, users.create, {"username": "eve", "groups": ["ghosts"]})

    with pytest.raises(NotFound):
        calls.read_now(SYSTEM, users.find, "eve")
    assert kinds(calls) == []


def test_edit_records_only_what_differs(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"company": "Analytical Engines", "name": "Bob Byron"})

    event = calls.read_now(SYSTEM, events.page, EventQuery(user_id=bob.id)).items[0]
    assert event.kind == Kind.USER_EDITED
    assert event.before == {"company": ""}
    assert event.after == {"company": "Analytical Engines"}


def test_an_edit_that_changes_nothing_is_silent(calls: Calls, bob: User) -> None:
    before = kinds(calls)

    same = calls.write_now(SYSTEM, users.edit, bob.id, {"name": bob.name})

    assert bob.version == same.version
    assert before == kinds(calls)


def test_an_edit_of_an_old_version_is_stale(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"company": "One"})

    with pytest.raises(Stale):
        calls.write_now(SYSTEM, users.edit, bob.id, {"company": "Two"}, version=bob.version)


def test_edit_sets_groups_and_grants_to_what_is_named(calls: Calls, bob: User, staff: Group) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"groups": ["Staff"], "grants": ["/a:read", "/b:full"]})

    calls.write_now(SYSTEM, users.edit, bob.id, {"groups": [], "grants": ["/b:full"]})

    assert calls.read_now(SYSTEM, memberships.of_user, bob.id) == []
    assert [grant.path for grant in calls.read_now(SYSTEM, grants.page, subject_id=bob.id).items] == ["/b"]


def test_suspend_works_is_idempotent_and_is_recorded_once(calls: Calls, bob: User, clock: FakeClock) -> None:
    suspended = calls.write_now(SYSTEM, users.suspend, bob.id, reason="left")
    calls.write_now(SYSTEM, users.suspend, bob.id, reason="again")

    assert suspended.status(clock.now) == Status.SUSPENDED
    assert calls.read_now(SYSTEM, users.show, bob.id).suspend_reason == "left"
    assert kinds(calls).count("user.suspended") == 1


def test_a_suspended_user_has_no_working_api_key(calls: Calls, bob: User) -> None:
    caller = as_user(calls, bob)
    calls.read_now(caller, users.show, bob.id)

    calls.write_now(SYSTEM, users.suspend, bob.id)

    with pytest.raises(Unauthenticated):
        calls.read_now(caller, users.show, bob.id)


def test_the_last_site_administrator_stays(calls: Calls, ada: User) -> None:
    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, users.suspend, ada.id)
    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, users.delete, ada.id)
    refused: tuple[dict[str, object], ...] = (
        {"authentication_method": "none"},
        {"roles": []},
        {"access_expires_at": "2026-12-31"},
    )
    for values in refused:
        with pytest.raises(NotNow):
            calls.write_now(SYSTEM, users.edit, ada.id, values)


def test_nobody_suspends_themselves(calls: Calls, ada: User) -> None:
    calls.write_now(SYSTEM, users.create, {"username": "second", "roles": ["site_administrator"]})

    with pytest.raises(NotNow):
        calls.write_now(as_user(calls, ada), users.suspend, ada.id)


def test_a_user_sees_and_edits_only_themselves(calls: Calls, bob: User, charlie: User) -> None:
    caller = as_user(calls, bob)

    assert bob.username == calls.read_now(caller, users.show, bob.id).username
    with pytest.raises(NotFound):
        calls.read_now(caller, users.show, charlie.id)
    with pytest.raises(NotFound):
        calls.write_now(caller, users.edit, charlie.id, {"name": "X"})
    with pytest.raises(Forbidden):
        calls.write_now(caller, users.edit, bob.id, {"roles": ["site_administrator"]})
    with pytest.raises(Forbidden):
        calls.write_now(caller, users.create, {"username": "friend"})
    assert calls.write_now(caller, users.edit, bob.id, {"name": "Bobby"}).name == "Bobby"


def test_a_group_administrator_reaches_their_members_but_no_administrator(
    calls: Calls, ada: User, bob: User, charlie: User, staff: Group
) -> None:
    for user, is_admin in ((bob, True), (ada, False), (charlie, False)):
        calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, user.id, is_admin=is_admin)
    caller = as_user(calls, bob)

    calls.write_now(caller, users.suspend, charlie.id)
    calls.write_now(caller, users.reactivate, charlie.id)
    fresh = calls.write_now(caller, users.create, {"username": "new", "groups": ["Staff"]})

    assert {"ada", "bob", "charlie", "new"} == {
        user.username for user in calls.read_now(caller, users.page, UserQuery()).items
    }
    assert fresh.username == "new"
    with pytest.raises(Forbidden):
        calls.write_now(caller, users.suspend, ada.id)
    with pytest.raises(Invalid):
        calls.write_now(caller, users.create, {"username": "outsider"})
    with pytest.raises(Forbidden):
        calls.write_now(caller, users.edit, charlie.id, {"user_root": "/"})
    with pytest.raises(Forbidden):
        calls.write_now(caller, users.delete, charlie.id)


def test_a_group_administrator_changes_no_group_that_they_only_belong_to(
    calls: Calls, bob: User, charlie: User, staff: Group
) -> None:
    other = calls.write_now(SYSTEM, groups.create, {"name": "Board"})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id, is_admin=True)
    calls.write_now(SYSTEM, memberships.add, other.id, SubjectKind.USER, bob.id)
    calls.write_now(SYSTEM, users.edit, charlie.id, {"groups": ["Staff", "Board"]})
    caller = as_user(calls, bob)

    calls.write_now(caller, users.edit, charlie.id, {"groups": []})

    left = calls.read_now(SYSTEM, memberships.of_user, charlie.id)
    assert [other.id] == [entry.group_id for entry in left]
    with pytest.raises(Invalid):
        calls.write_now(caller, users.create, {"username": "mole", "groups": ["Staff", "Board"]})


def test_a_group_administrator_cannot_take_over_the_one_of_another_group(
    calls: Calls, bob: User, charlie: User, staff: Group
) -> None:
    other = calls.write_now(SYSTEM, groups.create, {"name": "Other"})
    for group, user, is_admin in ((staff, bob, True), (staff, charlie, False), (other, charlie, True)):
        calls.write_now(SYSTEM, memberships.add, group.id, SubjectKind.USER, user.id, is_admin=is_admin)
    caller = as_user(calls, bob)

    for attempt in (
        lambda: calls.write_now(caller, api_keys.create, charlie.id, "mine"),
        lambda: calls.write_now(caller, users.suspend, charlie.id),
    ):
        with pytest.raises(Forbidden):
            attempt()
    calls.write_now(SYSTEM, memberships.add, other.id, SubjectKind.USER, charlie.id)
    calls.write_now(caller, users.suspend, charlie.id)


def test_deleted_users_come_back_whole(calls: Calls, bob: User, staff: Group, clock: FakeClock) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"groups": ["Staff"], "ssh_keys": [KEY]})

    calls.write_now(SYSTEM, users.delete, bob.id)
    assert "bob" not in {user.username for user in calls.read_now(SYSTEM, users.page, UserQuery()).items}
    restored = calls.write_now(SYSTEM, users.restore, bob.id)

    assert restored.status(clock.now) == Status.ACTIVE
    assert len(calls.read_now(SYSTEM, memberships.of_user, bob.id)) == 1
    assert len(calls.read_now(SYSTEM, ssh_keys.page, user_id=bob.id).items) == 1


def test_clone_copies_settings_but_no_secrets(calls: Calls, bob: User, staff: Group) -> None:
    values = {"groups": ["Staff"], "grants": ["/a:read"], "ssh_keys": [KEY], "company": "Engines"}
    calls.write_now(SYSTEM, users.edit, bob.id, values)

    copy = calls.write_now(SYSTEM, users.clone, bob.id, {"username": "bob2", "name": "Second"})

    assert (copy.company, copy.email, copy.password_hash) == ("Engines", "", None)
    assert calls.read_now(SYSTEM, ssh_keys.page, user_id=copy.id).items == []
    assert [grant.path for grant in calls.read_now(SYSTEM, grants.page, subject_id=copy.id).items] == ["/a"]
    assert len(calls.read_now(SYSTEM, memberships.of_user, copy.id)) == 1


@pytest.mark.parametrize("sort", ["name", "-name", "username", "created", "-last_active", "access_expires"])
def test_pages_follow_one_another_in_every_order(calls: Calls, sort: str) -> None:
    for number in range(7):
        expires = {"access_expires_at": f"2027-01-0{number + 1}"} if number % 2 else {}
        calls.write_now(SYSTEM, users.create, {"username": f"u{number}", "name": f"N{number % 3}", **expires})

    seen: list[str] = []
    cursor = None
    while True:
        page = calls.read_now(SYSTEM, users.page, UserQuery(sort=sort, limit=2, cursor=cursor))
        seen += [user.username for user in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert {f"u{number}" for number in range(7)} == set(seen)
    assert len(seen) == 7
    whole = calls.read_now(SYSTEM, users.page, UserQuery(sort=sort, limit=50))
    assert seen == [user.username for user in whole.items]


def test_status_in_sql_is_the_status_in_the_domain(calls: Calls, clock: FakeClock) -> None:
    made: dict[str, dict[str, object]] = {
        "active": {},
        "suspended": {"disabled": True},
        "expired": {"access_expires_at": "2026-02-01"},
        "inactive": {"require_login_by": "2026-02-01"},
        "invited": {"authentication_method": "email_signup", "email": "invited@example.com"},
    }
    for name, values in made.items():
        calls.write_now(SYSTEM, users.create, {"username": name, **values})
    gone = calls.write_now(SYSTEM, users.create, {"username": "deleted"})
    calls.write_now(SYSTEM, users.delete, gone.id)

    for status in Status:
        page = calls.read_now(SYSTEM, users.page, UserQuery(statuses=(status,)))
        assert {status} >= {user.status(clock.now) for user in page.items}
    counted = calls.read_now(SYSTEM, users.counts, UserQuery())
    assert {Status(name): 1 for name in [*made, "deleted"]} == counted


def test_access_unites_direct_and_nested_group_grants(calls: Calls, bob: User, staff: Group) -> None:
    everyone = calls.write_now(SYSTEM, groups.create, {"name": "Everyone"})
    calls.write_now(SYSTEM, memberships.add, everyone.id, SubjectKind.GROUP, staff.id)
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id)
    calls.write_now(SYSTEM, grants.add, "/all", SubjectKind.GROUP, everyone.id, Level.READ)
    calls.write_now(SYSTEM, grants.add, "/own", SubjectKind.USER, bob.id, Level.WRITE)

    assert calls.read_now(SYSTEM, access.try_path, bob.id, "/all/deep") == ["list", "preview", "read"]
    assert calls.read_now(SYSTEM, access.try_path, bob.id, "/own") == ["create"]
    assert calls.read_now(SYSTEM, access.try_path, bob.id, "/other") == []


def test_groups_do_not_nest_in_a_circle(calls: Calls, staff: Group) -> None:
    inner = calls.write_now(SYSTEM, groups.create, {"name": "Inner"})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.GROUP, inner.id)

    with pytest.raises(Invalid):
        calls.write_now(SYSTEM, memberships.add, inner.id, SubjectKind.GROUP, staff.id)


def test_a_membership_counts_only_within_its_window(
    calls: Calls, bob: User, staff: Group, clock: FakeClock
) -> None:
    starts_at, ends_at = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
    calls.write_now(
        SYSTEM,
        memberships.add,
        staff.id,
        SubjectKind.USER,
        bob.id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    calls.write_now(SYSTEM, grants.add, "/team", SubjectKind.GROUP, staff.id, Level.READ)

    seen = []
    for _ in range(3):
        seen.append(bool(calls.read_now(SYSTEM, access.try_path, bob.id, "/team")))
        clock.advance(days=1)

    assert seen == [False, True, False]


def test_a_stranger_may_do_nothing(calls: Calls, bob: User) -> None:
    with pytest.raises(Unauthenticated):
        calls.read_now(Caller("api"), users.show, bob.id)
    with pytest.raises(Unauthenticated):
        calls.write_now(Caller("api"), users.create, {"username": "x"})


def test_secrets_stay_out_of_the_log_and_of_representations(calls: Calls, bob: User) -> None:
    shown = repr(bob) + repr(calls.read_now(SYSTEM, events.page, EventQuery()).items)

    assert "argon2" not in shown
    assert "staple" not in shown
    assert bob == replace(bob)
