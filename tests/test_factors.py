"""Second factors: set up, confirmed, used, renamed. Each works, is refused, is recorded."""

import pytest

from innkeeper.actions import enrolment, factor_removal, factors, key_enrolment, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.domain.errors import (
    Duplicate,
    Forbidden,
    Invalid,
    NotFound,
    NotNow,
    ProofNeeded,
    TooManyAttempts,
)
from innkeeper.domain.passkeys import RelyingParty, Wish
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorKind
from tests.authenticator import MODEL, Authenticator
from tests.browsers import open_browser
from tests.conftest import SYSTEM, FakeClock
from tests.enrolling import (
    SITE,
    STRANGER,
    accept,
    answer,
    code_of,
    enrol_app,
    enrol_email,
    enrol_key,
    happened,
    mail_kinds,
    mailed_code,
)
from tests.rest import token_of

PASSWORD = "staple tractor nine"


def test_an_app_counts_once_it_has_shown_a_code(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")
    assert begun.secret is not None
    code = code_of(begun.secret, clock.now)

    assert accept(calls, bob, code) is None
    assert calls.read_now(bobs, factors.page).items == []

    enrolled = calls.write_now(bobs, enrolment.confirm, begun.factor.id, code)

    assert enrolled.factor.confirmed_at == clock.now
    assert len(enrolled.recovery_codes) == 10
    assert [factor.name for factor in calls.read_now(bobs, factors.page).items] == ["Phone"]
    assert [event.kind.value for event in happened(calls, "factor.added", "recovery_code.made")] == [
        "factor.added",
        "recovery_code.made",
    ]
    assert "factor_added" in mail_kinds(calls)


def test_a_wrong_code_confirms_nothing_and_is_not_repeated(calls: Calls, bobs: Caller, bob: User) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")

    with pytest.raises(Invalid) as refused:
        calls.write_now(bobs, enrolment.confirm, begun.factor.id, "000000")

    assert "000000" not in str(refused.value)
    assert calls.read_now(bobs, factors.page).items == []


def test_the_secret_is_sealed_and_never_in_the_log(calls: Calls, bobs: Caller, bob: User) -> None:
    enrolled, secret = enrol_app(calls, bobs, bob)

    assert secret not in (enrolled.factor.sealed_secret or "")
    assert all(secret not in repr(event) for event in happened(calls, "factor.added"))
    assert secret not in repr(enrolled)


def test_an_app_that_was_begun_too_long_ago_begins_again(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")
    clock.advance(minutes=30)
    fresh = Caller("api", api_key=token_of(calls, bob))

    with pytest.raises(NotNow):
        calls.write_now(fresh, enrolment.confirm, begun.factor.id, code_of(begun.secret or "", clock.now))


def test_what_was_begun_is_shown_again_to_whoever_mistyped(calls: Calls, bobs: Caller, bob: User) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")

    again = calls.write_now(bobs, enrolment.begun, begun.factor.id)

    assert (again.secret, again.otpauth_uri) == (begun.secret, begun.otpauth_uri)


def test_once_it_counts_nothing_of_it_is_shown_again(calls: Calls, bobs: Caller, bob: User) -> None:
    enrolled, _ = enrol_app(calls, bobs, bob)

    with pytest.raises(NotNow):
        calls.write_now(bobs, enrolment.begun, enrolled.factor.id)


def test_a_factor_may_get_its_name_when_it_is_confirmed(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "App")
    code = code_of(begun.secret or "", clock.now)

    calls.write_now(bobs, enrolment.confirm, begun.factor.id, code, name="Old phone")

    assert [factor.name for factor in calls.read_now(bobs, factors.page).items] == ["Old phone"]


def test_beginning_again_gives_up_what_was_begun(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    first = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")
    calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")

    with pytest.raises(NotFound):
        calls.write_now(bobs, enrolment.confirm, first.factor.id, code_of(first.secret or "", clock.now))


def test_a_factor_is_confirmed_once(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    enrolled, secret = enrol_app(calls, bobs, bob)
    clock.advance(seconds=30)

    with pytest.raises(NotNow):
        calls.write_now(bobs, enrolment.confirm, enrolled.factor.id, code_of(secret, clock.now))


def test_a_code_of_an_app_is_accepted_once(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    _, secret = enrol_app(calls, bobs, bob)

    assert accept(calls, bob, code_of(secret, clock.now)) is None, "it has confirmed the app"
    clock.advance(seconds=30)
    assert accept(calls, bob, code_of(secret, clock.now)) == "totp"
    assert accept(calls, bob, code_of(secret, clock.now)) is None
    used = calls.read_now(bobs, factors.page).items[0]
    assert used.last_used_at == clock.now


def test_each_of_several_apps_is_accepted(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    _, phone = enrol_app(calls, bobs, bob, "Phone")
    second, tablet = enrol_app(calls, bobs, bob, "Tablet")
    clock.advance(seconds=30)

    assert second.recovery_codes == ()
    assert accept(calls, bob, code_of(tablet, clock.now)) == "totp"
    assert accept(calls, bob, code_of(phone, clock.now)) == "totp"


def test_a_recovery_code_stands_in_once_however_it_is_typed(calls: Calls, bobs: Caller, bob: User) -> None:
    enrolled, _ = enrol_app(calls, bobs, bob)
    code = enrolled.recovery_codes[0]

    assert accept(calls, bob, f" {code.lower().replace('-', ' ')} ") == "recovery_code"
    assert accept(calls, bob, code) is None
    assert calls.read_now(bobs, factors.recovery_codes_left, bob.id) == 9
    assert [event.data for event in happened(calls, "recovery_code.used")] == [{"left": 9}]


def test_new_recovery_codes_make_the_older_ones_worthless(calls: Calls, bobs: Caller, bob: User) -> None:
    enrolled, _ = enrol_app(calls, bobs, bob)

    fresh = calls.write_now(bobs, enrolment.make_recovery_codes, bob.id)

    assert accept(calls, bob, enrolled.recovery_codes[0]) is None
    assert accept(calls, bob, fresh[0]) == "recovery_code"
    assert len(happened(calls, "recovery_code.made")) == 2


def test_without_a_second_factor_there_are_no_recovery_codes(calls: Calls, bobs: Caller, bob: User) -> None:
    with pytest.raises(NotNow):
        calls.write_now(bobs, enrolment.make_recovery_codes, bob.id)


def test_the_codes_of_one_user_are_nothing_for_another(
    calls: Calls, bobs: Caller, bob: User, adas: Caller, ada: User, clock: FakeClock
) -> None:
    enrolled, secret = enrol_app(calls, bobs, bob)
    enrol_app(calls, adas, ada)
    clock.advance(seconds=30)

    assert accept(calls, ada, code_of(secret, clock.now)) is None
    assert accept(calls, ada, enrolled.recovery_codes[0]) is None


def test_a_mailbox_counts_once_its_code_came_back(calls: Calls, bobs: Caller, bob: User) -> None:
    enrolled = enrol_email(calls, bobs, bob)

    assert enrolled.factor.kind is FactorKind.EMAIL
    assert len(enrolled.recovery_codes) == 10


def test_a_mailed_code_is_good_once_and_for_ten_minutes(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    begun = calls.write_now(bobs, enrolment.begin_email, bob.id, "Mailbox")
    clock.advance(minutes=10)
    fresh = Caller("api", api_key=token_of(calls, bob))

    with pytest.raises(Invalid):
        calls.write_now(fresh, enrolment.confirm, begun.factor.id, mailed_code(calls))


def test_a_mailed_code_that_was_mistyped_is_asked_for_again(calls: Calls, bobs: Caller, bob: User) -> None:
    begun = calls.write_now(bobs, enrolment.begin_email, bob.id, "Mailbox")
    with pytest.raises(Invalid):
        calls.write_now(bobs, enrolment.confirm, begun.factor.id, "12345")

    again = calls.write_now(bobs, enrolment.begun, begun.factor.id)

    assert (again.factor.id, again.secret) == (begun.factor.id, None)
    assert calls.write_now(bobs, enrolment.confirm, begun.factor.id, mailed_code(calls))


def test_the_last_use_of_a_mailbox_is_known(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    enrol_email(calls, bobs, bob)
    clock.advance(minutes=5)

    calls.write_now(STRANGER, factors.note_email_use, bob)

    assert calls.read_now(bobs, factors.page).items[0].last_used_at == clock.now


def test_codes_go_to_one_mailbox_only(calls: Calls, bobs: Caller, bob: User) -> None:
    enrol_email(calls, bobs, bob)

    with pytest.raises(NotNow):
        calls.write_now(bobs, enrolment.begin_email, bob.id, "Again")


async def test_without_an_address_there_is_no_mailbox(calls: Calls, charlie: User) -> None:
    charlies = await open_browser(calls, "charlie", "yellow kitchen door")

    with pytest.raises(NotNow):
        calls.write_now(charlies, enrolment.begin_email, charlie.id, "Mailbox")


def test_nobody_is_flooded_with_codes(calls: Calls, bobs: Caller, bob: User) -> None:
    for _ in range(6):
        calls.write_now(bobs, enrolment.begin_email, bob.id, "Mailbox")

    with pytest.raises(TooManyAttempts):
        calls.write_now(bobs, enrolment.begin_email, bob.id, "Mailbox")


def test_a_mailed_code_for_signing_in_is_known_by_its_digest(calls: Calls, bobs: Caller, bob: User) -> None:
    stored = calls.write_now(STRANGER, factors.email_code, bob)
    code = mailed_code(calls)

    assert code not in stored
    assert factors.is_code(stored, f"{code[:3]} {code[3:]}")
    assert not factors.is_code(stored, str((int(code) + 1) % 1_000_000).zfill(6))


def test_a_passkey_is_enrolled_and_signs_in_alone(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    key = Authenticator()

    enrolled = enrol_key(calls, bobs, bob, key)

    assert enrolled.factor.is_passkey
    assert len(enrolled.recovery_codes) == 10
    found = answer(calls, key, None)
    assert found is not None
    assert (found.user_id, found.sign_count, found.last_used_at) == (bob.id, 1, clock.now)


def test_a_security_key_answers_for_its_user_only(
    calls: Calls, bobs: Caller, bob: User, adas: Caller, ada: User
) -> None:
    key = Authenticator(verifies=False)
    enrol_key(calls, bobs, bob, key, Wish.SECURITY_KEY)
    enrol_key(calls, adas, ada, Authenticator(), Wish.SECURITY_KEY)

    assert answer(calls, key, ada) is None
    assert answer(calls, key, None) is None, "it is no passkey"
    assert answer(calls, key, bob) is not None


def test_a_passkey_that_claims_another_user_signs_nobody_in(
    calls: Calls, bobs: Caller, bob: User, ada: User
) -> None:
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)
    key.user_handle = ada.id.encode()

    assert answer(calls, key, None) is None


def test_a_passkey_that_did_not_verify_its_user_signs_nobody_in(
    calls: Calls, bobs: Caller, bob: User
) -> None:
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)
    key.verifies = False

    assert answer(calls, key, None) is None
    assert answer(calls, key, bob) is not None


@pytest.mark.parametrize(
    "site",
    [
        RelyingParty("evil.test", "Innkeeper", "https://evil.test"),
        RelyingParty("files.example.org", "Innkeeper", "https://files.example.org:8443"),
    ],
)
def test_a_passkey_of_this_site_is_nothing_at_another(
    calls: Calls, bobs: Caller, bob: User, site: RelyingParty
) -> None:
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)

    assert answer(calls, key, None, site) is None


def test_a_copied_key_is_refused_and_recorded(calls: Calls, bobs: Caller, bob: User) -> None:
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)
    assert answer(calls, key, bob) is not None
    assert answer(calls, key, bob) is not None
    key.sign_count = 1

    assert answer(calls, key, bob) is None

    doubted = happened(calls, "factor.doubted")
    assert [(bob.id, {"count": 2, "known": 2})] == [(event.user_id, event.data) for event in doubted]


def test_a_key_that_never_counts_is_accepted_again_and_again(calls: Calls, bobs: Caller, bob: User) -> None:
    key = Authenticator(counts=False)
    enrol_key(calls, bobs, bob, key)

    assert answer(calls, key, bob) is not None
    assert answer(calls, key, bob) is not None


def test_an_answer_is_accepted_once_by_a_key_that_counts(calls: Calls, bobs: Caller, bob: User) -> None:
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)
    asked, challenge = calls.read_now(STRANGER, factors.sign_in_options, bob, SITE)
    response = key.get(asked)

    first = calls.write_now(STRANGER, factors.accept_assertion, response, challenge, SITE, user=bob)
    again = calls.write_now(STRANGER, factors.accept_assertion, response, challenge, SITE, user=bob)

    assert first is not None
    assert again is None


def test_a_key_is_enrolled_once_by_whomever(
    calls: Calls, bobs: Caller, bob: User, adas: Caller, ada: User
) -> None:
    key = Authenticator()
    enrol_key(calls, bobs, bob, key)

    with pytest.raises(Duplicate):
        enrol_key(calls, bobs, bob, key)
    with pytest.raises(Duplicate):
        enrol_key(calls, adas, ada, key)


def test_the_question_for_a_key_is_answered_once_and_in_time(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    options, challenge = calls.write_now(bobs, key_enrolment.begin, bob.id, Wish.PASSKEY, SITE)
    first = KeyAnswer(Authenticator().create(options), challenge, SITE)
    second = KeyAnswer(Authenticator().create(options), challenge, SITE)
    calls.write_now(bobs, key_enrolment.finish, bob.id, first, name="Key")

    with pytest.raises(NotNow):
        calls.write_now(bobs, key_enrolment.finish, bob.id, second, name="Key")

    clock.advance(minutes=30)
    fresh = Caller("api", api_key=token_of(calls, bob))
    with pytest.raises(Invalid):
        calls.write_now(fresh, key_enrolment.finish, bob.id, second, name="Key")


def test_the_question_that_one_user_was_asked_is_not_answered_by_another(
    calls: Calls, bobs: Caller, bob: User, adas: Caller, ada: User
) -> None:
    options, challenge = calls.write_now(bobs, key_enrolment.begin, bob.id, Wish.PASSKEY, SITE)
    answered = KeyAnswer(Authenticator().create(options), challenge, SITE)

    with pytest.raises(Invalid):
        calls.write_now(adas, key_enrolment.finish, ada.id, answered, name="Key")


def test_a_question_that_nobody_asked_is_not_answered(calls: Calls, bobs: Caller, bob: User) -> None:
    options, _ = calls.write_now(bobs, key_enrolment.begin, bob.id, Wish.PASSKEY, SITE)
    answered = KeyAnswer(Authenticator().create(options), "made up", SITE)

    with pytest.raises(Invalid):
        calls.write_now(bobs, key_enrolment.finish, bob.id, answered, name="Key")


def test_a_key_on_its_way_out_answers_until_its_time_has_come(
    calls: Calls, bobs: Caller, bob: User, clock: FakeClock
) -> None:
    key = Authenticator()
    enrolled = enrol_key(calls, bobs, bob, key)
    calls.write_now(bobs, factor_removal.remove, enrolled.factor.id)

    assert answer(calls, key, None) is not None
    clock.advance(hours=24)
    assert answer(calls, key, None) is None


def test_factors_come_in_pages(calls: Calls, bobs: Caller, bob: User) -> None:
    for number in range(3):
        enrol_key(calls, bobs, bob, Authenticator(), name=f"Key {number}")

    first = calls.read_now(bobs, factors.page, limit=2)
    rest = calls.read_now(bobs, factors.page, limit=2, cursor=first.next_cursor)

    assert [factor.name for factor in [*first.items, *rest.items]] == ["Key 0", "Key 1", "Key 2"]
    assert rest.next_cursor is None


def test_only_allowed_models_are_enrolled(calls: Calls, bobs: Caller, bob: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"passkey_models": [MODEL]})

    with pytest.raises(Invalid):
        enrol_key(calls, bobs, bob, Authenticator())
    assert enrol_key(calls, bobs, bob, Authenticator(certified_for=MODEL)).factor.aaguid == MODEL


def test_only_allowed_kinds_are_set_up(calls: Calls, bobs: Caller, bob: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"two_factor_kinds": ["totp"]})

    with pytest.raises(NotNow):
        calls.write_now(bobs, enrolment.begin_email, bob.id, "Mailbox")
    with pytest.raises(NotNow):
        calls.write_now(bobs, key_enrolment.begin, bob.id, Wish.PASSKEY, SITE)
    assert enrol_app(calls, bobs, bob)


def test_an_administrator_sets_up_nothing_for_others(
    calls: Calls, adas: Caller, bobs: Caller, bob: User
) -> None:
    enrolled, _ = enrol_app(calls, bobs, bob)

    with pytest.raises(Forbidden):
        calls.write_now(adas, enrolment.begin_app, bob.id, "Mine")
    with pytest.raises(Forbidden):
        calls.write_now(adas, enrolment.make_recovery_codes, bob.id)
    with pytest.raises(Forbidden):
        calls.write_now(adas, factors.rename, enrolled.factor.id, "Mine")
    with pytest.raises(Forbidden):
        calls.write_now(SYSTEM, enrolment.begin_app, bob.id, "Mine")


async def test_a_stranger_finds_no_factors_of_others(
    calls: Calls, bobs: Caller, bob: User, charlie: User
) -> None:
    enrolled, _ = enrol_app(calls, bobs, bob)
    charlies = await open_browser(calls, "charlie", "yellow kitchen door")

    with pytest.raises(NotFound):
        calls.write_now(charlies, factors.rename, enrolled.factor.id, "Mine")
    with pytest.raises(NotFound):
        calls.write_now(charlies, enrolment.begin_app, bob.id, "Mine")
    assert calls.read_now(charlies, factors.page).items == []


def test_what_another_has_begun_is_not_shown(calls: Calls, adas: Caller, bobs: Caller, bob: User) -> None:
    begun = calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")

    with pytest.raises(NotFound):
        calls.read_now(adas, factors.show, begun.factor.id)
    assert calls.read_now(bobs, factors.show, begun.factor.id).name == "Phone"


def test_setting_up_needs_a_fresh_proof(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    clock.advance(minutes=10)

    with pytest.raises(ProofNeeded):
        calls.write_now(bobs, enrolment.begin_app, bob.id, "Phone")


def test_a_factor_is_renamed_once(calls: Calls, bobs: Caller, bob: User) -> None:
    enrolled, _ = enrol_app(calls, bobs, bob)

    calls.write_now(bobs, factors.rename, enrolled.factor.id, " Work phone ")
    calls.write_now(bobs, factors.rename, enrolled.factor.id, "Work phone")

    assert calls.read_now(bobs, factors.show, enrolled.factor.id).name == "Work phone"
    assert [event.after for event in happened(calls, "factor.edited")] == [{"name": "Work phone"}]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b", "a\nb", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(calls: Calls, bobs: Caller, bob: User, name: str) -> None:
    with pytest.raises(Invalid):
        calls.write_now(bobs, enrolment.begin_app, bob.id, name)


def test_there_is_an_end_to_second_factors(calls: Calls, bobs: Caller, bob: User, clock: FakeClock) -> None:
    for number in range(20):
        enrol_key(calls, bobs, bob, Authenticator(), name=f"Key {number}")

    with pytest.raises(NotNow):
        calls.write_now(bobs, enrolment.begin_app, bob.id, "One more")


async def test_the_first_factor_pays_what_the_session_owes(calls: Calls, bob: User, clock: FakeClock) -> None:
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": True, "two_factor_grace_days": 0})
    owing = await open_browser(calls, "bob", PASSWORD)
    with pytest.raises(Forbidden):
        calls.write_now(owing, users.edit, bob.id, {"name": "Bobby"})

    enrol_app(calls, owing, bob)

    calls.write_now(owing, users.edit, bob.id, {"name": "Bobby"})
    assert calls.read_now(owing, users.show, bob.id).second_factor_due_at is None
