"""The first administrator of a new site, by a link that works once."""

import pytest

from innkeeper.actions import events, settings, setup, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Invalid, NotFound, NotNow
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from tests.conftest import SYSTEM

NOBODY = Caller("web", "192.0.2.7")
ADA = {"username": "ada", "email": "ada@example.com", "password": "correct horse battery"}


def link(calls: Calls) -> str:
    token = calls.write_now(SYSTEM, setup.make_link)
    assert token is not None
    return token


def test_a_link_makes_the_first_administrator_and_names_the_site(calls: Calls) -> None:
    token = link(calls)
    assert calls.read_now(NOBODY, setup.is_due)

    ada = calls.write_now(NOBODY, setup.finish, token, ADA, {"site_name": "Our files"})

    assert ada.is_site_administrator
    assert calls.read_now(SYSTEM, settings.show).site_name == "Our files"
    assert not calls.read_now(NOBODY, setup.is_due)
    kinds = [event.kind.value for event in calls.read_now(SYSTEM, events.page, EventQuery()).items]
    assert kinds == ["site.set_up", "settings.edited", "user.created"]


def test_only_the_newest_link_works_and_only_once(calls: Calls) -> None:
    old, new = link(calls), link(calls)

    for wrong in (old, "guessed"):
        with pytest.raises(NotFound, match="setup link"):
            calls.write_now(NOBODY, setup.finish, wrong, ADA, {})
    calls.write_now(NOBODY, setup.finish, new, ADA, {})

    with pytest.raises(NotFound, match="setup link"):
        calls.write_now(NOBODY, setup.finish, new, {**ADA, "username": "eve"}, {})


def test_bad_values_leave_the_link_as_it_was(calls: Calls) -> None:
    token = link(calls)

    with pytest.raises(Invalid, match="at least 10 characters"):
        calls.write_now(NOBODY, setup.finish, token, {**ADA, "password": "short"}, {})

    calls.read_now(NOBODY, setup.check_link, token)
    assert calls.read_now(NOBODY, setup.is_due)


def test_a_site_with_users_is_not_set_up_again(calls: Calls, bob: User) -> None:
    assert calls.write_now(SYSTEM, setup.make_link) is None
    with pytest.raises(NotNow, match="set up already"):
        calls.write_now(NOBODY, setup.first_administrator, ADA, {})

    with pytest.raises(NotFound):
        calls.read_now(SYSTEM, users.find, "ada")
