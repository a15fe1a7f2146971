"""Second factors go: one's own, the last one later, all of another's at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from innkeeper.actions import (
    connections,
    enrolment,
    factor_removal,
    factors,
    memberships,
    settings,
    users,
)
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Forbidden, NotFound, NotNow, ProofNeeded, Unauthenticated
from innkeeper.domain.groups import Group
from innkeeper.domain.users import User
from innkeeper.domain.words import SubjectKind
from innkeeper.jobs.factors import tidy_factors
from tests.authenticator import Authenticator
from tests.browsers import open_browser
from tests.conftest import SYSTEM, FakeClock
from tests.enrolling import (
    accept,
    answer,
    code_of,
    enrol_app,
    enrol_key,
    happened,
    mail_kinds,
)
from tests.rest import token_of

PASSWORD = "staple tractor nine"


def by_key(calls: Calls, user: User) -> Caller:
    """The same user by an API key, of whom nobody asks a fresh proof."""
    return Caller("api", api_key=token_of(calls, user))


def test_one_of_two_factors_goes_at_once(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    phone, secret = enrol_app(calls, bobs, bob)
    enrol_key(calls, bobs, bob, Authenticator())
    clock.advance(seconds=30)

    assert calls.write_now(bobs, factor_removal.remove, phone.factor.id) is None

    assert accept(calls, bob, code_of(secret, clock.now)) is None
    assert [factor.name for factor in calls.read_now(bobs, factors.page).items] == ["YubiKey"]
    assert [event.before["name"] for event in happened(calls, "factor.removed")] == ["Phone"]
    assert "factor_removed" in mail_kinds(calls)


def test_the_last_factor_stays_for_a_day_and_its_user_hears_of_it(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    phone, secret = enrol_app(calls, bobs, bob)

    leaving = calls.write_now(bobs, factor_removal.remove, phone.factor.id)

    assert leaving is not None
    assert leaving.removal_at == clock.now + timedelta(hours=24)
    assert "factor_removal_asked" in mail_kinds(calls)
    assert len(happened(calls, "factor.removal_asked")) == 1
    clock.advance(hours=23, minutes=59)
    assert accept(calls, bob, code_of(secret, clock.now)) == "totp"
    clock.advance(minutes=1)
    assert accept(calls, bob, code_of(secret, clock.now)) is None
    assert accept(calls, bob, phone.recovery_codes[0]) is None
    with pytest.raises(NotFound):
        calls.read_now(by_key(calls, bob), factors.show, phone.factor.id)


def test_asking_again_does_not_make_it_later(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    first = calls.write_now(bobs, factor_removal.remove, phone.factor.id)
    clock.advance(minutes=5)

    assert calls.write_now(bobs, factor_removal.remove, phone.factor.id) == first
    assert len(happened(calls, "factor.removal_asked")) == 1


def test_a_removal_that_waits_can_be_taken_back(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    phone, secret = enrol_app(calls, bobs, bob)
    calls.write_now(bobs, factor_removal.remove, phone.factor.id)

    calls.write_now(bobs, factor_removal.keep, phone.factor.id)
    calls.write_now(bobs, factor_removal.keep, phone.factor.id)

    clock.advance(hours=25)
    assert accept(calls, bob, code_of(secret, clock.now)) == "totp"
    assert len(happened(calls, "factor.edited")) == 1


def test_the_site_may_let_the_last_factor_go_at_once(calls: Calls, bobs: Caller, bob: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"two_factor_leave_hours": 0})
    phone, _ = enrol_app(calls, bobs, bob)

    assert calls.write_now(bobs, factor_removal.remove, phone.factor.id) is None
    assert calls.read_now(bobs, factors.recovery_codes_left, bob.id) == 0


def test_a_factor_on_its_way_out_is_no_other_factor(calls: Calls, bobs: Caller, bob: User) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    calls.write_now(bobs, factor_removal.remove, phone.factor.id)
    key = enrol_key(calls, bobs, bob, Authenticator())

    assert calls.write_now(bobs, factor_removal.remove, key.factor.id) is not None


def test_whoever_must_have_one_keeps_the_last(calls: Calls, bobs: Caller, bob: User) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    calls.write_now(SYSTEM, users.edit, bob.id, {"require_2fa": True})

    with pytest.raises(NotNow):
        calls.write_now(bobs, factor_removal.remove, phone.factor.id)

    enrol_key(calls, bobs, bob, Authenticator())
    assert calls.write_now(bobs, factor_removal.remove, phone.factor.id) is None


def test_a_method_that_asks_for_one_keeps_the_last_too(calls: Calls, bobs: Caller, bob: User) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    calls.write_now(SYSTEM, users.edit, bob.id, {"authentication_method": "password_and_ssh_key"})

    with pytest.raises(NotNow):
        calls.write_now(bobs, factor_removal.remove, phone.factor.id)


def test_removing_needs_a_fresh_proof(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    clock.advance(minutes=10)

    with pytest.raises(ProofNeeded):
        calls.write_now(bobs, factor_removal.remove, phone.factor.id)


def test_an_administrator_removes_no_single_factor_of_another(
    calls: Calls, bobs: Caller, bob: User, adas: Caller
) -> None:
    phone, _ = enrol_app(calls, bobs, bob)

    with pytest.raises(Forbidden):
        calls.write_now(adas, factor_removal.remove, phone.factor.id)
    with pytest.raises(Forbidden):
        calls.write_now(adas, factor_removal.keep, phone.factor.id)


def test_what_was_begun_can_be_given_up_without_a_trace(calls: Calls, bobs: Caller, bob: User) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")

    assert calls.write_now(bobs, factor_removal.remove, begun.factor.id) is None

    with pytest.raises(NotFound):
        calls.read_now(bobs, factors.show, begun.factor.id)
    assert happened(calls, "factor.removed") == []


def test_removals_that_are_due_are_tidied_away(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    calls.write_now(bobs, factor_removal.remove, phone.factor.id)
    assert calls.write_now(SYSTEM, factor_removal.remove_due) == 0
    clock.advance(hours=24)

    assert calls.write_now(SYSTEM, factor_removal.remove_due) == 1
    assert calls.write_now(SYSTEM, factor_removal.remove_due) == 0
    assert [event.target.name for event in happened(calls, "factor.removed")] == ["Phone"]


def test_two_nodes_that_tidy_at_once_remove_each_factor_once(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    phone, _ = enrol_app(calls, bobs, bob)
    calls.write_now(bobs, factor_removal.remove, phone.factor.id)
    clock.advance(hours=24)

    with ThreadPoolExecutor(4) as nodes:
        for done in [nodes.submit(tidy_factors, calls, lambda: None) for _ in range(4)]:
            done.result()

    assert len(happened(calls, "factor.removed")) == 1


def test_a_key_whose_removal_is_due_can_be_enrolled_anew(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    key = Authenticator()
    enrolled = enrol_key(calls, bobs, bob, key)
    calls.write_now(bobs, factor_removal.remove, enrolled.factor.id)
    clock.advance(hours=24)

    again = enrol_key(calls, by_key(calls, bob), bob, key)

    assert len(again.recovery_codes) == 10


def test_an_administrator_resets_everything_and_ends_all_sessions(
    calls: Calls, bobs: Caller, bob: User, adas: Caller, clock: FakeClock
) -> None:
    enrolled, secret = enrol_app(calls, bobs, bob)
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)
    clock.advance(seconds=30)

    assert calls.write_now(adas, factor_removal.reset, bob.id) == 2

    assert accept(calls, bob, code_of(secret, clock.now)) is None
    assert accept(calls, bob, enrolled.recovery_codes[0]) is None
    assert answer(calls, key, bob) is None
    assert calls.read_now(adas, factors.page, user_id=bob.id).items == []
    assert [event.data for event in happened(calls, "factor.reset")] == [{"factors": 2}]
    assert "factors_reset" in mail_kinds(calls)
    with pytest.raises(Unauthenticated):
        calls.read_now(bobs, factors.page)


def test_a_reset_has_open_connections_looked_at(calls: Calls, bobs: Caller, bob: User, adas: Caller) -> None:
    enrol_app(calls, bobs, bob)
    calls.write_now(adas, factor_removal.reset, bob.id)

    event = happened(calls, "factor.reset")[0]

    assert calls.read_now(SYSTEM, connections.affected, event) == (bob.id,)


def test_resetting_twice_is_resetting_once(calls: Calls, bobs: Caller, bob: User, adas: Caller) -> None:
    enrol_app(calls, bobs, bob)
    calls.write_now(adas, factor_removal.reset, bob.id)

    assert calls.write_now(adas, factor_removal.reset, bob.id) == 0
    assert len(happened(calls, "factor.reset")) == 1


async def test_after_a_reset_the_mandate_leaves_no_grace(
    calls: Calls, bobs: Caller, bob: User, adas: Caller, clock: FakeClock
) -> None:
    enrol_app(calls, bobs, bob)
    calls.write_now(SYSTEM, users.edit, bob.id, {"require_2fa": True})
    calls.write_now(adas, factor_removal.reset, bob.id)
    clock.advance(seconds=1)

    owing = await open_browser(calls, "bob", PASSWORD)

    with pytest.raises(Forbidden):
        calls.write_now(owing, users.edit, bob.id, {"name": "Bobby"})


def test_nobody_resets_their_own(calls: Calls, adas: Caller, ada: User, bobs: Caller, bob: User) -> None:
    enrol_app(calls, adas, ada)

    with pytest.raises(NotNow):
        calls.write_now(adas, factor_removal.reset, ada.id)
    with pytest.raises(Forbidden):
        calls.write_now(bobs, factor_removal.reset, bob.id)


async def test_a_group_administrator_resets_members_whom_they_outrank(
    calls: Calls, staff: Group, ada: User, bob: User, charlie: User
) -> None:
    for user, is_admin in ((bob, True), (charlie, False), (ada, False)):
        calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, user.id, is_admin=is_admin)
    bobs = await open_browser(calls, "bob", PASSWORD)
    charlies = await open_browser(calls, "charlie", "yellow kitchen door")
    adas = await open_browser(calls, "ada", "correct horse battery")
    enrol_app(calls, charlies, charlie)
    enrol_app(calls, adas, ada)

    assert calls.write_now(bobs, factor_removal.reset, charlie.id) == 1
    with pytest.raises(Forbidden):
        calls.write_now(bobs, factor_removal.reset, ada.id)
    dora = calls.write_now(SYSTEM, users.create, {"username": "dora"})
    with pytest.raises(NotFound):
        calls.write_now(bobs, factor_removal.reset, dora.id)


def test_a_reset_needs_a_fresh_proof(calls: Calls, adas: Caller, bob: User, clock: FakeClock) -> None:
    clock.advance(minutes=10)

    with pytest.raises(ProofNeeded):
        calls.write_now(adas, factor_removal.reset, bob.id)
