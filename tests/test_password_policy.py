"""The rules that a password is held against, each by itself and all at once, and until when one may stay."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innkeeper.domain.errors import Invalid
from innkeeper.domain.passwords import (
    broken_rules,
    check_password,
    days_left,
    estimate,
    expires_at,
    is_due,
    may_use_link,
    own_words,
    rules,
)
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import AuthenticationMethod, UserId
from innkeeper.kit.passphrases import new_passphrase
from innkeeper.kit.passwords import Estimate, Password, make_password

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOB = User(
    id=UserId("1"),
    username="bob.byron",
    name="Robert Müller-Lüdenscheidt",
    email="r.byron@contoso.example.com",
    company="Müßig & Söhne",
    password_hash="$argon2id$",
    password_changed_at=NOW,
    created_at=NOW,
    updated_at=NOW,
)
NO_RULES = SiteSettings(
    password_minimum_length=8,
    password_minimum_classes=0,
    password_minimum_strength=0,
    password_history=0,
    password_refuse_common=False,
)
GOOD = "mauve lantern ferry 7"


def codes(text: str, site: SiteSettings = NO_RULES, user: User = BOB, **facts: Any) -> list[str]:
    earlier = facts.pop("earlier", ())
    password = Password(text, "", **facts)
    return [problem.code for problem in broken_rules(password, user, site, earlier=earlier)]


def site(**values: Any) -> SiteSettings:
    return replace(NO_RULES, **values)


def test_a_good_password_breaks_no_rule() -> None:
    assert codes(GOOD, SiteSettings(password_minimum_classes=3, password_minimum_strength=4)) == []


def test_every_broken_rule_is_told_at_once_without_the_password() -> None:
    strict = SiteSettings(password_minimum_length=12, password_minimum_classes=4)
    with pytest.raises(Invalid) as refused:
        check_password(Password("byron1", "", is_breached=True), BOB, strict)

    assert [problem.code for problem in refused.value.problems] == [
        "password_too_short",
        "password_too_uniform",
        "password_too_guessable",
        "password_common",
        "password_breached",
        "password_has_own_data",
    ]
    assert {problem.field for problem in refused.value.problems} == {"password"}
    assert "byron1" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "password_missing"),
        ("x" * 1025, "password_too_long"),
        ("tab\there and there", "password_has_controls"),
        ("null\x00 here and there", "password_has_controls"),
        ("line\nhere and there", "password_has_controls"),
        ("\ud800 and so on and on", "password_has_controls"),
    ],
)
def test_what_cannot_be_a_password_is_told_by_itself(text: str, code: str) -> None:
    assert codes(text, SiteSettings()) == [code]


def test_the_length_counts_characters_as_they_are_stored() -> None:
    decomposed = "e\u0301" * 5

    assert codes(decomposed, site(password_minimum_length=6)) == ["password_too_short"]
    assert codes("é" * 6, site(password_minimum_length=6)) == []


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("abcdefgh", 1),
        ("abcdEFGH", 2),
        ("abcdEF12", 3),
        ("abcdEF1!", 4),
        ("abcd efg", 2),
        ("äöüßÄÖÜ1", 3),
        ("12345678", 1),
        ("密码密码密码密码", 1),
    ],
)
def test_classes_are_lower_upper_digits_and_others(text: str, classes: int) -> None:
    assert "password_too_uniform" not in codes(text, site(password_minimum_classes=classes))
    if classes < 4:
        assert "password_too_uniform" in codes(text, site(password_minimum_classes=classes + 1))


@pytest.mark.parametrize(
    ("text", "most"), [("password1", 0), ("qwertyuiop", 0), ("Tr0ub4dour&3", 2), (GOOD, 4)]
)
def test_strength_is_what_zxcvbn_says(text: str, most: int) -> None:
    assert codes(text, site(password_minimum_strength=most)) == []
    if most < 4:
        assert codes(text, site(password_minimum_strength=most + 1)) == ["password_too_guessable"]


def test_what_is_known_of_the_user_makes_a_password_easy_to_guess() -> None:
    words = ("quetzalcoatl",)

    assert estimate("quetzalcoatl7", words).strength < estimate("quetzalcoatl7", ()).strength


def test_the_words_of_one_user_do_not_count_for_the_next() -> None:
    before = estimate("quetzalcoatl7", ())
    estimate("quetzalcoatl7", ("quetzalcoatl",))

    assert before == estimate("quetzalcoatl7", ())


def test_an_estimate_made_before_is_taken_only_for_the_same_words() -> None:
    strict = site(password_minimum_strength=3)

    assert codes("password1", strict, estimate=Estimate(4, own_words(BOB))) == []
    assert codes("password1", strict, estimate=Estimate(4, ("other",))) == ["password_too_guessable"]


@pytest.mark.parametrize(
    "text",
    [
        "4@8({[<3690!1|0$5+7%2z" * 40,
        "!+17[{|<" * 100,
        "1|7+[{" * 100,
        "aA1!" * 256,
        "a" * 1024,
        "1234567890" * 100,
    ],
)
def test_no_password_keeps_the_estimate_busy_for_long(text: str) -> None:
    begun = time.perf_counter()

    estimate(text, own_words(BOB))

    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize("text", ["password", "PassWord", "Password1!", "1qaz2wsx", "qwertyuiop", "dragon99"])
def test_a_common_password_is_refused(text: str) -> None:
    assert "password_common" in codes(text, site(password_refuse_common=True))
    assert "password_common" not in codes(text)


def test_a_rare_one_is_not_common() -> None:
    assert codes(GOOD, site(password_refuse_common=True)) == []


def test_a_breached_password_is_refused() -> None:
    assert codes(GOOD, site(password_refuse_common=True), is_breached=True) == ["password_breached"]
    assert codes(GOOD, is_breached=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "my BYRON is here",
        "my robert is here",
        "my müller is here",
        "my muller is here",
        "the Lüdenscheidt way",
        "contoso for ever",
        "so many söhne here",
        "a mussig afternoon",
        "ｂｙｒｏｎ in full width",
    ],
)
def test_a_password_holds_no_part_of_its_owner(text: str) -> None:
    assert codes(text) == ["password_has_own_data"]


@pytest.mark.parametrize("text", ["bob and so on", "com and so on", "the rest of it"])
def test_short_parts_and_endings_of_addresses_may_be_in_it(text: str) -> None:
    assert codes(text) == []


def test_an_earlier_password_may_not_come_again() -> None:
    earlier = [make_password("one lantern ferry 1").hash, make_password("two lantern ferry 2").hash]

    assert codes("two lantern ferry 2", site(password_history=5), earlier=earlier) == ["password_used_before"]
    assert codes("six lantern ferry 6", site(password_history=5), earlier=earlier) == []


def test_what_was_compared_before_is_not_compared_again() -> None:
    known = {"$argon2id$a": True, "$argon2id$b": False}

    assert codes(GOOD, earlier=["$argon2id$b"], matches=known) == []
    assert codes(GOOD, earlier=["$argon2id$a"], matches=known) == ["password_used_before"]


def test_a_password_known_by_its_hash_alone_was_held_against_the_rules_before() -> None:
    assert broken_rules(Password(None, "$argon2id$"), BOB, SiteSettings()) == []


def test_the_rules_in_force_can_be_told_before() -> None:
    everything = SiteSettings(password_minimum_classes=3)

    assert [rule.code for rule in rules(everything)] == [
        "password_too_short",
        "password_too_uniform",
        "password_too_guessable",
        "password_common",
        "password_has_own_data",
        "password_used_before",
    ]
    assert [rule.code for rule in rules(NO_RULES)] == ["password_too_short", "password_has_own_data"]
    assert str(rules(everything)[0].text) == "at least 10 characters"


@given(st.text(max_size=60))
def test_no_text_breaks_the_rules_themselves(text: str) -> None:
    for problem in broken_rules(Password(text, ""), BOB, SiteSettings(password_minimum_strength=0)):
        assert problem.value is None
        assert str(problem)


def test_a_password_made_by_the_server_holds_all_rules_and_is_always_another() -> None:
    strict = SiteSettings(password_minimum_classes=4, password_minimum_strength=4)
    made = [new_passphrase() for _ in range(50)]

    assert len(set(made)) == 50
    assert all(codes(text, strict) == [] for text in made)


@pytest.mark.parametrize(
    ("own", "of_site", "days"),
    [(None, None, None), (None, 90, 90), (30, 90, 30), (90, 30, 90), (30, None, 30)],
)
def test_the_users_own_validity_goes_before_the_sites(
    own: int | None, of_site: int | None, days: int | None
) -> None:
    user, rules_of_site = replace(BOB, password_validity_days=own), site(password_validity_days=of_site)
    end = NOW + timedelta(days=days) if days else None

    assert expires_at(user, rules_of_site) == end
    assert days_left(user, rules_of_site, NOW) == days
    if end:
        assert not is_due(user, rules_of_site, end - timedelta(seconds=1))
        assert is_due(user, rules_of_site, end)


def test_the_days_left_count_the_one_that_has_begun() -> None:
    limited = site(password_validity_days=10)

    assert days_left(BOB, limited, NOW + timedelta(days=9, hours=23)) == 1
    assert days_left(BOB, limited, NOW + timedelta(days=9)) == 1
    assert days_left(BOB, limited, NOW + timedelta(days=10)) == 0
    assert days_left(BOB, limited, NOW + timedelta(days=400)) == 0


@pytest.mark.parametrize("method", list(AuthenticationMethod))
def test_only_a_password_that_is_asked_for_can_be_due(method: AuthenticationMethod) -> None:
    user = replace(BOB, authentication_method=method, require_password_change=True, password_validity_days=1)
    has_one = method.value not in ("none", "sso", "ldap")
    late = NOW + timedelta(days=5)

    assert is_due(user, NO_RULES, late) is has_one
    assert not is_due(replace(user, password_hash=None), NO_RULES, late)
    assert (expires_at(user, NO_RULES) is not None) is has_one
    assert may_use_link(user, NOW) is has_one
