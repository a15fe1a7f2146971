"""Lock-out: strangers' guesses shut strangers out, whichever process counts them, and never the user."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from innkeeper.actions import events, logins, users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.actions.web_desk import Browser, WebDesk
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Status
from innkeeper.kit.passwords import Hasher
from innkeeper.store.database import Database
from tests.conftest import SYSTEM, FakeClock

OWN, FOREIGN = "192.0.2.7", "203.0.113.9"
PASSWORD = "correct horse battery"
LIMIT = 10


def guess(calls: Calls, username: str, *, times: int = 1) -> None:
    """Wrong passwords from a foreign address."""
    stranger = Caller("web", FOREIGN, "curl")
    for _ in range(times):
        attempt = calls.read_now(stranger, logins.begin, username)
        calls.write_now(stranger, logins.fail, attempt, WhyNot.WRONG_PASSWORD)


async def browse(calls: Calls, browser: Browser, password: str = PASSWORD) -> str | None:
    """Sign in as Ada; the cookie that the browser is known by afterwards."""
    desk = WebDesk(calls)
    attempt = await desk.begin(browser, "ada")
    if not await desk.prove_password(attempt, password):
        await desk.fail(attempt)
        return None
    opened = await desk.sign_in(attempt)
    return None if opened is None else opened.device_token or browser.device_token


def status(calls: Calls, user: User, clock: FakeClock) -> Status:
    return calls.read_now(SYSTEM, users.show, user.id).status(clock.now)


async def test_nobody_can_lock_an_administrator_out_of_their_own_browser(
    calls: Calls, ada: User, clock: FakeClock
) -> None:
    cookie = await browse(calls, Browser(Caller("web", OWN, "Firefox")))
    for _ in range(20):
        clock.advance(minutes=16)
        guess(calls, "ada", times=LIMIT)
        assert status(calls, ada, clock) == Status.LOCKED

    assert await browse(calls, Browser(Caller("web", OWN, "Firefox"), cookie)) == cookie
    guess(calls, "ada", times=LIMIT)
    assert await browse(calls, Browser(Caller("web", OWN, "Firefox"))) is None


async def test_another_user_s_browser_is_strange(calls: Calls, ada: User, bob: User) -> None:
    desk = WebDesk(calls)
    attempt = await desk.begin(Browser(Caller("web", OWN)), "bob")
    await desk.prove_password(attempt, "staple tractor nine")
    signed_in = await desk.sign_in(attempt)
    assert signed_in is not None
    guess(calls, "ada", times=LIMIT)

    assert await browse(calls, Browser(Caller("web", OWN), signed_in.device_token)) is None


async def test_at_sftp_the_address_one_came_from_stays_open_for_thirty_days(
    calls: Calls, ada: User, clock: FakeClock
) -> None:
    desk = Desk(calls, "node", Activity(calls), KnownPaths())

    async def enter(address: str) -> bool:
        attempt = await desk.begin("ada", interface="sftp", address=address, client="OpenSSH")
        return await desk.prove_password(attempt, PASSWORD) and await desk.finish(attempt) is not None

    assert await enter(OWN)
    guess(calls, "ada", times=LIMIT)

    assert not await enter(FOREIGN)
    assert await enter(OWN)
    clock.advance(days=31)
    guess(calls, "ada", times=LIMIT)
    assert not await enter(OWN)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_count_together(
    database: Database, calls: Calls, hasher: Hasher, ada: User, clock: FakeClock
) -> None:
    there = Database(str(database.url), clock=clock)
    try:
        with ThreadPoolExecutor(8) as pool:
            both = (calls, Calls(there, hasher))
            list(pool.map(lambda number: guess(both[number % 2], "ada"), range(LIMIT - 1)))
        assert calls.read_now(SYSTEM, users.show, ada.id).failed_logins == LIMIT - 1
        assert status(calls, ada, clock) == Status.ACTIVE
        guess(Calls(there, hasher), "ada")
    finally:
        there.close()

    assert status(calls, ada, clock) == Status.LOCKED
    assert [
        event.kind for event in calls.read_now(SYSTEM, events.page, EventQuery(kinds=("user.locked",))).items
    ] == ["user.locked"]


def test_a_lock_ends_by_itself(calls: Calls, ada: User, clock: FakeClock) -> None:
    guess(calls, "ada", times=LIMIT)

    assert status(calls, ada, clock) == Status.LOCKED
    clock.now += timedelta(minutes=15)
    assert status(calls, ada, clock) == Status.ACTIVE
