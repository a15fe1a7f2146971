"""Comparing desired users with those that are."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innkeeper.domain.changes import changed_user, new_user
from innkeeper.domain.fields import username_key
from innkeeper.domain.plans import Brake, Change, Counts, Mode, Outcome, Verdict, brake_of
from innkeeper.domain.reconcile import (
    Desired,
    Known,
    World,
    compare,
    hold_against,
    understand,
    wanted_picture,
)
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import Source, UserId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = SiteSettings()
GROUPS = {"staff": "Staff", "partners": "Partners"}
EMPTY = World(users={}, groups=GROUPS, site=SITE, now=NOW)
LISTS = ("groups", "grants", "ssh_keys")

NAMES = st.sampled_from(["ann", "Bob", "cid", "DORA", "a b", ""])
ROWS = st.fixed_dictionaries(
    {"username": NAMES},
    optional={
        "name": st.sampled_from(["", "Ann", "Bob"]),
        "email": st.sampled_from(["a@example.org", "nope", None]),
        "tags": st.lists(st.sampled_from(["x", "y"]), max_size=2),
        "disabled": st.sampled_from([True, False, "maybe"]),
        "groups": st.lists(st.sampled_from(["staff", "Partners", "Ghosts"]), max_size=2),
        "grants": st.lists(st.sampled_from(["/a:read", "/b:full:only", "bad"]), max_size=2),
        "access_expires_at": st.sampled_from(["2027-03-31", None, "31.3.2027"]),
        "attributes": st.sampled_from([{}, {"badge": 7}, None]),
        "primary_group": st.sampled_from(["staff", "", "ghosts"]),
    },
)


def desired(number: int, values: dict[str, Any]) -> Desired:
    return understand(number, number + 1, values)


def judge(row: Desired, world: World, mode: Mode = Mode.BOTH) -> Change:
    return hold_against(row, world, mode) or compare(row, world)


def knowing(user: User) -> World:
    return replace(EMPTY, users={username_key(user.username): Known(user=user)})


def apply(change: Change, row: Desired, world: World) -> World:
    """What the actions make of a change, in memory."""
    if change.verdict not in (Verdict.NEW, Verdict.CHANGED):
        return world
    key = username_key(row.username)
    known = world.users.get(key) or Known(user=_fresh(row))
    lists = {name: tuple(_picture(name, row, world)) for name in LISTS if name in row.checked}
    if "primary_group" in row.checked:
        lists["primary_group"] = str(_picture("primary_group", row, world))  # type: ignore[assignment]
    user = changed_user(known.user, row.checked)
    user = replace(user, disabled=row.checked.get("disabled", user.disabled))
    return replace(world, users={**world.users, key: replace(known, user=user, **lists)})  # type: ignore[arg-type]


def _fresh(row: Desired) -> User:
    return new_user(UserId(row.username), row.checked, source=Source.CSV, now=NOW)


def _picture(name: str, row: Desired, world: World) -> Any:
    return wanted_picture(name, row.checked[name], world)


@given(st.lists(ROWS, max_size=8), st.sampled_from(Mode))
@settings(max_examples=150, deadline=None)
def test_every_row_has_one_verdict_and_a_second_run_changes_nothing(
    rows: list[dict[str, Any]], mode: Mode
) -> None:
    unique = {username_key(row["username"]): row for row in rows}.values()
    wanted = [desired(number, row) for number, row in enumerate(unique, 1)]

    world, first = EMPTY, []
    for row in wanted:
        first.append(judge(row, EMPTY, mode))
        world = apply(first[-1], row, world)
    second = [judge(row, world) for row in wanted]

    assert len(wanted) == sum(1 for change in first if change.verdict in set(Verdict))
    for once, again in zip(first, second, strict=True):
        acts = once.verdict in (Verdict.NEW, Verdict.CHANGED)
        assert (once.outcome is Outcome.PENDING) == acts
        assert bool(once.reason) == (once.verdict in (Verdict.INVALID, Verdict.CONFLICTING))
        assert not acts or (again.verdict, again.after) == (Verdict.UNCHANGED, {})
        assert once.verdict is not Verdict.INVALID or again.verdict is Verdict.INVALID


def test_a_change_names_what_differs_before_and_after() -> None:
    row = desired(1, {"username": "ann", "company": "One", "groups": ["staff"], "grants": ["/a:read"]})
    world = apply(judge(row, EMPTY), row, EMPTY)

    other = desired(2, {"username": "ANN", "company": "Two", "groups": [], "grants": ["/a:read"]})
    change = judge(other, world)

    assert Verdict.CHANGED is change.verdict
    assert change.before == {"company": "One", "groups": ["Staff"]}
    assert change.after == {"company": "Two", "groups": []}


def test_modes_leave_the_other_rows_in_conflict() -> None:
    row = desired(1, {"username": "ann"})
    world = apply(judge(row, EMPTY), row, EMPTY)

    assert "exists already" in str(judge(row, world, Mode.CREATE).reason)
    assert "only updates" in str(judge(row, EMPTY, Mode.UPDATE).reason)
    assert Verdict.CONFLICTING is judge(row, EMPTY, Mode.UPDATE).verdict


def test_a_row_without_a_user_name_is_invalid_and_says_so() -> None:
    change = judge(desired(1, {"name": "Ann"}), EMPTY)

    assert (change.verdict, str(change.reason)) == (Verdict.INVALID, "username: - expected a user name")


def test_a_password_is_held_to_the_rules_and_never_told() -> None:
    for password, expected in (
        ("short", "at least 10 characters"),
        ("Annabelle's own", "without the user's name"),
        ("x" * 2000, "at most 1024 characters"),
    ):
        change = judge(desired(1, {"username": "annabelle", "password": password}), EMPTY)

        assert Verdict.INVALID is change.verdict
        assert expected in str(change.reason)
        assert password not in str(change.reason)


def test_a_new_password_is_a_change_that_shows_neither() -> None:
    row = desired(1, {"username": "ann", "password": "correct horse battery"})
    user = replace(_fresh(row), password_hash="argon2-old")

    change = compare(row, knowing(user), new_hash="argon2-new", must_change=True)
    first = compare(row, knowing(replace(user, password_hash=None)), new_hash="argon2-new")

    assert change.before == {"password": "old", "require_password_change": False}
    assert change.after == {"password": "new", "require_password_change": True}
    assert (first.before, first.after) == ({"password": ""}, {"password": "new"})


def test_a_user_in_the_recycle_bin_is_in_conflict() -> None:
    row = desired(1, {"username": "ann"})
    known = apply(judge(row, EMPTY), row, EMPTY).users["ann"]
    binned = replace(known, user=replace(known.user, deleted_at=NOW))

    change = judge(row, replace(EMPTY, users={"ann": binned}))

    assert Verdict.CONFLICTING is change.verdict
    assert "recycle bin" in str(change.reason)


@pytest.mark.parametrize(
    ("suspended", "people", "brakes"),
    [
        (9, 9, False),
        (1, 10, False),
        (2, 10, True),
        (10, 100, False),
        (11, 100, True),
        (25, 1000, False),
        (26, 1000, True),
        (0, 1000, False),
    ],
)
def test_the_brake_holds_a_tenth_or_twenty_five(suspended: int, people: int, *, brakes: bool) -> None:
    tripped = brake_of(Counts(suspended=suspended), people, SITE)

    assert brakes == (tripped is not None)
    assert tripped is None or tripped == Brake("suspend", suspended, people)
