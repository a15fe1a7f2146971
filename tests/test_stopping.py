"""Every way of stopping someone, against browser sessions and API keys."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from innkeeper.actions import api_keys, sessions, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Unauthenticated
from innkeeper.domain.users import User
from tests.browsers import open_browser
from tests.conftest import SYSTEM

ADDRESS = "192.0.2.7"
PASSWORD = "staple tractor nine"
Stop = Callable[[Calls, User], object]

BOTH: dict[str, Stop] = {
    "suspend": lambda calls, user: calls.write_now(SYSTEM, users.suspend, user.id),
    "delete": lambda calls, user: calls.write_now(SYSTEM, users.delete, user.id),
    "expire": lambda calls, user: edit(calls, user, access_expires_at="2026-03-01"),
    "shut the doors": lambda calls, user: edit(calls, user, protocols=["sftp"]),
    "shut the site's doors": lambda calls, user: calls.write_now(
        SYSTEM, settings.edit, {"protocols": ["sftp"]}
    ),
    "remove the address": lambda calls, user: edit(calls, user, allowed_ips=["198.51.100.0/24"]),
    "remove the site's address": lambda calls, user: calls.write_now(
        SYSTEM, settings.edit, {"allowed_ips": ["198.51.100.0/24"]}
    ),
}
SESSION_ONLY: dict[str, Stop] = {
    "reset the password": lambda calls, user: edit(calls, user, password="a brand new password"),
    "end every session": lambda calls, user: calls.write_now(SYSTEM, sessions.end_all, user.id),
}


def edit(calls: Calls, user: User, **values: object) -> User:
    return calls.write_now(SYSTEM, users.edit, user.id, values)


def key_holder(calls: Calls, user: User) -> Caller:
    """Bob, by an API key."""
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    return Caller("api", ADDRESS, api_key=token)


@pytest.mark.parametrize("way", [*BOTH, *SESSION_ONLY])
async def test_a_browser_session_is_worth_nothing_at_once(calls: Calls, bob: User, way: str) -> None:
    caller = await open_browser(calls, "bob", PASSWORD)
    assert bob.id == (await calls.read(caller, users.show, bob.id)).id

    (BOTH | SESSION_ONLY)[way](calls, bob)

    with pytest.raises(Unauthenticated):
        await calls.read(caller, users.show, bob.id)


@pytest.mark.parametrize("way", BOTH)
def test_an_api_key_is_worth_nothing_at_once(calls: Calls, bob: User, way: str) -> None:
    caller = key_holder(calls, bob)
    assert bob.id == calls.read_now(caller, users.show, bob.id).id

    BOTH[way](calls, bob)

    with pytest.raises(Unauthenticated):
        calls.read_now(caller, users.show, bob.id)


async def test_who_comes_back_has_to_sign_in_again(calls: Calls, bob: User) -> None:
    caller = await open_browser(calls, "bob", PASSWORD)
    calls.write_now(SYSTEM, users.suspend, bob.id)

    calls.write_now(SYSTEM, users.reactivate, bob.id)

    with pytest.raises(Unauthenticated):
        await calls.read(caller, users.show, bob.id)


def test_a_revoked_and_an_expired_key_are_worth_nothing(calls: Calls, bob: User) -> None:
    key, token = calls.write_now(SYSTEM, api_keys.create, bob.id, "one")
    past = datetime(2026, 3, 1, tzinfo=UTC)
    _, old = calls.write_now(SYSTEM, api_keys.create, bob.id, "two", expires_at=past)

    calls.write_now(SYSTEM, api_keys.revoke, key.id)

    for spent in (token, old):
        with pytest.raises(Unauthenticated):
            calls.read_now(Caller("api", ADDRESS, api_key=spent), users.show, bob.id)


def test_a_key_works_only_from_its_addresses(calls: Calls, bob: User) -> None:
    _, token = calls.write_now(SYSTEM, api_keys.create, bob.id, "office", allowed_ips=["192.0.2.0/24"])

    assert bob.id == calls.read_now(Caller("api", ADDRESS, api_key=token), users.show, bob.id).id
    with pytest.raises(Unauthenticated):
        calls.read_now(Caller("api", "203.0.113.9", api_key=token), users.show, bob.id)
