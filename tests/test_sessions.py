"""Sessions: how long they last, who sees them, and who ends which."""

import httpx
import pytest
from fastapi import FastAPI

from innkeeper.actions import desktop, desktop_tokens, portraits, sessions
from innkeeper.actions import settings as site_settings
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.desktop import Tokens
from innkeeper.domain.errors import NotFound, Unauthenticated
from innkeeper.domain.users import User
from tests.browsers import browser_of
from tests.conftest import SYSTEM, FakeClock
from tests.rest import client

DEVICE = Caller("desktop", "198.51.100.7")


def is_in(calls: Calls, caller: Caller) -> bool:
    """True while the session counts; what it did is noted as its use."""
    try:
        calls.write_now(caller, portraits.own)
    except Unauthenticated:
        return False
    return True


def desktop_of(calls: Calls, user: User) -> Caller:
    device_code, grant = calls.write_now(DEVICE, desktop.begin, "client")
    calls.write_now(browser_of(calls, user), desktop.approve, grant.user_code)
    tokens = calls.write_now(DEVICE, desktop_tokens.exchange, device_code, "client")
    assert isinstance(tokens, Tokens)
    return Caller("api", "198.51.100.7", api_key=tokens.access_token)


def open_at(calls: Calls, user: User) -> list[str]:
    found = calls.read_now(SYSTEM, sessions.page, user_id=user.id).items
    return sorted(session.interface for session in found)


def test_a_browser_session_ends_when_it_rests_too_long(calls: Calls, bob: User, clock: FakeClock) -> None:
    caller = browser_of(calls, bob)

    for _ in range(3):
        clock.advance(minutes=59)
        assert is_in(calls, caller)
    assert open_at(calls, bob) == ["web"]
    clock.advance(minutes=60)

    assert not is_in(calls, caller)
    assert open_at(calls, bob) == []


def test_a_browser_session_ends_however_much_it_is_used(calls: Calls, bob: User, clock: FakeClock) -> None:
    caller = browser_of(calls, bob)

    for _ in range(23):
        clock.advance(minutes=30)
        assert is_in(calls, caller)
    clock.advance(minutes=29)
    assert is_in(calls, caller)
    clock.advance(minutes=1)

    assert not is_in(calls, caller)
    assert open_at(calls, bob) == []


def test_shorter_limits_count_for_sessions_that_are_there(calls: Calls, bob: User, clock: FakeClock) -> None:
    caller = browser_of(calls, bob)
    clock.advance(minutes=6)
    assert is_in(calls, caller)
    clock.advance(minutes=6)

    calls.write_now(SYSTEM, site_settings.edit, {"session_idle_minutes": 5})

    assert not is_in(calls, caller)


def test_a_session_that_rested_too_long_is_ended_with_the_others(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    caller = browser_of(calls, bob)
    clock.advance(hours=2)

    ended = calls.write_now(SYSTEM, sessions.end_all, bob.id)
    calls.write_now(SYSTEM, site_settings.edit, {"session_idle_minutes": 600})

    assert ended == 1
    assert not is_in(calls, caller)


def test_one_may_put_out_all_but_oneself(calls: Calls, bob: User, charlie: User) -> None:
    mine, other, connection = browser_of(calls, bob), browser_of(calls, bob), desktop_of(calls, bob)
    stranger = browser_of(calls, charlie)

    calls.write_now(mine, sessions.end_others, bob.id, interface="desktop", reason="revoked")
    assert (is_in(calls, other), is_in(calls, connection)) == (True, False)
    calls.write_now(mine, sessions.end_others, bob.id, reason="revoked")

    assert [is_in(calls, caller) for caller in (mine, other, stranger)] == [True, False, True]
    with pytest.raises(NotFound):
        calls.write_now(mine, sessions.end_all, charlie.id)


async def test_the_api_lists_by_interface_and_ends_by_interface(
    calls: Calls, as_ada: httpx.AsyncClient, bob: User
) -> None:
    browser, connection = browser_of(calls, bob), desktop_of(calls, bob)
    address = f"/api/v1/users/{bob.id}/sessions"

    listed = {
        interface: (await as_ada.get("/api/v1/sessions", params={"interface": interface})).json()["items"]
        for interface in ("web", "desktop", "sftp")
    }
    wrong = await as_ada.get("/api/v1/sessions", params={"interface": "door"})
    ended = (await as_ada.delete(address, params={"interface": "desktop"})).json()["ended"]

    assert {name: len(items) for name, items in listed.items()} == {"web": 2, "desktop": 1, "sftp": 0}
    assert wrong.status_code == 422
    assert ended == 1
    assert (is_in(calls, browser), is_in(calls, connection)) == (True, False)
    assert (await as_ada.delete(address)).json()["ended"] == 2
    assert not is_in(calls, browser)


async def test_a_connection_may_put_out_all_but_itself(calls: Calls, bob: User, rest: FastAPI) -> None:
    first, second, browser = desktop_of(calls, bob), desktop_of(calls, bob), browser_of(calls, bob)
    assert first.api_key is not None
    async with client(rest, first.api_key) as api:
        answer = await api.delete(f"/api/v1/users/{bob.id}/sessions", params={"keep_own": True})

    assert answer.json() == {"ended": 4}
    assert [is_in(calls, caller) for caller in (first, second, browser)] == [True, False, False]


async def test_ending_a_session_twice_is_the_same_as_once(calls: Calls, bob: User, bobs: Caller) -> None:
    session = calls.read_now(SYSTEM, sessions.page, user_id=bob.id).items[0]

    calls.write_now(SYSTEM, sessions.end, session.id)
    calls.write_now(SYSTEM, sessions.end, session.id)

    assert calls.read_now(SYSTEM, sessions.page, user_id=bob.id).items == []
