"""The second factor of a sign-in: when it is asked, what it takes, and that nothing counts twice."""

import asyncio
from collections.abc import Sequence

import pyotp
import pytest

from innkeeper.actions import devices, enrolment, events, groups, memberships, settings, users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.attempts import Attempt, SignedIn
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.actions.web_desk import Browser, WebDesk
from innkeeper.domain.errors import Forbidden, ProofNeeded
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, Role, SubjectKind
from tests.conftest import SYSTEM, FakeClock

PASSWORD = "staple tractor nine"
HOME = Browser(Caller("web", "192.0.2.7", "Firefox"))


async def first_step(calls: Calls, browser: Browser = HOME) -> Attempt:
    desk = WebDesk(calls)
    attempt = await desk.begin(browser, "bob")
    assert await desk.prove_password(attempt, PASSWORD)
    return attempt


async def sign_in(calls: Calls, browser: Browser = HOME) -> SignedIn:
    opened = await WebDesk(calls).sign_in(await first_step(calls, browser))
    assert opened is not None
    return opened


def caller_of(opened: SignedIn) -> Caller:
    return Caller("web", "192.0.2.7", session_token=opened.token)


async def enrol(calls: Calls, bob: User) -> tuple[pyotp.TOTP, Sequence[str]]:
    """Bob with an app, and his recovery codes."""
    caller = caller_of(await sign_in(calls))
    begun = await calls.write(caller, enrolment.begin_app, bob.id, "Phone")
    assert begun.secret is not None
    app = pyotp.TOTP(begun.secret)
    code = app.at(calls.database.clock())
    return app, (await calls.write(caller, enrolment.confirm, begun.factor.id, code)).recovery_codes


def reasons(calls: Calls) -> list[object]:
    page = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("login.failed",)))
    return [event.data["reason"] for event in page.items]


async def test_after_the_password_the_code_opens_the_session(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    app, _ = await enrol(calls, bob)
    clock.advance(minutes=1)
    desk = WebDesk(calls)

    token = await desk.park(await first_step(calls))
    attempt = await desk.resume(HOME, token)

    assert attempt is not None
    assert {"second_factor"} == desk.owed(attempt)
    assert await desk.sign_in(attempt) is None
    assert await desk.prove_code(attempt, app.at(clock.now))
    opened = await desk.sign_in(attempt, token)
    assert opened is not None
    assert opened.session.credential == "password+totp"


async def test_a_code_counts_once_and_so_does_a_waiting_attempt(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    app, _ = await enrol(calls, bob)
    clock.advance(minutes=1)
    desk, code = WebDesk(calls), app.at(clock.now)
    token = await desk.park(await first_step(calls))
    attempts = [await desk.resume(HOME, token) for _ in range(2)]
    assert attempts[0] is not None
    assert attempts[1] is not None

    proved = await asyncio.gather(*(desk.prove_code(attempt, code) for attempt in attempts if attempt))

    assert sorted(proved) == [False, True]
    right = next(attempt for attempt, is_right in zip(attempts, proved, strict=True) if is_right)
    assert right is not None
    assert await desk.sign_in(right, token) is not None
    assert await desk.resume(HOME, token) is None
    assert await desk.sign_in(right, token) is None


async def test_a_recovery_code_stands_in_once(calls: Calls, bob: User, clock: FakeClock) -> None:
    _, codes = await enrol(calls, bob)
    desk = WebDesk(calls)
    attempts = [await first_step(calls) for _ in range(4)]

    proved = await asyncio.gather(*(desk.prove_code(attempt, codes[0]) for attempt in attempts))

    assert sum(proved) == 1
    assert await desk.prove_code(await first_step(calls), codes[1].lower().replace("-", " "))


async def test_five_wrong_codes_end_the_attempt_and_ten_lock_the_user(calls: Calls, bob: User) -> None:
    await enrol(calls, bob)
    desk = WebDesk(calls)

    for _ in range(2):
        token = await desk.park(await first_step(calls))
        for left in (4, 3, 2, 1, 0):
            attempt = await desk.resume(HOME, token)
            assert attempt is not None
            assert not await desk.prove_code(attempt, "000000")
            assert left == await desk.wrong_step(attempt, token)
        assert await desk.resume(HOME, token) is None

    assert {"wrong_second_factor"} == set(reasons(calls))
    assert calls.read_now(SYSTEM, users.show, bob.id).locked_until is not None


async def test_a_password_reset_makes_waiting_attempts_worthless(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    await enrol(calls, bob)
    token = await WebDesk(calls).park(await first_step(calls))

    calls.write_now(SYSTEM, users.edit, bob.id, await calls.hashed({"password": "a wholly other engine"}))

    assert await WebDesk(calls).resume(HOME, token) is None


async def test_an_attempt_waits_ten_minutes(calls: Calls, bob: User, clock: FakeClock) -> None:
    await enrol(calls, bob)
    token = await WebDesk(calls).park(await first_step(calls))

    clock.advance(minutes=10)

    assert await WebDesk(calls).resume(HOME, token) is None


async def test_a_trusted_browser_is_not_asked_for_thirty_days(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    app, _ = await enrol(calls, bob)
    clock.advance(minutes=1)
    attempt = await first_step(calls)
    attempt.trust_device = True
    assert await WebDesk(calls).prove_code(attempt, app.at(clock.now))
    opened = await WebDesk(calls).sign_in(attempt)
    assert opened is not None
    home = Browser(HOME.caller, opened.device_token)

    clock.advance(days=29)
    assert frozenset() == (await first_step(calls, home)).owed()
    assert {"second_factor"} == WebDesk(calls).owed(await first_step(calls))
    known = await calls.read(SYSTEM, devices.of_user, bob.id)
    await calls.write(SYSTEM, devices.forget, bob.id, known[0].id)
    assert {"second_factor"} == WebDesk(calls).owed(await first_step(calls, home))


async def test_trust_ends_after_thirty_days(calls: Calls, bob: User, clock: FakeClock) -> None:
    app, _ = await enrol(calls, bob)
    clock.advance(minutes=1)
    attempt = await first_step(calls)
    attempt.trust_device = True
    assert await WebDesk(calls).prove_code(attempt, app.at(clock.now))
    opened = await WebDesk(calls).sign_in(attempt)
    assert opened is not None

    clock.advance(days=30)

    again = await first_step(calls, Browser(HOME.caller, opened.device_token))
    assert {"second_factor"} == WebDesk(calls).owed(again)


@pytest.mark.parametrize("by", ["site", "role", "group", "user"])
async def test_a_mandate_gives_a_week_and_then_lets_in_only_to_set_one_up(
    calls: Calls, bob: User, staff: Group, clock: FakeClock, by: str
) -> None:
    if by == "site":
        calls.write_now(SYSTEM, settings.edit, {"require_2fa": True})
    elif by == "role":
        calls.write_now(SYSTEM, settings.edit, {"require_2fa_roles": [Role.USER.value]})
    elif by == "group":
        calls.write_now(SYSTEM, groups.edit, staff.id, {"require_2fa": True})
        calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id)
    else:
        calls.write_now(SYSTEM, users.edit, bob.id, {"require_2fa": True})

    assert frozenset() == (await sign_in(calls)).session.owes
    clock.advance(days=6, hours=23)
    assert frozenset() == (await sign_in(calls)).session.owes
    clock.advance(hours=1)
    late = await sign_in(calls)

    assert {Duty.SECOND_FACTOR} == late.session.owes
    with pytest.raises(Forbidden):
        await calls.write(caller_of(late), users.edit, bob.id, {"name": "Robert"})
    begun = await calls.write(caller_of(late), enrolment.begin_app, bob.id, "Phone")
    code = pyotp.TOTP(begun.secret or "").at(clock.now)
    await calls.write(caller_of(late), enrolment.confirm, begun.factor.id, code)
    await calls.write(caller_of(late), users.edit, bob.id, {"name": "Robert"})


async def test_sftp_refuses_a_password_when_the_grace_is_over(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    desk = Desk(calls, "node", Activity(calls), KnownPaths())
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": True})

    async def enter() -> bool:
        attempt = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="")
        return await desk.prove_password(attempt, PASSWORD) and await desk.finish(attempt) is not None

    assert await enter()
    clock.advance(days=7)
    assert not await enter()
    assert reasons(calls) == ["second_factor_missing"]


async def test_switching_the_mandate_off_takes_a_day(calls: Calls, bob: User, clock: FakeClock) -> None:
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": True})
    calls.write_now(SYSTEM, settings.edit, {"two_factor_grace_days": 0})
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": False})

    clock.advance(hours=23)
    assert {Duty.SECOND_FACTOR} == (await sign_in(calls)).session.owes
    clock.advance(hours=1)
    assert frozenset() == (await sign_in(calls)).session.owes


async def test_an_exempt_user_is_never_asked(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": True, "two_factor_grace_days": 0})
    calls.write_now(SYSTEM, users.edit, bob.id, {"require_2fa": False})

    assert frozenset() == (await sign_in(calls)).session.owes


async def test_a_sensitive_change_needs_a_proof_of_the_last_ten_minutes(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    caller = caller_of(await sign_in(calls))
    clock.advance(minutes=10)
    desk = WebDesk(calls)

    with pytest.raises(ProofNeeded):
        await calls.write(caller, enrolment.begin_app, bob.id, "Phone")
    attempt = await desk.begin_again(caller)
    assert not await desk.finish_again(caller, attempt)
    assert not await desk.prove_password(attempt, "wrong")
    await desk.fail(attempt)
    assert await desk.prove_password(attempt, PASSWORD)
    assert await desk.finish_again(caller, attempt)

    await calls.write(caller, enrolment.begin_app, bob.id, "Phone")
    assert len(calls.read_now(SYSTEM, events.page, EventQuery(kinds=("session.proved",))).items) == 1


async def test_guessing_the_password_in_a_stolen_session_locks_it(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    caller = caller_of(await sign_in(calls))
    desk = WebDesk(calls)
    for _ in range(10):
        attempt = await desk.begin_again(caller)
        await desk.prove_password(attempt, "wrong")
        await desk.fail(attempt)

    attempt = await desk.begin_again(caller)

    assert await desk.prove_password(attempt, PASSWORD)
    assert not await desk.finish_again(caller, attempt)


async def test_only_a_sign_in_from_a_strange_browser_is_told_as_new(calls: Calls, bob: User) -> None:
    first = await sign_in(calls)
    await sign_in(calls, Browser(HOME.caller, first.device_token))
    await sign_in(calls)

    page = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("login.succeeded",)))
    assert [event.data.get("is_new_device") for event in page.items] == [True, None, None]
