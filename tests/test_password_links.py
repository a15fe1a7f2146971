"""Links with which people choose a password: what they open, for whom, how often, and what strangers see."""

import json
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from innkeeper.actions import events, mail_news, password_links, passwords, sessions, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Invalid, NotFound, NotNow, Unauthenticated
from innkeeper.domain.events import Kind, Recorded
from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Status
from innkeeper.kit.passwords import make_password, verify
from innkeeper.store import mails as mail_store
from innkeeper.store import users as user_store
from tests.conftest import SYSTEM, FakeClock
from tests.rest import token_of

STRANGER = Caller("web", "203.0.113.9")
NEW = "mauve lantern ferry 7"
LINKS = (MailKind.INVITATION, MailKind.PASSWORD_RESET)


@pytest.fixture
def eve(calls: Calls) -> User:
    """Invited, and yet to choose a password."""
    values = {"username": "eve", "email": "eve@example.com", "authentication_method": "email_signup"}
    return calls.write_now(SYSTEM, users.create, values)


def ask(calls: Calls, name: str) -> None:
    calls.write_now(STRANGER, password_links.ask_for_reset, name)


def mails_of(calls: Calls, *kinds: MailKind) -> list[Mail]:
    def read(call: Call) -> list[Mail]:
        waiting = mail_store.waiting(call.unit, due_before=call.now + timedelta(1), limit=100)
        return sorted((mail for mail in waiting if mail.kind in kinds), key=lambda mail: mail.id)

    return calls.read_now(SYSTEM, read)


def links(calls: Calls) -> list[str]:
    """The tokens in the mails that wait, the oldest first."""

    assert calls.vault is not None
    opened = [calls.vault.open(mail.sealed or "") for mail in mails_of(calls, *LINKS)]
    return [str(json.loads(text)["path"]).removeprefix("/set-password/") for text in opened]


def link(calls: Calls) -> str:
    return links(calls)[-1]


def choose(calls: Calls, token: str, text: str = NEW) -> User:
    return calls.write_now(STRANGER, password_links.set_password, token, make_password(text))


def now_of(calls: Calls, user: User) -> User:
    return calls.read_now(SYSTEM, users.show, user.id)


def has_password(calls: Calls, user: User, text: str) -> bool:
    return verify(now_of(calls, user).password_hash or "", text)


def log_of(calls: Calls, kind: Kind) -> list[Recorded]:
    return list(calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind.value,))).items)


@pytest.mark.parametrize("name", ["bob", "BOB", " bob ", "bob@example.com", "Bob@Example.com"])
def test_a_link_comes_to_whoever_forgot_and_leads_to_a_new_password(
    calls: Calls, bob: User, name: str
) -> None:
    ask(calls, name)

    opened = calls.read_now(STRANGER, password_links.open_link, link(calls))
    choose(calls, link(calls))

    assert (bob.id, False) == (opened.user.id, opened.is_first)
    assert has_password(calls, bob, NEW)
    assert not has_password(calls, bob, "staple tractor nine")
    [mail] = mails_of(calls, MailKind.PASSWORD_RESET)
    assert (mail.to_address, mail.data["minutes"]) == ("bob@example.com", 60)
    [changed] = log_of(calls, Kind.PASSWORD_CHANGED)
    assert (bob.id, "bob", {"by": "reset"}) == (changed.user_id, changed.actor_name, changed.data)
    assert mail_news.is_told(changed)


def test_asking_is_recorded_for_known_and_unknown_names_alike(calls: Calls, bob: User) -> None:
    ask(calls, "bob")
    ask(calls, "nobody")

    unknown, known = log_of(calls, Kind.PASSWORD_RESET_ASKED)
    assert ({"username": "bob", "is_sent": True}, bob.id) == (known.data, known.user_id)
    assert (unknown.data, unknown.user_id) == ({"username": "nobody", "is_sent": False}, None)
    assert "203.0.113.9" == known.address == unknown.address
    assert link(calls) not in json.dumps([dict(known.data), dict(unknown.data)])


@pytest.mark.parametrize(
    "values",
    [
        {"disabled": True},
        {"authentication_method": "none"},
        {"authentication_method": "sso"},
        {"authentication_method": "ldap"},
        {"email": ""},
        {"access_expires_at": "2026-03-01"},
    ],
)
def test_nothing_is_sent_to_whom_no_password_would_help(
    calls: Calls, bob: User, values: dict[str, Any]
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, values)

    ask(calls, "bob")
    ask(calls, "bob@example.com")

    assert links(calls) == []


def test_nothing_is_sent_to_a_deleted_user(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.delete, bob.id)

    ask(calls, "bob")

    assert links(calls) == []


@pytest.mark.parametrize("name", ["", "\x00", "nobody", "x" * 10_000, "\ud800", "%", "bob'--"])
def test_a_name_of_nobody_sends_nothing_and_breaks_nothing(calls: Calls, bob: User, name: str) -> None:
    ask(calls, name)

    assert links(calls) == []


def test_a_site_may_do_without(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_reset_by_mail": False})

    ask(calls, "bob")

    assert links(calls) == []
    assert log_of(calls, Kind.PASSWORD_RESET_ASKED) == []


def test_all_users_of_one_address_get_a_link_of_their_own(calls: Calls, bob: User) -> None:
    calls.write_now(
        SYSTEM, users.create, {"username": "bob2", "email": "BOB@example.com", "password": "violet cable 33"}
    )

    ask(calls, "bob@example.com")

    opened = [calls.read_now(STRANGER, password_links.open_link, token) for token in links(calls)]
    assert {"bob", "bob2"} == {one.user.username for one in opened}


def test_strangers_cannot_fill_a_mailbox(calls: Calls, bob: User, clock: FakeClock) -> None:
    for _ in range(10):
        ask(calls, "bob")
    assert len(links(calls)) == 3

    clock.advance(minutes=61)
    ask(calls, "bob")

    assert len(links(calls)) == 4


def test_a_link_works_once(calls: Calls, bob: User) -> None:
    ask(calls, "bob")
    choose(calls, link(calls))

    with pytest.raises(NotFound):
        choose(calls, link(calls), "another lantern ferry 8")
    with pytest.raises(NotFound):
        calls.read_now(STRANGER, password_links.open_link, link(calls))
    assert has_password(calls, bob, NEW)


def test_one_link_used_is_the_end_of_the_others(calls: Calls, bob: User) -> None:
    ask(calls, "bob")
    ask(calls, "bob")
    first, second = links(calls)

    choose(calls, second)

    with pytest.raises(NotFound):
        choose(calls, first, "another lantern ferry 8")


def test_of_many_who_use_a_link_at_once_one_gets_through(calls: Calls, bob: User) -> None:
    ask(calls, "bob")
    token = link(calls)
    texts = [f"mauve lantern ferry {number}" for number in range(6)]
    hashed = [make_password(text) for text in texts]
    start, outcomes = threading.Barrier(len(hashed)), Counter[str]()

    def run(number: int) -> None:
        start.wait()
        try:
            calls.write_now(STRANGER, password_links.set_password, token, hashed[number])
            outcomes[f"set {number}"] += 1
        except NotFound:
            outcomes["not found"] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(hashed))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [winner] = [name for name in outcomes if name != "not found"]
    assert {winner: 1, "not found": 5} == outcomes
    assert has_password(calls, bob, texts[int(winner.removeprefix("set "))])
    assert len(log_of(calls, Kind.PASSWORD_CHANGED)) == 1


def test_a_link_is_good_for_its_time(calls: Calls, bob: User, clock: FakeClock) -> None:
    ask(calls, "bob")
    token = link(calls)

    clock.advance(minutes=59)
    calls.read_now(STRANGER, password_links.open_link, token)
    clock.advance(minutes=1)

    with pytest.raises(NotFound):
        choose(calls, token)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\x00", "x" * 10_000])
def test_a_forged_link_opens_nothing(calls: Calls, bob: User, token: str) -> None:
    ask(calls, "bob")

    with pytest.raises(NotFound):
        calls.read_now(STRANGER, password_links.open_link, token)
    with pytest.raises(NotFound):
        choose(calls, token)


def test_the_stored_digest_is_no_link(calls: Calls, bob: User) -> None:
    from innkeeper.kit.ids import digest

    ask(calls, "bob")

    with pytest.raises(NotFound):
        choose(calls, digest(link(calls)))


@pytest.mark.parametrize(
    "values",
    [
        {"disabled": True},
        {"email": "somebody.else@example.com"},
        {"authentication_method": "none"},
        {"access_expires_at": "2026-03-01"},
        {"password": "a quite different engine"},
    ],
)
def test_a_link_is_worthless_once_its_user_stands_differently(
    calls: Calls, bob: User, values: dict[str, Any]
) -> None:
    ask(calls, "bob")

    calls.write_now(SYSTEM, users.edit, bob.id, values)

    with pytest.raises(NotFound):
        choose(calls, link(calls))
    assert not has_password(calls, bob, NEW)


def test_a_link_of_a_deleted_user_is_worthless(calls: Calls, bob: User) -> None:
    ask(calls, "bob")

    calls.write_now(SYSTEM, users.delete, bob.id)

    with pytest.raises(NotFound):
        choose(calls, link(calls))


def test_a_password_against_the_rules_is_refused_and_the_link_stays_good(calls: Calls, bob: User) -> None:
    ask(calls, "bob")

    with pytest.raises(Invalid) as refused:
        choose(calls, link(calls), "short")
    with pytest.raises(Invalid):
        choose(calls, link(calls), "staple tractor nine")
    choose(calls, link(calls))

    assert {"password_too_short", "password_too_guessable"} == {one.code for one in refused.value.problems}
    assert has_password(calls, bob, NEW)


def test_sessions_end_and_a_lock_is_lifted(calls: Calls, bob: User, clock: FakeClock) -> None:
    key = token_of(calls, bob)
    assert key

    def lock(call: Call) -> None:
        user_store.note_use(
            call.unit, bob.id, {"locked_until": call.now.replace(year=2030), "failed_logins": 3}
        )

    calls.write_now(SYSTEM, lock)
    ask(calls, "bob")
    choose(calls, link(calls))

    changed = now_of(calls, bob)
    assert (None, 0, clock.now) == (changed.locked_until, changed.failed_logins, changed.sessions_valid_after)
    assert clock.now == changed.password_changed_at
    assert Status.ACTIVE is changed.status(clock.now)


def test_a_forced_change_is_done_with(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"require_password_change": True})

    ask(calls, "bob")
    choose(calls, link(calls))

    assert not now_of(calls, bob).require_password_change


def test_who_signs_up_by_mail_is_invited_and_chooses(calls: Calls, eve: User, clock: FakeClock) -> None:
    assert Status.INVITED is eve.status(clock.now)
    [mail] = mails_of(calls, MailKind.INVITATION)
    assert (mail.to_address, mail.data["hours"]) == ("eve@example.com", 72)
    assert eve.id == log_of(calls, Kind.USER_INVITED)[0].user_id

    opened = calls.read_now(STRANGER, password_links.open_link, link(calls))
    choose(calls, link(calls))

    assert opened.is_first
    assert Status.ACTIVE is now_of(calls, eve).status(clock.now)
    assert has_password(calls, eve, NEW)
    [changed] = log_of(calls, Kind.PASSWORD_CHANGED)
    assert not mail_news.is_told(changed)


def test_an_invitation_lasts_as_long_as_the_site_says(calls: Calls, clock: FakeClock) -> None:
    calls.write_now(SYSTEM, settings.edit, {"signup_link_hours": 5})
    values = {"username": "eve", "email": "eve@example.com", "authentication_method": "email_signup"}
    calls.write_now(SYSTEM, users.create, values)
    token = link(calls)

    clock.advance(hours=4, minutes=59)
    calls.read_now(STRANGER, password_links.open_link, token)
    clock.advance(minutes=1)

    with pytest.raises(NotFound):
        choose(calls, token)


def test_who_signs_up_by_mail_needs_an_address(calls: Calls) -> None:
    with pytest.raises(Invalid) as refused:
        calls.write_now(SYSTEM, users.create, {"username": "eve", "authentication_method": "email_signup"})

    [problem] = refused.value.problems
    assert (problem.field, problem.code) == ("email", "address_missing")


def test_who_comes_with_a_password_or_suspended_is_not_invited(calls: Calls) -> None:
    values = {"email": "eve@example.com", "authentication_method": "email_signup"}

    calls.write_now(SYSTEM, users.create, {**values, "username": "eve", "password": NEW})
    calls.write_now(SYSTEM, users.create, {**values, "username": "eva", "disabled": True})

    assert links(calls) == []


def test_an_invitation_sent_again_replaces_the_one_before(calls: Calls, eve: User, ada: User) -> None:
    calls.write_now(SYSTEM, password_links.invite, eve.id)
    first, second = links(calls)

    with pytest.raises(NotFound):
        choose(calls, first)
    choose(calls, second)

    assert has_password(calls, eve, NEW)
    assert len(log_of(calls, Kind.USER_INVITED)) == 2


def test_only_who_waits_for_it_is_invited(calls: Calls, eve: User, bob: User) -> None:
    choose(calls, link(calls))

    for user in (bob, eve):
        with pytest.raises(NotNow, match="does not wait for an invitation"):
            calls.write_now(SYSTEM, password_links.invite, user.id)


def test_an_invited_user_who_asks_gets_a_link_as_well(calls: Calls, eve: User) -> None:
    ask(calls, "eve")

    choose(calls, link(calls))

    assert has_password(calls, eve, NEW)
    with pytest.raises(NotFound):
        choose(calls, links(calls)[0])


def test_an_administrator_sends_a_link(calls: Calls, ada: User, bob: User) -> None:
    as_ada = Caller("api", api_key=token_of(calls, ada))

    calls.write_now(as_ada, password_links.send, bob.id)

    [mail] = mails_of(calls, MailKind.PASSWORD_RESET)
    assert mail.data["by"] == "ada"
    assert has_password(calls, bob, "staple tractor nine")
    choose(calls, link(calls))
    assert has_password(calls, bob, NEW)


def test_a_link_that_could_not_be_used_is_not_sent(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.suspend, bob.id)

    with pytest.raises(NotNow, match="cannot get a link"):
        calls.write_now(SYSTEM, password_links.send, bob.id)


@pytest.mark.parametrize("action", [password_links.send, password_links.invite])
def test_strangers_and_users_send_no_links_to_others(
    calls: Calls, bob: User, eve: User, charlie: User, action: Any
) -> None:
    with pytest.raises(Unauthenticated):
        calls.write_now(STRANGER, action, eve.id)
    with pytest.raises(NotFound):
        calls.write_now(Caller("api", api_key=token_of(calls, charlie)), action, eve.id)


def test_a_set_password_ends_the_open_sessions(calls: Calls, bob: User) -> None:
    before = calls.read_now(SYSTEM, sessions.page, user_id=bob.id)
    assert before.items == []
    ask(calls, "bob")

    choose(calls, link(calls))

    assert now_of(calls, bob).sessions_valid_after is not None


def test_an_earlier_password_does_not_come_again_by_link(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, passwords.reset, bob.id, make_password("a quite different engine"))
    ask(calls, "bob")

    with pytest.raises(Invalid) as refused:
        choose(calls, link(calls), "staple tractor nine")

    assert [one.code for one in refused.value.problems] == ["password_used_before"]
