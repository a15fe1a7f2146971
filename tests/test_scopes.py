"""What the scopes of an API key leave of what its user may do: by the table, and through the actions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innkeeper.actions import api_keys, groups, memberships, portraits, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.actors import Actor
from innkeeper.domain.errors import Forbidden
from innkeeper.domain.groups import Group
from innkeeper.domain.rights import READING, Reach, Right, reach
from innkeeper.domain.scopes import SCOPES, KeyScope, are_within, rights_of, scopes_with
from innkeeper.domain.users import User
from innkeeper.domain.words import Role, SubjectKind
from tests.conftest import SYSTEM

SOME_SCOPES = st.frozensets(st.sampled_from(list(KeyScope)), min_size=1)
SOME_ROLES = st.frozensets(st.sampled_from(list(Role)), min_size=1)


def test_every_right_is_in_a_scope() -> None:
    assert set(Right) == frozenset().union(*SCOPES.values())
    assert set(KeyScope) == set(SCOPES)


def test_a_scope_that_reads_carries_only_rights_to_read() -> None:
    reading = [scope for scope in KeyScope if scope.endswith(":read") and scope is not KeyScope.FILES_READ]

    for scope in reading:
        assert SCOPES[scope] <= READING, scope


def test_writing_includes_reading_the_same() -> None:
    for scope in KeyScope:
        twin = scope.value.replace(":write", ":read")
        if twin in set(KeyScope):
            assert SCOPES[KeyScope(twin)] <= SCOPES[scope], scope


@given(roles=SOME_ROLES, scopes=SOME_SCOPES, is_read_only=st.booleans(), right=st.sampled_from(list(Right)))
def test_a_scoped_key_reaches_as_far_as_its_user_within_its_scopes_and_nowhere_beyond(
    *, roles: frozenset[Role], scopes: frozenset[KeyScope], is_read_only: bool, right: Right
) -> None:
    known: dict[str, Any] = {"roles": roles, "is_read_only": is_read_only}
    user, key = Actor("user", "1", "ada", **known), Actor("api_key", "1", "ada", scopes=scopes, **known)

    expected = reach(user, right) if right in rights_of(scopes) else Reach.NOBODY

    assert expected is reach(key, right)


@given(held=SOME_SCOPES, wanted=SOME_SCOPES)
def test_scopes_that_may_be_handed_out_carry_no_right_that_is_not_held(
    held: frozenset[KeyScope], wanted: frozenset[KeyScope]
) -> None:
    if are_within(wanted, held):
        assert rights_of(wanted) <= rights_of(held)


def test_what_is_no_scope_carries_nothing() -> None:
    key = Actor("api_key", "1", "ada", roles=frozenset(Role), scopes=frozenset({"everything"}))

    assert {reach(key, right) for right in Right} == {Reach.NOBODY}
    assert scopes_with(Right.USER_ROLES)[0] is KeyScope.ROLES_WRITE


def caller(calls: Calls, user: User, *scopes: str) -> Caller:
    return Caller(
        "api",
        "127.0.0.1",
        api_key=calls.write_now(SYSTEM, api_keys.create, user.id, "test", scopes=scopes)[1],
    )


def test_a_key_without_the_scope_is_told_which_one_it_needs(calls: Calls, ada: User, bob: User) -> None:
    reader = caller(calls, ada, "users:read")

    assert calls.read_now(reader, users.show, bob.id).username == "bob"
    with pytest.raises(Forbidden, match=r"'user\.edit': users:write"):
        calls.write_now(reader, users.edit, bob.id, {"name": "Robert"})
    with pytest.raises(Forbidden, match="groups:read"):
        calls.read_now(reader, groups.page)
    with pytest.raises(Forbidden, match="users:read"):
        calls.read_now(caller(calls, ada, "events:read"), users.find, "bob")


def test_a_user_is_shown_without_what_the_key_may_not_see(
    calls: Calls, ada: User, bob: User, staff: Group
) -> None:
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id)

    shown = calls.read_now(caller(calls, ada, "users:read"), portraits.show, bob.id)
    whole = calls.read_now(caller(calls, ada, "users:read", "groups:read"), portraits.show, bob.id)

    assert (shown.groups, whole.groups) == ((), ("Staff",))


@pytest.mark.parametrize(
    ("values", "needed"),
    [
        ({"roles": ["site_administrator"]}, "roles:write"),
        (
            {
                "ssh_keys": [
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl"
                ]
            },
            "credentials:write",
        ),
        ({"password": "a brand new password"}, "passwords:write"),
        ({"grants": ["/:full"]}, "folders:write"),
    ],
)
def test_a_key_that_edits_users_gives_them_nothing_that_has_a_scope_of_its_own(
    calls: Calls, ada: User, bob: User, values: dict[str, Any], needed: str
) -> None:
    with pytest.raises(Forbidden, match=needed):
        calls.write_now(caller(calls, ada, "users:write"), users.edit, bob.id, values)

    calls.write_now(caller(calls, ada, "users:write", needed), users.edit, bob.id, values)


def test_a_key_that_makes_users_makes_no_administrators(calls: Calls, ada: User) -> None:
    maker = caller(calls, ada, "users:write")

    made = calls.write_now(maker, users.create, {"username": "dora", "password": "a brand new password"})
    with pytest.raises(Forbidden, match="roles:write"):
        calls.write_now(maker, users.create, {"username": "eve", "roles": ["site_administrator"]})

    assert made.username == "dora"
