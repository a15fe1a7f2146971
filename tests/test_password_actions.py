"""Passwords by the actions: history, imported hashes, weighing outside the database, who may do what."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from passlib import hash as handlers
from sqlalchemy import func, select

from innkeeper.actions import events, passwords, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Invalid, NotFound, NotNow
from innkeeper.domain.events import Kind
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.kit.passwords import Hasher, Password, is_imported, is_outdated, make_password, verify
from innkeeper.store.sign_in_tables import password_history
from tests.conftest import SYSTEM, FakeClock
from tests.rest import token_of
from tests.test_breached_passwords import listed
from tests.test_password_links import has_password, now_of

FIRST = "staple tractor nine"
IMPORTED = {"username": "iris", "authentication_method": "password_with_imported_hash"}
OTHERS = "once in another place"
FOREIGN = str(handlers.bcrypt.using(rounds=4).hash(OTHERS))


def text_of(number: int) -> str:
    return f"mauve lantern ferry {number}"


def reset(calls: Calls, user: User, text: str) -> User:
    return calls.write_now(SYSTEM, passwords.reset, user.id, make_password(text))


def caller_of(calls: Calls, user: User) -> Caller:
    return Caller("api", api_key=token_of(calls, user))


def change_own(calls: Calls, user: User, text: str) -> User:
    caller = caller_of(calls, user)
    old = calls.read_now(caller, users.show, user.id).password_hash
    return calls.write_now(caller, passwords.change_own, make_password(text), old_hash=old)


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def remembered(calls: Calls, user: User) -> int:
    def count(call: Call) -> int:
        query = select(func.count()).where(password_history.c.user_id == user.id)
        return int(call.unit.scalar(query))

    return calls.read_now(SYSTEM, count)


@pytest.mark.parametrize("change", [reset, change_own])
def test_the_last_passwords_do_not_come_again(calls: Calls, bob: User, change: Any) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_history": 3})
    for number in (1, 2):
        change(calls, bob, text_of(number))

    for text in (FIRST, text_of(1), text_of(2)):
        with pytest.raises(Invalid) as refused:
            change(calls, bob, text)
        assert codes(refused) == ["password_used_before"]
    change(calls, bob, text_of(3))
    change(calls, bob, FIRST)

    assert has_password(calls, bob, FIRST)
    assert remembered(calls, bob) == 3


def test_without_a_history_only_the_present_one_is_refused(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_history": 0})
    change_own(calls, bob, text_of(1))

    with pytest.raises(Invalid) as refused:
        change_own(calls, bob, text_of(1))
    change_own(calls, bob, FIRST)

    assert codes(refused) == ["password_used_before"]
    assert remembered(calls, bob) == 0


def test_a_shorter_history_forgets(calls: Calls, bob: User) -> None:
    for number in range(4):
        reset(calls, bob, text_of(number))
    assert remembered(calls, bob) == 4

    calls.write_now(SYSTEM, settings.edit, {"password_history": 2})
    reset(calls, bob, text_of(5))

    assert remembered(calls, bob) == 2
    reset(calls, bob, text_of(0))


def test_the_history_of_one_user_is_not_the_others(calls: Calls, bob: User, charlie: User) -> None:
    reset(calls, bob, text_of(1))

    reset(calls, charlie, FIRST)

    assert has_password(calls, charlie, FIRST)


def test_the_moment_of_the_change_is_kept(calls: Calls, bob: User, clock: FakeClock) -> None:
    clock.advance(days=3)

    assert change_own(calls, bob, text_of(1)).password_changed_at == clock.now


def test_the_old_password_must_be_the_one_that_was_proved(calls: Calls, bob: User) -> None:
    with pytest.raises(NotNow, match="changed meanwhile"):
        calls.write_now(
            caller_of(calls, bob), passwords.change_own, make_password(text_of(1)), old_hash="$argon2id$old"
        )


def test_the_password_that_a_user_has_can_be_sent_again_with_their_fields(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    clock.advance(days=1)
    weighed = weigh(calls, bob, FIRST)

    edited = calls.write_now(SYSTEM, users.edit, bob.id, {"company": "Byron Ltd", "password": weighed})

    assert edited.password_changed_at == bob.password_changed_at
    assert edited.company == "Byron Ltd"
    resets = calls.read_now(SYSTEM, events.page, EventQuery(kinds=(Kind.PASSWORD_RESET.value,)))
    assert not resets.items


def weigh(calls: Calls, user: User, text: str) -> Password:
    against = calls.read_now(SYSTEM, passwords.background_of, user.id)
    return passwords.weigh(text, against, calls.hasher.breached)


async def test_a_new_password_is_weighed_before_the_database_sees_it(calls: Calls, bob: User) -> None:
    reset(calls, bob, text_of(1))

    password = await calls.new_password(SYSTEM, bob.id, FIRST)

    assert sorted(password.matches.values()) == [False, True]
    assert password.estimate is not None
    assert set(password.estimate.words) == {"byron", "example"}
    assert password.estimate.strength == 4
    with pytest.raises(Invalid) as refused:
        await calls.write(SYSTEM, passwords.reset, bob.id, password)
    assert codes(refused) == ["password_used_before"]


async def test_a_password_set_while_another_was_weighed_counts_all_the_same(calls: Calls, bob: User) -> None:
    weighed = await calls.new_password(SYSTEM, bob.id, text_of(1))

    await calls.write(SYSTEM, passwords.reset, bob.id, make_password(text_of(1)))

    with pytest.raises(Invalid) as refused:
        await calls.write(SYSTEM, passwords.reset, bob.id, weighed)
    assert codes(refused) == ["password_used_before"]


async def test_the_values_of_a_new_user_are_weighed_with_what_they_say(calls: Calls) -> None:
    values = {"username": "quetzalcoatl", "name": None, "password": "Quetzalcoatl 1"}

    hashed = await calls.hashed(values)

    assert hashed["password"].estimate.words == ("quetzalcoatl",)
    with pytest.raises(Invalid) as refused:
        await calls.write(SYSTEM, users.create, {**hashed, "name": ""})
    assert codes(refused) == ["password_too_guessable", "password_has_own_data"]


@pytest.mark.parametrize("text", ["", "x" * 5000, "a\nb", 7, None])
async def test_what_is_no_password_is_left_to_the_rules(calls: Calls, bob: User, text: object) -> None:
    assert await calls.hashed({"password": text}) == {"password": text}
    assert await calls.hashed_for(SYSTEM, bob.id, {"password": text}) == {"password": text}


async def test_a_breached_password_is_refused_for_new_users_and_known_ones(
    calls: Calls, bob: User, tmp_path: Path
) -> None:
    breached = listed(tmp_path / "list.txt", [text_of(1), "something else"])
    calls = Calls(calls.database, Hasher(breached=breached, wrong_takes=0), calls.vault)
    stolen = {"username": "gus", "password": text_of(1)}
    weighed = await calls.new_password(SYSTEM, bob.id, text_of(1))

    with pytest.raises(Invalid) as refused:
        await calls.write(SYSTEM, users.create, await calls.hashed(stolen))
    with pytest.raises(Invalid) as refused_too:
        await calls.write(SYSTEM, passwords.reset, bob.id, weighed)
    await calls.write(SYSTEM, users.create, await calls.hashed({**stolen, "password": text_of(2)}))

    assert codes(refused) == codes(refused_too) == ["password_breached"]
    calls.hasher.close()


def test_a_new_user_is_told_every_rule_that_their_password_breaks(calls: Calls) -> None:
    values = {"username": "grace", "company": "Hopper", "password": "hopper1"}

    with pytest.raises(Invalid) as refused:
        calls.write_now(SYSTEM, users.create, values)

    assert codes(refused) == [
        "password_too_short",
        "password_too_guessable",
        "password_common",
        "password_has_own_data",
    ]


@pytest.mark.parametrize("text", ["x" * 1025, "with\nline end in it", "\x07 bell and whistle"])
def test_a_password_that_cannot_be_is_refused_clearly(calls: Calls, bob: User, text: str) -> None:
    with pytest.raises(Invalid):
        reset(calls, bob, text)

    assert has_password(calls, bob, FIRST)


def test_typed_apart_and_stored_together(calls: Calls, bob: User) -> None:
    reset(calls, bob, "cafe\u0301 au\u00a0lait 7")

    assert has_password(calls, bob, "café au lait 7")


def test_a_user_made_for_the_reset_gets_a_password_by_chance(calls: Calls, ada: User, bob: User) -> None:
    strict = {"password_minimum_length": 60, "password_minimum_classes": 4, "password_minimum_strength": 4}
    calls.write_now(SYSTEM, settings.edit, strict)
    caller = caller_of(calls, ada)

    text = calls.read_now(caller, passwords.suggest, bob.id)
    calls.write_now(caller, passwords.reset, bob.id, make_password(text))

    assert len(text) >= 60
    assert has_password(calls, bob, text)
    assert text != calls.read_now(caller, passwords.suggest, bob.id)


def test_nobody_gets_a_suggestion_for_a_user_they_do_not_see(calls: Calls, bob: User, charlie: User) -> None:
    with pytest.raises(NotFound):
        calls.read_now(caller_of(calls, charlie), passwords.suggest, bob.id)


def iris(calls: Calls, **more: Any) -> User:
    return calls.write_now(SYSTEM, users.create, {**IMPORTED, "imported_password_hash": FOREIGN, **more})


def test_a_user_comes_with_a_hash_from_elsewhere(calls: Calls, clock: FakeClock) -> None:
    user = iris(calls)

    assert user.password_hash == FOREIGN
    assert user.password_changed_at == clock.now
    assert is_outdated(FOREIGN)
    assert has_password(calls, user, OTHERS)
    assert not has_password(calls, user, "another")
    [created] = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("user.created",))).items
    assert FOREIGN not in str(created)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"authentication_method": "password"}, "wrong_method"),
        ({"authentication_method": "email_signup", "email": "i@example.com"}, "wrong_method"),
        ({"password": FIRST}, "invalid"),
        ({"imported_password_hash": "$2b$31$" + "a" * 53}, "invalid"),
        ({"imported_password_hash": "no hash at all"}, "invalid"),
        ({"imported_password_hash": 7}, "invalid"),
    ],
)
def test_a_hash_that_cannot_be_taken_is_refused_and_not_told(
    calls: Calls, values: Mapping[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        iris(calls, **values)

    [problem] = refused.value.problems
    assert ("imported_password_hash", None, code) == (problem.field, problem.value, code)
    assert FOREIGN not in str(refused.value)


def test_a_hash_sent_again_changes_nothing_and_another_one_does(calls: Calls) -> None:
    user = iris(calls)
    other = str(handlers.md5_crypt.hash("and in a third"))

    same = calls.write_now(SYSTEM, users.edit, user.id, {"imported_password_hash": FOREIGN})
    changed = calls.write_now(SYSTEM, users.edit, user.id, {"imported_password_hash": other})

    assert (same.version, same.password_hash) == (user.version, FOREIGN)
    assert changed.password_hash == other
    assert remembered(calls, user) == 0


def test_a_hash_sent_again_does_not_replace_a_password_of_ones_own(calls: Calls) -> None:
    user = iris(calls)
    reset(calls, user, text_of(1))

    calls.write_now(SYSTEM, users.edit, user.id, {"imported_password_hash": FOREIGN})

    assert has_password(calls, user, text_of(1))
    assert not is_imported(now_of(calls, user).password_hash or "")


def test_the_imported_password_is_not_chosen_again(calls: Calls) -> None:
    user = iris(calls)

    with pytest.raises(Invalid) as refused:
        reset(calls, user, OTHERS)

    assert codes(refused) == ["password_used_before"]


def test_a_clone_has_no_password(calls: Calls) -> None:
    clone = calls.write_now(SYSTEM, users.clone, iris(calls).id, {"username": "iris2"})

    assert clone.password_hash is None


def test_no_hash_is_in_the_log_or_shown(calls: Calls, bob: User) -> None:
    reset(calls, bob, text_of(1))

    entries = calls.read_now(SYSTEM, events.page, EventQuery())

    assert "argon2" not in str(entries)
    assert text_of(1) not in str(entries)
    assert "argon2" not in repr(now_of(calls, bob))
    assert verify(now_of(calls, bob).password_hash or "", text_of(1))
