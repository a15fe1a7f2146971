"""Nobody learns from the answer, or from how long it took, whether a name exists, or a password is right.

Tries of every kind are made in turn, in an order by chance, so that whatever slows the machine down hits all
alike; then the times are compared by rank. Machines stumble: a difference counts when it shows three times.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from innkeeper.actions import logins, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.web_desk import Browser, WebDesk
from innkeeper.domain.logins import WhyNot
from innkeeper.kit.gate import Gate, Limits
from innkeeper.kit.passwords import Hasher, Password
from tests.console.browsing import served
from tests.console.stage import PASSWORD, Cast
from tests.ranks import difference

ROUNDS, AGAIN, FAR_APART = 24, 3, 4
# No address is turned away; a wrong password is held back as it is everywhere.
PATIENT = Limits(failures_until_ban=10**9, knocks_per_minute=10**9, burst=10**9)
KNOWN, UNKNOWN = "known", "unknown"
# What a name is, and what is typed for its password; each is compared with a known name and a wrong password.
KINDS = {
    UNKNOWN: "wrong",
    "suspended": "wrong",
    "suspended-right": PASSWORD,
    "locked-right": PASSWORD,
    "expired-right": PASSWORD,
    "invited": "wrong",
    "keys-only": "wrong",
}
WRONG = {KNOWN: "wrong", **KINDS}
Try = Callable[[str, str], Awaitable[object]]


@pytest.fixture(scope="module")
def real_hasher() -> Iterator[Hasher]:
    """As servers have it: a wrong password takes its time."""
    hasher = Hasher()
    yield hasher
    hasher.close()


@pytest.fixture(scope="module")
def crowd(
    tmp_path_factory: pytest.TempPathFactory, real_hasher: Hasher, password: Password
) -> Iterator[Cast]:
    """Many people of each kind, so that nobody is tried twice in a measurement."""
    stage = Cast(tmp_path_factory.mktemp("crowd"), real_hasher)
    stage.fill(password)
    for number in range(ROUNDS):
        for kind in WRONG:
            add(stage, kind, number, password)
    shared = stage.console.state
    shared.console = replace(shared.console, gate=Gate(PATIENT))
    yield stage
    stage.close()


def add(stage: Cast, kind: str, number: int, password: Password) -> None:
    if kind == UNKNOWN:
        return
    secret = {"password": password} if kind not in ("invited", "keys-only") else {}
    method = {"invited": "email_signup", "keys-only": "none"}.get(kind, "password")
    values = {"username": f"{kind}-{number}", "email": f"{kind}-{number}@example.com"}
    user = stage.do(users.create, {**values, **secret, "authentication_method": method})
    if kind.startswith("suspended"):
        stage.do(users.suspend, user.id)
    elif kind.startswith("expired"):
        stage.do(users.edit, user.id, {"access_expires_at": "2026-03-01"})
    elif kind.startswith("locked"):
        door = Caller("web", "198.51.100.7")
        for _ in range(10):
            attempt = stage.calls.read_now(door, logins.begin, user.username)
            stage.calls.write_now(door, logins.fail, attempt, WhyNot.WRONG_PASSWORD)


async def measure(attempt: Try) -> dict[str, list[float]]:
    """How long each kind takes, one of every kind at a time."""
    taken: dict[str, list[float]] = {kind: [] for kind in WRONG}
    chance = random.Random(1)

    async def once(kind: str, number: int) -> None:
        begun = time.perf_counter()
        await attempt(f"{kind}-{number}", WRONG[kind])
        taken[kind].append(time.perf_counter() - begun)

    for number in range(ROUNDS):
        order = chance.sample(list(WRONG), len(WRONG))
        await asyncio.gather(*(once(kind, number) for kind in order))
    return taken


async def told_apart(attempt: Try) -> dict[str, list[float]]:
    """The kinds that show a difference to a known name in every one of a few measurements."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(AGAIN):
        taken = await measure(attempt)
        seen = {kind: difference(taken[kind], taken[KNOWN]) for kind in found}
        found = {kind: [*found[kind], far] for kind, far in seen.items() if abs(far) > FAR_APART}
        if not found:
            break
    return found


def at_desk(calls: Calls) -> Try:
    """A try at the real desk."""
    desk, browser = WebDesk(calls), Browser(Caller("web", "192.0.2.7", "Firefox"))

    async def attempt(name: str, password: str) -> None:
        tried = await desk.begin(browser, name)
        if not await desk.prove_password(tried, password):
            await desk.fail(tried)
        else:
            assert await desk.sign_in(tried) is None

    return attempt


def at_leaky_desk(calls: Calls) -> Try:
    """The mistake that this test is there for: nothing is hashed for a name that nobody has."""
    desk, browser, honest = WebDesk(calls), Browser(Caller("web", "192.0.2.7", "Firefox")), at_desk(calls)

    async def attempt(name: str, password: str) -> None:
        tried = await desk.begin(browser, name)
        if tried.user_id is not None:
            await honest(name, password)

    return attempt


async def test_the_desk_takes_as_long_for_every_name(crowd: Cast) -> None:
    assert await told_apart(at_desk(crowd.calls)) == {}


async def test_this_would_notice_a_desk_that_answers_unknown_names_early(crowd: Cast) -> None:
    found = await told_apart(at_leaky_desk(crowd.calls))

    assert list(found) == [UNKNOWN]
    assert max(found[UNKNOWN]) < -FAR_APART


async def test_pages_take_as_long_and_say_the_same_for_every_name(crowd: Cast) -> None:
    answers: set[tuple[int, str, tuple[str, ...]]] = set()
    with served(crowd) as address:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:

            async def attempt(name: str, password: str) -> None:
                form = {"username": name, "password": password}
                answer = await client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
                headers = (name for name in answer.headers if name != "date")
                # Each page comes with a question of its own to passkeys.
                answers.add((answer.status_code, answer.text.replace(name, "NAME"), tuple(sorted(headers))))

            found = await told_apart(attempt)

    assert found == {}
    assert [status for status, _, _ in answers] == [422]


async def test_asking_for_a_link_takes_as_long_for_every_name(crowd: Cast) -> None:
    answers: set[tuple[int, str]] = set()
    with served(crowd) as address:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:

            async def attempt(name: str, _: str) -> None:
                headers = {"Sec-Fetch-Site": "same-origin"}
                answer = await client.post("/forgot", data={"name": name}, headers=headers)
                answers.add((answer.status_code, answer.headers["Location"]))

            found = await told_apart(attempt)

    assert found == {}
    assert answers == {(303, "/forgot/sent")}
