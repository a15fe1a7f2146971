"""One name in several spellings is one user: full-width, composed or not, in capitals, with ligatures."""

import unicodedata

import pytest

from innkeeper.actions import users
from innkeeper.actions.actors import Caller
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.calls import Calls
from innkeeper.actions.logins import begin
from innkeeper.domain.errors import Duplicate, Invalid
from innkeeper.domain.fields import username_key
from tests.conftest import SYSTEM

SAME = [
    ("ada", "ADA"),
    ("ada", "ａｄａ"),
    ("ada", "ＡＤＡ"),
    ("zoë", unicodedata.normalize("NFD", "zoë")),
    ("zoë", unicodedata.normalize("NFD", "ZOË")),
    ("zoë", "ＺＯＥ\u0308"),
    ("straße", "STRASSE"),
    ("straße", "STRAẞE"),
    ("finn", "ﬁnn"),
    ("σοφος", "ΣΟΦΟΣ"),
    ("ΐ", "ΐ"),
    ("ǰim", "J\u030cIM"),
    ("k", "\u212a"),
]
OTHERS = [("ada", "аda"), ("ada", "adа"), ("ada", "ad"), ("zoe", "zoë"), ("ada", "ada\u200b"), ("i", "ı")]


@pytest.mark.parametrize(("name", "spelling"), SAME)
def test_spellings_of_one_name_are_one_user(calls: Calls, name: str, spelling: str) -> None:
    known = calls.write_now(SYSTEM, users.create, {"username": name})

    assert calls.read_now(SYSTEM, users.find, spelling).id == known.id
    assert tried(calls, spelling).user_id == known.id
    with pytest.raises(Duplicate):
        calls.write_now(SYSTEM, users.create, {"username": spelling})


@pytest.mark.parametrize(("name", "other"), OTHERS)
def test_names_that_only_look_alike_are_different_users(calls: Calls, name: str, other: str) -> None:
    known = calls.write_now(SYSTEM, users.create, {"username": name})

    assert tried(calls, other).user_id is None
    assert calls.write_now(SYSTEM, users.create, {"username": other}).id != known.id


@pytest.mark.parametrize("name", [name for pair in SAME for name in pair])
def test_the_key_of_a_key_is_itself(name: str) -> None:
    key = username_key(name)

    assert username_key(key) == key
    assert username_key(unicodedata.normalize("NFD", name)) == key
    assert username_key(unicodedata.normalize("NFKC", name)) == key


def test_failures_of_every_spelling_count_for_the_one_user(calls: Calls) -> None:
    known = calls.write_now(SYSTEM, users.create, {"username": "zoë", "password": "yellow kitchen door"})
    for spelling in ("zoë", unicodedata.normalize("NFD", "zoë"), "ＺＯË"):
        assert tried(calls, spelling).user_id == known.id


@pytest.mark.parametrize(
    "name",
    ["a b", "a\u3000b", "a\u00a0b", "a\nb", "a\x00b", "a/b", "a:b", "a\\b", "", "x" * 129, "ａ／ｂ", "a：b"],
)
def test_names_with_separators_in_any_width_are_refused(calls: Calls, name: str) -> None:
    with pytest.raises(Invalid):
        calls.write_now(SYSTEM, users.create, {"username": name})


def tried(calls: Calls, name: str) -> Attempt:
    return calls.read_now(Caller("web", "192.0.2.7"), begin, name)
