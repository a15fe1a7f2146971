"""The compiled access agrees with the obvious reading of the rules, and with the table of levels."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innkeeper.domain.access import ABILITIES, ALL, Ability, GrantLine, compile_access, everything
from innkeeper.domain.words import Level
from tests.oracle import oracle_abilities, oracle_may_enter, oracle_shows

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Few names and little depth make grants, fences and questions meet often; 'a' and 'ab' catch prefix mistakes.
names = st.sampled_from(["a", "ab", "b"])
folders = st.lists(names, max_size=4).map(lambda parts: "/" + "/".join(parts))
moments = st.none() | st.integers(-2, 2).map(lambda hours: NOW + hours * HOUR)
lines = st.builds(GrantLine, folders, st.sampled_from(Level), st.booleans(), moments, moments)


@settings(max_examples=2500, deadline=None)
@given(st.lists(lines, max_size=6), st.lists(folders, max_size=3), folders, names)
def test_compiled_access_agrees_with_the_oracle(
    granted: list[GrantLine], fences: list[str], folder: str, name: str
) -> None:
    access = compile_access(granted, fences, now=NOW)

    assert access.abilities(folder) == oracle_abilities(folder, granted, fences, NOW)
    assert access.may_enter(folder) == oracle_may_enter(folder, granted, fences, NOW)
    assert access.shows(folder, name) == oracle_shows(folder, name, granted, fences, NOW)
    file = f"{folder.rstrip('/')}/{name}"
    assert access.file_abilities(file) == oracle_abilities(folder, granted, fences, NOW)


@settings(max_examples=600, deadline=None)
@given(st.lists(lines, max_size=6), st.lists(folders, max_size=3), folders)
def test_throughout_is_what_every_folder_below_allows(
    granted: list[GrantLine], fences: list[str], top: str
) -> None:
    access = compile_access(granted, fences, now=NOW)
    base = top.rstrip("/")
    tails = ["", "/z", "/a/z", "/ab/z", "/b/z", "/a/a/z", "/a/b/z", "/b/a/z", "/a/ab/b/a/z"]
    tails += [
        path[len(base) :] + "/z" for path in [*fences, *(line.path for line in granted)] if _is_in(path, base)
    ]

    allowed = ALL
    for tail in tails:
        allowed &= oracle_abilities(base + tail or "/", granted, fences, NOW)

    assert access.throughout(top) & ~allowed == 0


@settings(max_examples=600, deadline=None)
@given(st.lists(lines, max_size=5), folders)
def test_nothing_changes_before_the_announced_moment(granted: list[GrantLine], folder: str) -> None:
    access = compile_access(granted, [], now=NOW)
    moment = access.changes_at
    last = moment or NOW + 100 * HOUR

    just_before = last - timedelta(microseconds=1)

    assert moment is None or moment > NOW
    assert access.abilities(folder) == oracle_abilities(folder, granted, [], just_before)


def test_the_announced_moment_is_the_nearest_opening_or_closing() -> None:
    over = GrantLine("/a", Level.READ, True, None, NOW)
    closing = GrantLine("/a", Level.READ, True, NOW - HOUR, NOW + 3 * HOUR)
    opening = GrantLine("/a", Level.FULL, True, NOW + 2 * HOUR)
    never = GrantLine("/a", Level.FULL, True, NOW + 2 * HOUR, NOW + HOUR)

    assert compile_access([over, never], [], now=NOW).changes_at is None
    assert compile_access([over, closing], [], now=NOW).changes_at == NOW + 3 * HOUR
    assert compile_access([closing, opening, never], [], now=NOW).changes_at == NOW + 2 * HOUR


def test_a_window_includes_its_start_and_excludes_its_end() -> None:
    line = GrantLine("/a", Level.READ, True, NOW, NOW + HOUR)

    assert compile_access([line], [], now=NOW).abilities("/a") == ABILITIES[Level.READ]
    assert compile_access([line], [], now=NOW + HOUR).abilities("/a") == 0
    assert compile_access([line], [], now=NOW - HOUR).abilities("/a") == 0


def test_the_same_grants_at_another_moment() -> None:
    line = GrantLine("/a", Level.READ, True, NOW + HOUR)
    early = compile_access([line], ["/a/private"], now=NOW)

    late = early.at(NOW + HOUR)

    assert (early.abilities("/a"), late.abilities("/a")) == (0, ABILITIES[Level.READ])
    assert late.abilities("/a/private") == 0


def test_a_grant_on_the_fenced_folder_itself_counts_and_flows_down() -> None:
    above = GrantLine("/", Level.FULL, True)
    here = GrantLine("/private", Level.LIST, True)
    access = compile_access([above, here], ["/private"], now=NOW)

    assert access.abilities("/public") == ABILITIES[Level.FULL]
    assert access.abilities("/private/deep") == ABILITIES[Level.LIST]
    assert access.throughout("/") == ABILITIES[Level.LIST]


def test_ancestors_of_a_grant_show_only_the_way() -> None:
    access = compile_access([GrantLine("/a/b/c", Level.READ, True)], [], now=NOW)

    assert access.may_enter("/") and access.may_enter("/a") and access.may_enter("/a/b")
    assert access.ways("/a") == {"b"}
    assert access.shows("/a", "b") and not access.shows("/a", "other")
    assert access.abilities("/a/b") == 0
    assert not access.may_enter("/z")


def test_an_administrator_passes_every_fence() -> None:
    assert everything().abilities("/any/where") == ALL
    assert everything().throughout("/") == ALL


@pytest.mark.parametrize(
    ("level", "letters"),
    [
        (Level.LIST, "lp"),
        (Level.READ, "lpr"),
        (Level.WRITE, "c"),
        (Level.UPLOAD, "lc"),
        (Level.READWRITE, "lprc"),
        (Level.FULL, "lprcmd"),
        (Level.SHARE, "lprs"),
        (Level.HISTORY, "lph"),
        (Level.ADMIN, "lprcmdsha"),
    ],
)
def test_levels_hold_the_agreed_abilities(level: Level, letters: str) -> None:
    expected = Ability(0)
    for letter, ability in zip("lprcmdsha", Ability, strict=True):
        if letter in letters:
            expected |= ability

    assert ABILITIES[level] == expected


def test_memory_of_answers_stays_bounded() -> None:
    access = compile_access([GrantLine("/", Level.READ, True)], [], now=NOW)

    answers = {access.abilities(f"/folder-{number}") for number in range(10_000)}

    assert answers == {ABILITIES[Level.READ]}
    assert len(access._remembered) <= 4096


def _is_in(path: str, base: str) -> bool:
    return not base or path == base or path.startswith(base + "/")
