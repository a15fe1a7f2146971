"""Passwords in CSV files: hashes from elsewhere, invitations, earlier and breached passwords."""

from collections.abc import Callable
from pathlib import Path

import pytest
from passlib import hash as handlers

from innkeeper.actions import imports, passwords, users
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import MailKind
from innkeeper.domain.plans import Outcome, Plan, Verdict
from innkeeper.domain.users import User
from innkeeper.domain.words import Status
from innkeeper.kit.passwords import Hasher, make_password
from tests.conftest import SYSTEM, FakeClock
from tests.test_breached_passwords import listed
from tests.test_imports import apply, changes_of, plan
from tests.test_password_links import has_password, links, mails_of, now_of

__all__ = ["apply", "plan"]

OTHERS = "once in another place"
FOREIGN = str(handlers.bcrypt.using(rounds=4).hash(OTHERS))
HEADER = "username,authentication_method,imported_password_hash\n"
IRIS = f"iris,password_with_imported_hash,{FOREIGN}\n"
Planning = Callable[..., Plan]


def find(calls: Calls, username: str) -> User:
    return calls.read_now(SYSTEM, users.find, username)


def test_users_come_with_hashes_from_elsewhere(calls: Calls, plan: Planning, apply: Planning) -> None:
    crypt = str(handlers.sha512_crypt.using(rounds=1000).hash(OTHERS))

    applied = apply(plan(HEADER + IRIS + f"ivo,password_with_imported_hash,{crypt}\n"))

    assert applied.counts.applied == 2
    assert has_password(calls, find(calls, "iris"), OTHERS)
    assert has_password(calls, find(calls, "ivo"), OTHERS)


def test_the_same_file_again_changes_nothing_even_after_a_password_of_ones_own(
    calls: Calls, plan: Planning, apply: Planning
) -> None:
    apply(plan(HEADER + IRIS))

    before = plan(HEADER + IRIS)
    calls.write_now(SYSTEM, passwords.reset, find(calls, "iris").id, make_password("mauve lantern ferry 7"))
    after = plan(HEADER + IRIS)

    assert (before.counts.unchanged, after.counts.unchanged) == (1, 1)


def test_another_hash_replaces_the_first_until_then(calls: Calls, plan: Planning, apply: Planning) -> None:
    apply(plan(HEADER + IRIS))
    other = str(handlers.md5_crypt.hash("in a third place"))

    apply(plan(f"username,imported_password_hash\niris,{other}\n"))

    assert has_password(calls, find(calls, "iris"), "in a third place")


def test_a_hash_that_cannot_be_taken_makes_a_row_invalid_and_is_not_kept(
    calls: Calls, plan: Planning
) -> None:
    costly = "$2b$31$" + "a" * 53
    planned = plan(
        HEADER.strip()
        + ",password\n"
        + f"one,password_with_imported_hash,{costly},\n"
        + f"two,password,{FOREIGN},\n"
        + "three,password_with_imported_hash,not a hash,\n"
        + f"four,password_with_imported_hash,{FOREIGN},mauve lantern ferry 7\n"
    )

    changes = changes_of(calls, planned)
    reasons = [str(change.reason) for change in changes]
    assert {change.verdict for change in changes} == {Verdict.INVALID}
    assert "bcrypt up to cost=14" in reasons[0]
    assert "authentication_method is password_with_imported_hash" in reasons[1]
    assert "a hash as bcrypt" in reasons[2]
    assert "either a password or a hash" in reasons[3]
    for secret in (costly, FOREIGN, "not a hash", "mauve lantern"):
        assert secret not in str(changes)


def test_a_plan_keeps_no_hash_once_it_is_applied(calls: Calls, plan: Planning, apply: Planning) -> None:
    applied = apply(plan(HEADER + IRIS))

    [change] = changes_of(calls, applied)

    assert (change.outcome, change.password_hash) == (Outcome.APPLIED, "")
    assert change.after["password"] == "new"
    assert FOREIGN not in str(change)


def test_a_plan_that_is_stopped_keeps_no_hash_either(calls: Calls, plan: Planning) -> None:
    planned = plan(HEADER + IRIS + "ina,,\n")

    calls.write_now(SYSTEM, imports.stop, planned.id)

    assert [change.password_hash for change in changes_of(calls, planned)] == ["", None]


def test_who_signs_up_by_mail_is_invited_by_the_import(
    calls: Calls, plan: Planning, apply: Planning, clock: FakeClock
) -> None:
    text = "username,authentication_method,email\neve,email_signup,eve@example.com\neva,email_signup,\n"

    planned = plan(text)
    apply(planned)

    invited, missing = changes_of(calls, planned)
    assert (invited.verdict, missing.verdict) == (Verdict.NEW, Verdict.INVALID)
    assert "an address, to which the link" in str(missing.reason)
    assert find(calls, "eve").status(clock.now) is Status.INVITED
    [mail] = mails_of(calls, MailKind.INVITATION)
    assert mail.to_address == "eve@example.com"
    assert len(links(calls)) == 1
    assert plan(text).counts.unchanged == 1


def test_an_earlier_password_makes_a_row_invalid_and_the_present_one_changes_nothing(
    calls: Calls, plan: Planning, bob: User
) -> None:
    calls.write_now(SYSTEM, passwords.reset, bob.id, make_password("mauve lantern ferry 7"))

    earlier = plan("username,password\nbob,staple tractor nine\n")
    present = plan("username,password\nbob,mauve lantern ferry 7\n")

    [change] = changes_of(calls, earlier)
    assert change.verdict is Verdict.INVALID
    assert "none of the user's last 5 passwords" in str(change.reason)
    assert present.counts.unchanged == 1


def test_a_breached_password_makes_a_row_invalid(
    calls: Calls, plan: Planning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breached = listed(tmp_path / "list.txt", ["mauve lantern ferry 7"])
    monkeypatch.setattr(calls, "hasher", Hasher(breached=breached))

    planned = plan("username,password\nann,mauve lantern ferry 7\ngus,mauve lantern ferry 8\n")

    stolen, good = changes_of(calls, planned)
    assert (stolen.verdict, good.verdict) == (Verdict.INVALID, Verdict.NEW)
    assert "never stolen elsewhere" in str(stolen.reason)
    calls.hasher.close()


def test_a_password_of_a_row_is_held_against_every_rule(calls: Calls, plan: Planning) -> None:
    planned = plan("username,company,password\ngrace,Hopper,hopper1\n")

    [change] = changes_of(calls, planned)

    for part in ("at least 10 characters", "harder to guess", "common ones", "address or company"):
        assert part in str(change.reason)
    assert "hopper1" not in str(change)


def test_a_forced_change_comes_with_a_hash_from_elsewhere(
    calls: Calls, plan: Planning, apply: Planning
) -> None:
    apply(plan(HEADER + IRIS, require_password_change=True))

    assert now_of(calls, find(calls, "iris")).require_password_change
