"""A password that is due, changed in the middle of a log-in: by whoever has shown all else."""

from typing import Any

import pytest

from innkeeper.actions import events, password_at_login, settings, users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.actions.passwords import Background
from innkeeper.domain.errors import Invalid
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.kit.passwords import make_password
from tests.conftest import SYSTEM, FakeClock

OLD, NEW = "staple tractor nine", "a wholly other engine"
DOOR = Caller("sftp", "192.0.2.7", "OpenSSH")


@pytest.fixture
def desk(calls: Calls) -> Desk:
    return Desk(calls, "node", Activity(calls), KnownPaths())


async def attempt_of(desk: Desk, password: str = OLD, name: str = "bob") -> Attempt:
    attempt = await desk.begin(name, interface="sftp", address="192.0.2.7", client="OpenSSH")
    assert await desk.prove_password(attempt, password)
    return attempt


def edit(calls: Calls, user: User, **values: Any) -> None:
    calls.write_now(SYSTEM, users.edit, user.id, values)


def kinds(calls: Calls) -> list[str]:
    page = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("password.", "login.", "session.")))
    return [event.kind for event in reversed(page.items)]


async def test_a_due_password_is_changed_and_opens_the_door(calls: Calls, desk: Desk, bob: User) -> None:
    edit(calls, bob, require_password_change=True)
    attempt = await attempt_of(desk)

    await desk.renew_password(attempt, NEW)

    assert not attempt.owes_new_password
    assert await desk.finish(attempt) is not None
    assert kinds(calls) == ["password.changed", "login.succeeded"]
    changed = calls.read_now(SYSTEM, users.show, bob.id)
    assert not changed.require_password_change
    assert (await attempt_of(desk, NEW)).owes_new_password is False


async def test_the_rules_hold_here_too(calls: Calls, desk: Desk, bob: User) -> None:
    edit(calls, bob, require_password_change=True)
    attempt = await attempt_of(desk)

    for refused in ("short", OLD, "bob byron bob byron", "\x00" * 12, ""):
        with pytest.raises(Invalid):
            await desk.renew_password(attempt, refused)

    assert attempt.owes_new_password
    assert kinds(calls) == []


async def test_an_expired_password_is_due(calls: Calls, desk: Desk, bob: User, clock: FakeClock) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_validity_days": 30})
    assert (await attempt_of(desk)).password_days_left is None
    clock.advance(days=20)
    assert (await attempt_of(desk)).password_days_left == 10
    clock.advance(days=10)
    attempt = await attempt_of(desk)

    assert attempt.owes_new_password
    assert await desk.finish(attempt) is None
    assert attempt.refused_because is WhyNot.PASSWORD_OVERDUE
    attempt = await attempt_of(desk)
    await desk.renew_password(attempt, NEW)
    assert await desk.finish(attempt) is not None


async def test_nothing_is_changed_before_the_password_was_shown(calls: Calls, desk: Desk, bob: User) -> None:
    edit(calls, bob, require_password_change=True)
    attempt = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="OpenSSH")

    await desk.renew_password(attempt, NEW)

    assert kinds(calls) == []
    await attempt_of(desk)


async def test_nothing_is_changed_that_need_not_be(calls: Calls, desk: Desk, bob: User) -> None:
    await desk.renew_password(await attempt_of(desk), NEW)

    assert kinds(calls) == []
    await attempt_of(desk)


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        ({"disabled": True}, WhyNot.SUSPENDED),
        ({"protocols": ["web"]}, WhyNot.PROTOCOL),
        ({"allowed_ips": ["203.0.113.0/24"]}, WhyNot.ADDRESS),
    ],
)
async def test_nothing_is_changed_for_someone_who_may_not_be_in(
    calls: Calls, desk: Desk, bob: User, meanwhile: dict[str, Any], reason: WhyNot
) -> None:
    edit(calls, bob, require_password_change=True)
    attempt = await attempt_of(desk)
    edit(calls, bob, **meanwhile)

    await desk.renew_password(attempt, NEW)

    assert await desk.finish(attempt) is None
    assert attempt.refused_because is reason
    assert "password.changed" not in kinds(calls)


async def test_of_two_changes_at_once_the_first_counts(calls: Calls, desk: Desk, bob: User) -> None:
    edit(calls, bob, require_password_change=True)
    first, second = await attempt_of(desk), await attempt_of(desk)

    await desk.renew_password(first, NEW)
    await desk.renew_password(second, "yet another engine here")

    assert await desk.finish(first) is not None
    assert await desk.finish(second) is None
    assert second.refused_because is WhyNot.WRONG_PASSWORD
    assert kinds(calls).count("password.changed") == 1


def test_a_name_that_nobody_has_changes_nothing(calls: Calls) -> None:
    attempt = Attempt("nobody", "sftp", "192.0.2.7", "OpenSSH")

    assert Background() == calls.read_now(DOOR, password_at_login.background, attempt)
    assert calls.write_now(DOOR, password_at_login.change, attempt, make_password(NEW)) is None
