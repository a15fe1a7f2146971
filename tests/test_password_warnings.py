"""Warnings of passwords that run out: once for each user and end, and only who can do something about it."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from innkeeper.actions import events, mails, password_warnings, passwords, settings, users
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.kit.passwords import make_password
from tests.conftest import SYSTEM, FakeClock

Warned = Callable[[], list[Mail]]


@pytest.fixture
def warned(calls: Calls) -> Warned:
    def warned() -> list[Mail]:
        password_warnings.warn_all(calls)
        found = [entry.mail for entry in calls.read_now(SYSTEM, mails.page).items]
        return [mail for mail in found if mail.kind is MailKind.PASSWORD_EXPIRING]

    return warned


@pytest.fixture
def site(calls: Calls) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_validity_days": 90, "password_warning_days": 14})


def test_warning_comes_in_time_and_once(
    calls: Calls, site: None, bob: User, clock: FakeClock, warned: Warned
) -> None:
    clock.advance(days=75, hours=23)
    early = warned()
    clock.advance(hours=2)
    first = warned()
    clock.advance(days=5)
    again = warned()

    assert early == []
    [mail] = first
    assert again == first
    assert (mail.user_id, mail.data["days_left"]) == (bob.id, 14)
    assert mail.data["ends_at"] == (bob.created_at + timedelta(days=90)).isoformat()
    [event] = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("password.expiring",))).items
    assert (event.user_id, event.data["days_left"]) == (bob.id, 14)


def test_next_password_is_warned_of_again(
    calls: Calls, site: None, bob: User, clock: FakeClock, warned: Warned
) -> None:
    clock.advance(days=80)
    warned()
    calls.write_now(SYSTEM, passwords.reset, bob.id, make_password("another horse battery"))
    soon = len(warned())
    clock.advance(days=80)

    assert (soon, len(warned())) == (1, 2)


def test_validity_of_a_user_counts_before_the_sites(
    calls: Calls, site: None, ada: User, bob: User, clock: FakeClock, warned: Warned
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"password_validity_days": 30})
    clock.advance(days=20)

    assert [mail.user_id for mail in warned()] == [bob.id]


def test_validity_of_a_user_counts_without_the_sites(
    calls: Calls, ada: User, bob: User, clock: FakeClock, warned: Warned
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"password_validity_days": 30})
    clock.advance(days=20)

    assert [mail.user_id for mail in warned()] == [bob.id]


def test_site_may_want_no_warnings(
    calls: Calls, site: None, bob: User, clock: FakeClock, warned: Warned
) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_warning_days": 0})
    clock.advance(days=89)

    assert warned() == []


@pytest.mark.parametrize(
    "values",
    [
        {"email": ""},
        {"disabled": True},
        {"authentication_method": "sso"},
        {"access_expires_at": "2026-03-20"},
    ],
    ids=str,
)
def test_who_can_do_nothing_about_it_is_not_warned(
    calls: Calls, site: None, bob: User, clock: FakeClock, warned: Warned, values: dict[str, object]
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, values)
    clock.advance(days=80)

    assert warned() == []


def test_deleted_user_and_password_that_has_run_out_are_left(
    calls: Calls, site: None, ada: User, bob: User, clock: FakeClock, warned: Warned
) -> None:
    calls.write_now(SYSTEM, users.delete, bob.id)
    clock.advance(days=90)

    assert warned() == []


def test_everyone_is_reached_in_pieces(
    calls: Calls, site: None, clock: FakeClock, warned: Warned, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = make_password("correct horse battery")
    for number in range(7):
        values = {"username": f"user{number}", "email": f"user{number}@example.com", "password": password}
        calls.write_now(SYSTEM, users.create, values)
    clock.advance(days=80)
    monkeypatch.setattr(password_warnings.warn, "__kwdefaults__", {"limit": 3})

    assert len({mail.user_id for mail in warned()}) == 7


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_nodes_at_once_warn_once(
    calls: Calls, site: None, ada: User, bob: User, clock: FakeClock, warned: Warned
) -> None:
    clock.advance(days=80)
    threads = [threading.Thread(target=password_warnings.warn_all, args=(calls,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {ada.id, bob.id} == {mail.user_id for mail in warned()}
    assert len(warned()) == 2
    assert len(calls.read_now(SYSTEM, events.page, EventQuery(kinds=("password.expiring",))).items) == 2
