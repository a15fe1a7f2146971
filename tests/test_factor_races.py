"""Two hands with one code: whatever is good once is accepted once, however exactly they press together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from innkeeper.actions import enrolment, factors
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import NotNow
from innkeeper.domain.users import User
from innkeeper.store import factors as stored
from innkeeper.store.database import Database
from tests.authenticator import Authenticator
from tests.browsers import open_browser
from tests.conftest import FakeClock
from tests.enrolling import SITE, STAGE, STRANGER, code_of, enrol_app, enrol_key, happened

PASSWORD = "staple tractor nine"
HANDS = 8


def together(press: Callable[[], object]) -> list[object]:
    """What each of several threads gets that begin at the same moment."""
    barrier = Barrier(HANDS)

    def one() -> object:
        barrier.wait()
        return press()

    with ThreadPoolExecutor(HANDS) as hands:
        return [future.result() for future in [hands.submit(one) for _ in range(HANDS)]]


async def test_one_code_of_an_app_lets_one_hand_in(calls: Calls, bob: User, clock: FakeClock) -> None:
    bobs = await open_browser(calls, "bob", PASSWORD)
    _, secret = enrol_app(calls, bobs, bob)
    clock.advance(seconds=30)
    code = code_of(secret, clock.now)

    results = together(lambda: calls.write_now(STRANGER, factors.accept_code, bob, code))

    assert sorted(results, key=str) == [None] * (HANDS - 1) + ["totp"]


async def test_one_recovery_code_lets_one_hand_in(calls: Calls, bob: User) -> None:
    bobs = await open_browser(calls, "bob", PASSWORD)
    enrolled, _ = enrol_app(calls, bobs, bob)
    code = enrolled.recovery_codes[0]

    results = together(lambda: calls.write_now(STRANGER, factors.accept_code, bob, code))

    assert results.count("recovery_code") == 1
    assert results.count(None) == HANDS - 1
    assert calls.read_now(bobs, factors.recovery_codes_left, bob.id) == 9


async def test_one_answer_of_a_key_lets_one_hand_in(calls: Calls, bob: User) -> None:
    bobs = await open_browser(calls, "bob", PASSWORD)
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)
    asked, challenge = calls.read_now(STRANGER, factors.sign_in_options, bob, SITE)
    response = key.get(asked)

    results = together(
        lambda: calls.write_now(STRANGER, factors.accept_assertion, response, challenge, SITE, user=bob)
    )

    assert sum(result is not None for result in results) == 1


async def test_one_factor_is_confirmed_by_one_hand(calls: Calls, bob: User, clock: FakeClock) -> None:
    bobs = await open_browser(calls, "bob", PASSWORD)
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")
    code = code_of(begun.secret or "", clock.now)

    def confirm() -> object:
        try:
            return calls.write_now(bobs, enrolment.confirm, begun.factor.id, code)
        except NotNow:
            return None

    results = together(confirm)

    assert sum(result is not None for result in results) == 1
    assert len(happened(calls, "factor.added")) == len(happened(calls, "recovery_code.made")) == 1


async def test_a_step_that_was_read_before_another_used_it_is_not_used_again(
    calls: Calls, database: Database, bob: User, clock: FakeClock
) -> None:
    """The statement itself decides: what was read before it may be old."""
    bobs = await open_browser(calls, "bob", PASSWORD)
    enrolled, _ = enrol_app(calls, bobs, bob)
    step = int(clock.now.timestamp()) // 30 + 1

    def use(call: Call) -> bool:
        return stored.use_step(call.unit, enrolled.factor.id, step)

    assert sorted(together(lambda: calls.write_now(STAGE, use)), key=str) == [False] * (HANDS - 1) + [True]
