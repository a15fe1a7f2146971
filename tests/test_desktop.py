"""Desktop connections: who lets a device in, what its tokens are worth, and how it is put out again."""

from collections.abc import Callable

import pytest

from innkeeper.actions import api_keys, desktop, desktop_tokens, events, passwords, portraits, sessions, users
from innkeeper.actions import settings as site_settings
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.desktop import LETTERS, TokenError, Tokens
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, NotNow, ProofNeeded, Unauthenticated
from innkeeper.domain.events import Recorded
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.sessions import Session
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty
from innkeeper.kit.passwords import make_password
from tests.browsers import browser_of
from tests.conftest import SYSTEM, FakeClock
from tests.rest import token_of

Way = Callable[[Calls, User], None]
CLIENT = "innkeeper on laptop"
DEVICE = Caller("desktop", "198.51.100.7", "innkeeper-client")


def begun(calls: Calls) -> tuple[str, str]:
    device_code, grant = calls.write_now(DEVICE, desktop.begin, CLIENT)
    return device_code, grant.user_code


def asked(calls: Calls, device_code: str) -> Tokens | TokenError:
    return calls.write_now(DEVICE, desktop_tokens.exchange, device_code, CLIENT)


def let_in(calls: Calls, user: User) -> Tokens:
    device_code, user_code = begun(calls)
    calls.write_now(browser_of(calls, user), desktop.approve, user_code)
    tokens = asked(calls, device_code)
    assert isinstance(tokens, Tokens)
    return tokens


def renewed(calls: Calls, refresh_token: str) -> Tokens | TokenError:
    return calls.write_now(DEVICE, desktop_tokens.refresh, refresh_token, CLIENT)


def bearer(tokens: Tokens) -> Caller:
    return Caller("api", "198.51.100.7", api_key=tokens.access_token)


def works(calls: Calls, tokens: Tokens) -> bool:
    try:
        calls.read_now(bearer(tokens), portraits.own)
    except Unauthenticated:
        return False
    return True


def connections_of(calls: Calls, user: User) -> list[Session]:
    found = calls.read_now(SYSTEM, sessions.page, user_id=user.id).items
    return [session for session in found if session.interface == "desktop"]


def told(calls: Calls, kind: str) -> list[Recorded]:
    return list(calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,))).items)


def test_a_device_waits_until_its_user_lets_it_in(calls: Calls, bob: User, clock: FakeClock) -> None:
    device_code, user_code = begun(calls)

    first = asked(calls, device_code)
    calls.write_now(browser_of(calls, bob), desktop.approve, user_code)
    tokens = asked(calls, device_code)

    assert first is TokenError.PENDING
    assert isinstance(tokens, Tokens)
    assert bob.id == calls.read_now(bearer(tokens), portraits.own).user.id
    session = connections_of(calls, bob)[0]
    assert (session.client, session.address) == (CLIENT, "198.51.100.7")
    assert clock() + site(calls).desktop_rest == session.expires_at
    approved = told(calls, "desktop.approved")[0]
    assert (session.id, CLIENT, "bob") == (approved.target.id, approved.data["client"], approved.actor_name)


def site(calls: Calls) -> SiteSettings:
    return calls.read_now(SYSTEM, lambda call: call.site)


def test_codes_are_for_people_to_type(calls: Calls) -> None:
    _, user_code = begun(calls)

    assert len(user_code) == 8
    assert set(user_code) <= set(LETTERS)


@pytest.mark.parametrize("spelled", ["{0}", "{1}-{2}", " {1} {2} ", "{3}", "{1}–{2}."])
def test_a_code_is_known_however_it_is_typed(calls: Calls, bob: User, spelled: str) -> None:
    _, code = begun(calls)
    typed = spelled.format(code, code[:4], code[4:], code.lower())

    assert calls.read_now(browser_of(calls, bob), desktop.look, typed).client_name == CLIENT


@pytest.mark.parametrize("name", ["", "a" * 81, "‮evil", "<b>", "tab\there", "\x00", " leading", "Läptop"])
def test_a_client_name_that_could_mislead_is_refused(calls: Calls, name: str) -> None:
    with pytest.raises(Invalid):
        calls.write_now(DEVICE, desktop.begin, name)


def test_a_no_is_a_no(calls: Calls, bob: User) -> None:
    device_code, user_code = begun(calls)
    caller = browser_of(calls, bob)

    calls.write_now(caller, desktop.deny, user_code)

    assert asked(calls, device_code) is TokenError.DENIED
    assert asked(calls, device_code) is TokenError.DENIED
    assert connections_of(calls, bob) == []
    assert told(calls, "desktop.denied")[0].actor_name == "bob"
    with pytest.raises(NotFound):
        calls.write_now(caller, desktop.approve, user_code)


def test_a_code_works_once_and_for_one_user(calls: Calls, bob: User, charlie: User) -> None:
    _, user_code = begun(calls)
    calls.write_now(browser_of(calls, bob), desktop.approve, user_code)

    with pytest.raises(NotFound):
        calls.write_now(browser_of(calls, charlie), desktop.approve, user_code)
    with pytest.raises(NotFound):
        calls.write_now(browser_of(calls, bob), desktop.deny, user_code)


def test_a_code_is_worthless_after_ten_minutes(calls: Calls, bob: User, clock: FakeClock) -> None:
    device_code, user_code = begun(calls)
    clock.advance(minutes=10)

    with pytest.raises(NotFound):
        calls.write_now(browser_of(calls, bob), desktop.approve, user_code)
    assert asked(calls, device_code) is TokenError.EXPIRED
    clock.advance(hours=2)
    begun(calls)
    assert asked(calls, device_code) is TokenError.INVALID_GRANT


def test_a_device_that_asks_too_often_must_wait_longer(calls: Calls, clock: FakeClock) -> None:
    device_code, _ = begun(calls)
    answers = [asked(calls, device_code)]
    for seconds in (4, 9, 15, 14):
        clock.advance(seconds=seconds)
        answers.append(asked(calls, device_code))

    slow, pending = TokenError.SLOW_DOWN, TokenError.PENDING
    assert answers == [pending, slow, slow, pending, slow]


def test_a_device_code_is_good_for_its_client_only(calls: Calls, bob: User) -> None:
    device_code, user_code = begun(calls)
    calls.write_now(browser_of(calls, bob), desktop.approve, user_code)

    stolen = calls.write_now(DEVICE, desktop_tokens.exchange, device_code, "somebody else")

    assert stolen is TokenError.INVALID_GRANT
    assert isinstance(asked(calls, device_code), Tokens)


def test_a_device_code_that_comes_twice_ends_what_it_led_to(calls: Calls, bob: User) -> None:
    device_code, user_code = begun(calls)
    calls.write_now(browser_of(calls, bob), desktop.approve, user_code)
    tokens = asked(calls, device_code)

    again = asked(calls, device_code)

    assert again is TokenError.INVALID_GRANT
    assert isinstance(tokens, Tokens)
    assert not works(calls, tokens)
    assert len(told(calls, "desktop.token_reused")) == 1


def test_only_a_browser_session_lets_devices_in(calls: Calls, bob: User) -> None:
    _, user_code = begun(calls)
    by_key = Caller("api", "192.0.2.1", api_key=token_of(calls, bob))
    by_device = bearer(let_in(calls, bob))

    for caller in (by_key, by_device, SYSTEM, Caller("web")):
        for action in (desktop.look, desktop.approve, desktop.deny):
            with pytest.raises(Forbidden):
                calls.write_now(caller, action, user_code)


def test_letting_in_takes_a_fresh_proof_and_no_duty(calls: Calls, bob: User, clock: FakeClock) -> None:
    caller = browser_of(calls, bob)
    owing = browser_of(calls, bob, owes=frozenset({Duty.SECOND_FACTOR}))
    clock.advance(minutes=11)
    _, user_code = begun(calls)

    for action in (desktop.look, desktop.approve):
        with pytest.raises(ProofNeeded):
            calls.write_now(caller, action, user_code)
        with pytest.raises(Forbidden):
            calls.write_now(owing, action, user_code)
    calls.write_now(caller, desktop.deny, user_code)


def test_the_protocol_and_the_address_count_at_the_door_and_later(calls: Calls, bob: User) -> None:
    device_code, user_code = begun(calls)
    calls.write_now(SYSTEM, users.edit, bob.id, {"protocols": ["web", "api"]})
    with pytest.raises(NotNow, match="not open to you"):
        calls.write_now(browser_of(calls, bob), desktop.approve, user_code)

    calls.write_now(SYSTEM, users.edit, bob.id, {"protocols": ["web", "desktop"]})
    calls.write_now(browser_of(calls, bob), desktop.approve, user_code)
    calls.write_now(SYSTEM, users.edit, bob.id, {"protocols": ["web"]})
    refused = asked(calls, device_code)
    calls.write_now(SYSTEM, users.edit, bob.id, {"protocols": ["desktop"]})
    tokens = asked(calls, device_code)

    assert refused is TokenError.DENIED
    assert isinstance(tokens, Tokens)
    assert works(calls, tokens)
    calls.write_now(SYSTEM, users.edit, bob.id, {"allowed_ips": ["192.0.2.0/24"]})
    assert not works(calls, tokens)
    assert renewed(calls, tokens.refresh_token) is TokenError.INVALID_GRANT
    calls.write_now(SYSTEM, users.edit, bob.id, {"allowed_ips": []})
    assert isinstance(renewed(calls, tokens.refresh_token), Tokens)


def test_an_access_token_lives_a_quarter_of_an_hour(calls: Calls, bob: User, clock: FakeClock) -> None:
    tokens = let_in(calls, bob)

    clock.advance(minutes=14, seconds=59)
    assert works(calls, tokens)
    clock.advance(seconds=1)
    assert not works(calls, tokens)

    again = renewed(calls, tokens.refresh_token)
    assert isinstance(again, Tokens)
    assert works(calls, again)


def test_tokens_of_one_kind_are_nothing_as_another(calls: Calls, bob: User) -> None:
    tokens = let_in(calls, bob)
    series = tokens.refresh_token.removeprefix("inkr_").partition(".")[0]

    assert renewed(calls, tokens.access_token) is TokenError.INVALID_GRANT
    for secret in (tokens.refresh_token, series, f"inkd_{series}", "inkd_", "inkr_", "inkr_.", ""):
        for caller in (Caller("api", api_key=secret), Caller("web", session_token=secret)):
            with pytest.raises(Unauthenticated):
                calls.read_now(caller, portraits.own)
    assert works(calls, tokens)


def test_every_refresh_gives_a_new_pair(calls: Calls, bob: User, clock: FakeClock) -> None:
    tokens = let_in(calls, bob)
    seen = {tokens.refresh_token}
    for _ in range(5):
        clock.advance(minutes=14)
        after = renewed(calls, tokens.refresh_token)
        assert isinstance(after, Tokens)
        assert works(calls, tokens)
        seen.add(after.refresh_token)
        tokens = after

    assert len(seen) == 6
    assert len(connections_of(calls, bob)) == 1


def test_a_spent_refresh_token_ends_the_connection(calls: Calls, bob: User, clock: FakeClock) -> None:
    stolen = let_in(calls, bob)
    clock.advance(minutes=1)
    honest = renewed(calls, stolen.refresh_token)
    assert isinstance(honest, Tokens)
    clock.advance(seconds=30)

    again = renewed(calls, stolen.refresh_token)

    assert again is TokenError.INVALID_GRANT
    assert not works(calls, honest)
    assert renewed(calls, honest.refresh_token) is TokenError.INVALID_GRANT
    assert connections_of(calls, bob) == []
    reused = told(calls, "desktop.token_reused")
    assert [(bob.id, CLIENT, "system", "198.51.100.7")] == [
        (event.user_id, event.data["client"], event.actor_kind, event.address) for event in reused
    ]
    assert told(calls, "session.ended")[0].data["reason"] == "token_reused"


def test_a_very_old_refresh_token_is_known_for_what_it_is(calls: Calls, bob: User, clock: FakeClock) -> None:
    tokens = first = let_in(calls, bob)
    for _ in range(4):
        clock.advance(days=60)
        after = renewed(calls, tokens.refresh_token)
        assert isinstance(after, Tokens)
        tokens = after

    assert renewed(calls, first.refresh_token) is TokenError.INVALID_GRANT

    assert not works(calls, tokens)
    assert len(told(calls, "desktop.token_reused")) == 1


def test_a_lost_answer_is_given_anew_and_the_lost_one_is_worthless(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    tokens = let_in(calls, bob)
    clock.advance(minutes=15)
    lost = renewed(calls, tokens.refresh_token)
    clock.advance(seconds=10)
    lost_again = renewed(calls, tokens.refresh_token)
    clock.advance(seconds=10)
    found = renewed(calls, tokens.refresh_token)

    assert isinstance(lost, Tokens)
    assert isinstance(lost_again, Tokens)
    assert isinstance(found, Tokens)
    assert (works(calls, lost), works(calls, lost_again), works(calls, found)) == (False, False, True)
    assert told(calls, "desktop.token_reused") == []
    clock.advance(minutes=1)
    assert isinstance(renewed(calls, found.refresh_token), Tokens)


def test_whoever_uses_what_was_lost_ends_the_connection(calls: Calls, bob: User, clock: FakeClock) -> None:
    tokens = let_in(calls, bob)
    clock.advance(minutes=15)
    honest = renewed(calls, tokens.refresh_token)
    clock.advance(seconds=5)
    thief = renewed(calls, tokens.refresh_token)
    clock.advance(minutes=1)

    assert isinstance(honest, Tokens)
    assert isinstance(thief, Tokens)
    assert renewed(calls, honest.refresh_token) is TokenError.INVALID_GRANT
    assert not works(calls, thief)
    assert renewed(calls, thief.refresh_token) is TokenError.INVALID_GRANT


def test_the_grace_is_over_once_the_next_token_was_used(calls: Calls, bob: User, clock: FakeClock) -> None:
    first = let_in(calls, bob)
    clock.advance(seconds=1)
    second = renewed(calls, first.refresh_token)
    assert isinstance(second, Tokens)
    clock.advance(seconds=1)
    third = renewed(calls, second.refresh_token)
    assert isinstance(third, Tokens)
    clock.advance(seconds=1)

    assert renewed(calls, first.refresh_token) is TokenError.INVALID_GRANT

    assert not works(calls, third)


def test_a_refresh_token_is_good_for_its_client_only(calls: Calls, bob: User) -> None:
    tokens = let_in(calls, bob)

    other = calls.write_now(DEVICE, desktop_tokens.refresh, tokens.refresh_token, "somebody else")

    assert other is TokenError.INVALID_GRANT
    assert isinstance(renewed(calls, tokens.refresh_token), Tokens)


def test_a_connection_may_rest_for_some_days_and_no_longer(calls: Calls, bob: User, clock: FakeClock) -> None:
    tokens = let_in(calls, bob)
    clock.advance(days=89)
    after = renewed(calls, tokens.refresh_token)
    assert isinstance(after, Tokens)
    clock.advance(days=90)

    assert renewed(calls, after.refresh_token) is TokenError.INVALID_GRANT

    assert connections_of(calls, bob) == []
    assert told(calls, "desktop.token_reused") == []


def test_a_shorter_rest_counts_for_connections_that_are_there(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    tokens = let_in(calls, bob)
    calls.write_now(SYSTEM, site_settings.edit, {"desktop_session_days": 1})
    clock.advance(days=1)

    assert renewed(calls, tokens.refresh_token) is TokenError.INVALID_GRANT


def suspend(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, users.suspend, user.id)


def suspend_for_a_moment(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, users.suspend, user.id)
    calls.write_now(SYSTEM, users.reactivate, user.id)


def delete(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, users.delete, user.id)


def reset_the_password(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, passwords.reset, user.id, make_password("a brand new password"))


def end_all_sessions(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, sessions.end_all, user.id)


def end_the_session(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, sessions.end, connections_of(calls, user)[0].id)


def shut_the_door(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, users.edit, user.id, {"protocols": ["sftp", "web", "api"]})


def let_expire(calls: Calls, user: User) -> None:
    calls.write_now(SYSTEM, users.edit, user.id, {"access_expires_at": "2026-03-02T09:00:00Z"})


WAYS_OUT = [
    suspend,
    suspend_for_a_moment,
    delete,
    reset_the_password,
    end_all_sessions,
    end_the_session,
    shut_the_door,
    let_expire,
]


@pytest.mark.parametrize("way", WAYS_OUT, ids=lambda way: way.__name__)
def test_whatever_stops_a_user_makes_the_tokens_worthless(calls: Calls, bob: User, way: Way) -> None:
    tokens = let_in(calls, bob)
    assert works(calls, tokens)

    way(calls, bob)

    assert not works(calls, tokens)
    assert renewed(calls, tokens.refresh_token) is TokenError.INVALID_GRANT


@pytest.mark.parametrize("way", WAYS_OUT, ids=lambda way: way.__name__)
def test_whatever_stops_a_user_counts_before_the_tokens_are_fetched(
    calls: Calls, bob: User, way: Way
) -> None:
    device_code, user_code = begun(calls)
    calls.write_now(browser_of(calls, bob), desktop.approve, user_code)

    way(calls, bob)

    assert asked(calls, device_code) is TokenError.DENIED


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_signing_out_ends_the_connection(calls: Calls, bob: User, which: str) -> None:
    tokens = let_in(calls, bob)

    calls.write_now(DEVICE, desktop_tokens.revoke, getattr(tokens, which))
    calls.write_now(DEVICE, desktop_tokens.revoke, getattr(tokens, which))

    assert not works(calls, tokens)
    ended = told(calls, "session.ended")
    assert [(event.data["reason"], event.actor_name, event.interface) for event in ended] == [
        ("signed_out", "bob", "desktop")
    ]


def test_nothing_happens_for_a_token_that_leads_nowhere(calls: Calls) -> None:
    for token in ("", "inkd_x", "inkr_x.y", "nonsense", "ü"):
        calls.write_now(DEVICE, desktop_tokens.revoke, token)

    assert told(calls, "session.ended") == []


def test_a_connection_may_do_what_its_user_may(calls: Calls, ada: User, bob: User) -> None:
    administrator, user = bearer(let_in(calls, ada)), bearer(let_in(calls, bob))

    calls.write_now(administrator, api_keys.create, bob.id, "hers")

    with pytest.raises(NotFound):
        calls.write_now(user, api_keys.create, ada.id, "his")


def let_in_for(calls: Calls, user: User, scopes: list[str]) -> Tokens:
    device_code, grant = calls.write_now(DEVICE, desktop.begin, CLIENT, scopes)
    calls.write_now(browser_of(calls, user), desktop.approve, grant.user_code)
    tokens = asked(calls, device_code)
    assert isinstance(tokens, Tokens)
    return tokens


def test_a_connection_for_some_scopes_may_do_that_and_no_more(
    calls: Calls, ada: User, bob: User, clock: FakeClock
) -> None:
    tokens = let_in_for(calls, ada, ["users:read", "sessions:read"])
    clock.advance(minutes=14)
    after = renewed(calls, tokens.refresh_token)
    assert isinstance(after, Tokens)

    for caller in (bearer(tokens), bearer(after)):
        assert calls.read_now(caller, users.show, bob.id).username == "bob"
        assert calls.read_now(caller, sessions.page).items
        with pytest.raises(Forbidden):
            calls.write_now(caller, users.edit, bob.id, {"name": "Robert"})
        with pytest.raises(Forbidden):
            calls.read_now(caller, events.page, EventQuery())
    assert told(calls, "desktop.approved")[0].data["scopes"] == ["sessions:read", "users:read"]


def test_a_connection_for_some_scopes_makes_no_key_for_more(calls: Calls, ada: User) -> None:
    caller = bearer(let_in_for(calls, ada, ["credentials:write"]))

    key, _ = calls.write_now(caller, api_keys.create, ada.id, "open")
    with pytest.raises(Invalid):
        calls.write_now(caller, api_keys.create, ada.id, "wide", scopes=["users:write"])

    assert key.scopes == ("credentials:write",)


def test_a_scope_that_nobody_knows_is_refused(calls: Calls) -> None:
    with pytest.raises(Invalid):
        calls.write_now(DEVICE, desktop.begin, CLIENT, ["users:read", "everything"])
