"""The one log-in decision: begin, prove, finish."""

import asyncio
from typing import Any

import pytest

from innkeeper.actions import connections, events, sessions, settings, ssh_keys, users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Admission, Desk
from innkeeper.actions.web_desk import Browser
from innkeeper.domain.errors import NotNow, Unauthenticated
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Status
from tests.browsers import open_browser
from tests.conftest import SYSTEM, FakeClock
from tests.test_users import KEY

PASSWORD = "staple tractor nine"


@pytest.fixture
def desk(calls: Calls) -> Desk:
    return Desk(calls, "node-1", Activity(calls), KnownPaths())


async def sign_in(
    desk: Desk,
    username: str,
    *,
    password: str | None = None,
    fingerprint: str | None = None,
    address: str = "192.0.2.7",
) -> Admission | None:
    attempt = await desk.begin(username, interface="sftp", address=address, client="OpenSSH_9.2")
    if fingerprint is not None and not await desk.prove_key(attempt, fingerprint):
        await desk.fail(attempt)
        return None
    if password is not None and not await desk.prove_password(attempt, password):
        await desk.fail(attempt)
        return None
    if desk.owed(attempt):
        return None
    return await desk.finish(attempt)


def failures(calls: Calls) -> list[Any]:
    page = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("login.failed",)))
    return [event.data["reason"] for event in page.items]


async def test_the_right_password_opens_a_session_and_a_connection(
    desk: Desk, calls: Calls, bob: User, clock: FakeClock
) -> None:
    admission = await sign_in(desk, "BOB", password=PASSWORD)

    assert admission is not None
    assert bob.id == admission.user_id
    assert len(calls.read_now(SYSTEM, sessions.page, user_id=bob.id).items) == 1
    assert len(calls.read_now(SYSTEM, connections.page, user_id=bob.id).items) == 1
    assert clock.now == calls.read_now(SYSTEM, users.show, bob.id).last_login_at


async def test_unknown_names_and_wrong_passwords_look_the_same(desk: Desk, calls: Calls, bob: User) -> None:
    known = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="")
    unknown = await desk.begin("nobody", interface="sftp", address="192.0.2.7", client="")

    assert known.methods == unknown.methods
    assert not await desk.prove_password(known, "wrong")
    assert not await desk.prove_password(unknown, "wrong")
    await desk.fail(known)
    await desk.fail(unknown)
    assert {"wrong_password", "unknown_user"} == set(failures(calls))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"disabled": True}, "suspended"),
        ({"access_expires_at": "2026-03-01"}, "expired"),
        ({"require_login_by": "2026-03-01"}, "did_not_sign_in_by_the_date"),
        ({"protocols": ["web"]}, "protocol_not_allowed"),
        ({"allowed_ips": ["198.51.100.0/24"]}, "address_not_allowed"),
    ],
)
async def test_the_right_password_is_not_enough(
    desk: Desk, calls: Calls, bob: User, values: dict[str, Any], reason: str
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, values)

    assert await sign_in(desk, "bob", password=PASSWORD) is None
    assert [reason] == failures(calls)


async def test_a_user_inside_their_own_list_still_needs_the_site_s(
    desk: Desk, calls: Calls, bob: User
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"allowed_ips": ["192.0.2.0/24"]})
    calls.write_now(SYSTEM, settings.edit, {"allowed_ips": ["198.51.100.0/24"]})

    assert await sign_in(desk, "bob", password=PASSWORD) is None
    calls.write_now(SYSTEM, users.edit, bob.id, {"bypass_site_allowed_ips": True})
    assert await sign_in(desk, "bob", password=PASSWORD) is not None


async def test_ten_wrong_passwords_lock_the_password_but_not_the_key(
    desk: Desk, calls: Calls, bob: User, clock: FakeClock
) -> None:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    for _ in range(10):
        await sign_in(desk, "bob", password="wrong")

    assert calls.read_now(SYSTEM, users.show, bob.id).status(clock.now) == Status.LOCKED
    assert await sign_in(desk, "bob", password=PASSWORD) is None
    assert await sign_in(desk, "bob", fingerprint=key.fingerprint) is not None
    clock.advance(minutes=16)
    assert await sign_in(desk, "bob", password=PASSWORD) is not None


async def test_an_administrator_unlocks(desk: Desk, calls: Calls, bob: User) -> None:
    for _ in range(10):
        await sign_in(desk, "bob", password="wrong")

    calls.write_now(SYSTEM, users.unlock, bob.id)

    assert await sign_in(desk, "bob", password=PASSWORD) is not None


async def test_both_means_both(desk: Desk, calls: Calls, bob: User) -> None:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    calls.write_now(SYSTEM, users.edit, bob.id, {"authentication_method": "password_and_ssh_key"})

    assert await sign_in(desk, "bob", password=PASSWORD) is None
    assert await sign_in(desk, "bob", fingerprint=key.fingerprint) is None
    assert await sign_in(desk, "bob", fingerprint=key.fingerprint, password=PASSWORD) is not None


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_without_the_key_no_password_is_told_from_another(
    desk: Desk, calls: Calls, bob: User, clock: FakeClock, password: str
) -> None:
    calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    calls.write_now(SYSTEM, users.edit, bob.id, {"authentication_method": "password_and_ssh_key"})

    for _ in range(11):
        attempt = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="")
        assert not await desk.prove_password(attempt, password)
        assert desk.owed(attempt) == {"password", "public_key"}
        await desk.fail(attempt)

    assert set(failures(calls)) == {"wrong_key"}
    assert calls.read_now(SYSTEM, users.show, bob.id).status(clock.now) != Status.LOCKED


async def test_a_wrong_password_after_the_key_is_counted_whatever_came_before(
    desk: Desk, calls: Calls, bob: User, clock: FakeClock
) -> None:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    calls.write_now(SYSTEM, users.edit, bob.id, {"authentication_method": "password_and_ssh_key"})

    for _ in range(10):
        attempt = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="")
        await desk.prove_password(attempt, PASSWORD)
        assert await desk.prove_key(attempt, key.fingerprint)
        assert not await desk.prove_password(attempt, "wrong")
        await desk.fail(attempt)

    assert set(failures(calls)) == {"wrong_password"}
    assert calls.read_now(SYSTEM, users.show, bob.id).status(clock.now) == Status.LOCKED


async def test_a_key_that_was_only_asked_about_is_a_wrong_key(desk: Desk, calls: Calls, bob: User) -> None:
    for name in ("bob", "nobody"):
        attempt = await desk.begin(name, interface="sftp", address="192.0.2.7", client="")
        assert not desk.knows_key(attempt, "SHA256:unknown")
        await desk.fail(attempt)

    assert set(failures(calls)) == {"wrong_key", "unknown_user"}


async def test_none_means_keys_only(desk: Desk, calls: Calls, bob: User) -> None:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    calls.write_now(SYSTEM, users.edit, bob.id, {"authentication_method": "none"})

    assert await sign_in(desk, "bob", password=PASSWORD) is None
    assert await sign_in(desk, "bob", fingerprint=key.fingerprint) is not None


async def test_a_password_changed_in_the_middle_no_longer_counts(desk: Desk, calls: Calls, bob: User) -> None:
    attempt = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="")
    assert await desk.prove_password(attempt, PASSWORD)

    calls.write_now(SYSTEM, users.edit, bob.id, {"password": "another long password"})

    assert await desk.finish(attempt) is None


async def test_a_browser_session_lives_until_it_is_idle(
    desk: Desk, calls: Calls, bob: User, clock: FakeClock
) -> None:
    caller = await open_browser(calls, "bob", PASSWORD)
    assert bob.id == (await calls.read(caller, users.show, bob.id)).id
    clock.advance(minutes=61)
    with pytest.raises(Unauthenticated):
        await calls.read(caller, users.show, bob.id)


async def test_use_keeps_a_session_alive(desk: Desk, calls: Calls, bob: User, clock: FakeClock) -> None:
    caller = await open_browser(calls, "bob", PASSWORD)

    for _ in range(3):
        clock.advance(minutes=40)
        await calls.read(caller, users.show, bob.id)
        await asyncio.sleep(0.1)

    assert clock.now == calls.read_now(SYSTEM, users.show, bob.id).last_active_at


async def test_signing_out_ends_the_session(desk: Desk, calls: Calls, bob: User) -> None:
    caller = await open_browser(calls, "bob", PASSWORD)

    await calls.write(caller, sessions.end_own)

    with pytest.raises(Unauthenticated):
        await calls.read(caller, users.show, bob.id)


async def test_nobody_shuts_the_door_behind_themselves(desk: Desk, calls: Calls, ada: User) -> None:
    caller = await open_browser(calls, "ada", "correct horse battery")

    with pytest.raises(NotNow):
        await calls.write(caller, settings.edit, {"protocols": ["sftp"]})
    with pytest.raises(NotNow):
        await calls.write(caller, settings.edit, {"allowed_ips": ["198.51.100.0/24"]})


async def test_what_a_caller_presents_is_not_printed(calls: Calls, bob: User) -> None:
    caller = await open_browser(calls, "bob", PASSWORD)

    assert caller.session_token is not None
    assert caller.session_token not in repr(caller)
    assert "ink_" not in repr(Caller("api", api_key="ink_secret"))
    assert "cookie" not in repr(Browser(caller, "cookie-of-the-browser"))
