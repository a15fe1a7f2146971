"""Mails beside their cause: queued once, secrets sealed and wiped; who may look at them and send again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from innkeeper.actions import api_keys, events, mail_delivery, mails, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.mails import Entry
from innkeeper.domain.errors import Forbidden, NotFound, NotNow
from innkeeper.domain.events import Recorded
from innkeeper.domain.mails import HOLD, WAITS, Mail, MailKind, MailState
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from innkeeper.domain.words import MailId
from innkeeper.mail.letters import HIDDEN
from innkeeper.store.database import Database
from innkeeper.store.sign_in_tables import mails as table
from tests.conftest import SYSTEM, FakeClock

PATH = {"path": "/set-password/s3cret"}
AWAY = Text("the mail server took too long")


def queued(
    calls: Calls,
    user: User,
    kind: MailKind = MailKind.API_KEY_CREATED,
    *,
    secret: dict[str, str] | None = None,
) -> Mail:
    calls.write_now(SYSTEM, mails.queue, kind, user, {"name": "backup"}, secret=secret)
    return log(calls)[0].mail


def log(calls: Calls) -> list[Entry]:
    return list(calls.read_now(SYSTEM, mails.page).items)


def shown(calls: Calls, mail: Mail) -> Mail:
    return calls.read_now(SYSTEM, mails.show, mail.id)[0].mail


def told(calls: Calls, *kinds: str) -> list[Recorded]:
    return list(calls.read_now(SYSTEM, events.page, EventQuery(kinds=kinds)).items)


def sealed(database: Database, mail: Mail) -> str | None:
    query = select(table.c.sealed).where(table.c.id == mail.id)
    found: str | None = database.read_now(lambda unit: unit.scalar(query))
    return found


def claimed(calls: Calls, mail: Mail) -> Mail:
    found = calls.write_now(SYSTEM, mail_delivery.claim, mail.id)
    assert isinstance(found, Mail)
    return found


def as_user(calls: Calls, user: User, **values: object) -> Caller:
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    if values:
        calls.write_now(SYSTEM, users.edit, user.id, values)
    return Caller("api", "127.0.0.1", api_key=token)


def test_mail_is_queued_with_an_event(calls: Calls, bob: User, clock: FakeClock) -> None:
    mail = queued(calls, bob)

    [event] = told(calls, "mail.")
    assert (mail.state, mail.to_address, mail.language) == (MailState.QUEUED, "bob@example.com", "en")
    assert (mail.created_at, mail.due_at) == (clock.now, clock.now)
    assert (event.kind.value, event.target.id, event.target.name) == ("mail.queued", mail.id, "bob")
    assert (event.user_id, event.data["kind"]) == (bob.id, "api_key_created")


def test_mail_comes_and_goes_with_its_cause(calls: Calls, bob: User) -> None:
    def fail(call: Call) -> None:
        mails.queue(call, MailKind.API_KEY_CREATED, bob, {})
        raise RuntimeError("the cause came to nothing")

    with pytest.raises(RuntimeError):
        calls.write_now(SYSTEM, fail)

    assert log(calls) == []


def test_user_without_an_address_gets_no_mail(calls: Calls, charlie: User) -> None:
    is_queued = calls.write_now(SYSTEM, mails.queue, MailKind.API_KEY_CREATED, charlie, {})

    assert not is_queued
    assert log(calls) == []
    assert told(calls, "mail.") == []


def test_another_address_can_be_given(calls: Calls, charlie: User) -> None:
    calls.write_now(SYSTEM, mails.queue, MailKind.EMAIL_CODE, charlie, {}, to="charlie@example.org")

    assert [entry.mail.to_address for entry in log(calls)] == ["charlie@example.org"]


def test_language_is_the_users_then_the_sites(calls: Calls, bob: User) -> None:
    german = calls.write_now(SYSTEM, users.edit, bob.id, {"language": "de"})

    mail = queued(calls, german)

    assert mail.language == "de"
    assert log(calls)[0].subject.startswith("Ein API-Schlüssel")


def test_same_cause_makes_one_mail(calls: Calls, bob: User) -> None:
    first, second = (
        calls.write_now(SYSTEM, mails.queue, MailKind.NEW_DEVICE, bob, {}, cause="event 7") for _ in range(2)
    )

    assert (first, second) == (True, False)
    assert len(log(calls)) == 1
    assert len(told(calls, "mail.")) == 1


def test_secret_is_sealed_and_nowhere_in_the_log(calls: Calls, database: Database, bob: User) -> None:
    mail = queued(calls, bob, MailKind.INVITATION, secret=PATH)

    entry, letter = calls.read_now(SYSTEM, mails.show, mail.id)
    stored = sealed(database, mail)
    assert stored is not None
    assert "s3cret" not in stored + repr(entry) + letter.text + letter.html + repr(told(calls, "mail."))
    assert HIDDEN in letter.text


def test_letter_for_delivery_has_the_secret(calls: Calls, bob: User) -> None:
    mail = claimed(calls, queued(calls, bob, MailKind.INVITATION, secret=PATH))

    letter = calls.read_now(SYSTEM, mail_delivery.letter_of, mail, "https://files.example.org")

    assert "https://files.example.org/set-password/s3cret" in letter.text


@pytest.mark.parametrize("settle", [mail_delivery.note_sent, mail_delivery.note_unsent])
def test_secret_is_wiped_when_the_mail_is_done_with(
    calls: Calls, database: Database, bob: User, settle: Callable[[Call, Mail], None]
) -> None:
    mail = claimed(calls, queued(calls, bob, MailKind.INVITATION, secret=PATH))

    calls.write_now(SYSTEM, settle, mail)

    assert sealed(database, mail) is None


def test_secret_is_kept_for_the_next_try_and_wiped_after_the_last(
    calls: Calls, database: Database, bob: User
) -> None:
    mail = claimed(calls, queued(calls, bob, MailKind.INVITATION, secret=PATH))

    calls.write_now(SYSTEM, mail_delivery.note_failure, mail, AWAY, is_permanent=False)
    kept = sealed(database, mail)
    calls.write_now(SYSTEM, mail_delivery.note_failure, mail, AWAY, is_permanent=True)

    assert kept is not None
    assert sealed(database, mail) is None


def test_a_mail_is_claimed_once_at_a_time(calls: Calls, bob: User, clock: FakeClock) -> None:
    mail = claimed(calls, queued(calls, bob))

    assert (mail.state, mail.tries, mail.due_at) == (MailState.SENDING, 1, clock.now + HOLD)
    assert calls.write_now(SYSTEM, mail_delivery.claim, mail.id) == mail.due_at


def test_a_mail_whose_sender_died_is_due_again(calls: Calls, bob: User, clock: FakeClock) -> None:
    mail = claimed(calls, queued(calls, bob))
    clock.advance(minutes=3)

    again = claimed(calls, mail)

    assert again.tries == 2


def test_a_sent_mail_is_never_claimed(calls: Calls, bob: User, clock: FakeClock) -> None:
    mail = claimed(calls, queued(calls, bob))
    calls.write_now(SYSTEM, mail_delivery.note_sent, mail)
    clock.advance(days=30)

    assert calls.write_now(SYSTEM, mail_delivery.claim, mail.id) is None
    assert calls.write_now(SYSTEM, mail_delivery.claim, MailId("nobody")) is None
    assert shown(calls, mail).state is MailState.SENT


def test_tries_come_further_and_further_apart_for_about_a_day(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    mail, begun, pauses = queued(calls, bob), clock.now, []
    while True:
        mail = claimed(calls, mail)
        due = calls.write_now(SYSTEM, mail_delivery.note_failure, mail, AWAY, is_permanent=False)
        if due is None:
            break
        pauses.append(due - clock.now)
        clock.now = due

    failed = shown(calls, mail)
    assert pauses == sorted(pauses) == list(WAITS)
    assert timedelta(hours=20) < clock.now - begun < timedelta(hours=30)
    assert (failed.state, str(failed.error)) == (MailState.FAILED, str(AWAY))
    [event] = told(calls, "mail.failed")
    assert (event.data["kind"], event.data["error"]) == ("api_key_created", str(AWAY))


def test_mail_with_a_short_life_is_not_sent_after_it(calls: Calls, bob: User, clock: FakeClock) -> None:
    data = {"minutes": 10}
    calls.write_now(SYSTEM, mails.queue, MailKind.EMAIL_CODE, bob, data, secret={"code": "1"})
    mail = claimed(calls, log(calls)[0].mail)
    clock.advance(minutes=9, seconds=30)

    due = calls.write_now(SYSTEM, mail_delivery.note_failure, mail, AWAY, is_permanent=False)

    assert due is None
    assert shown(calls, mail).state is MailState.FAILED


def test_mails_that_nobody_is_at_work_on_are_found(calls: Calls, bob: User, clock: FakeClock) -> None:
    lost, sent = claimed(calls, queued(calls, bob)), claimed(calls, queued(calls, bob))
    calls.write_now(SYSTEM, mail_delivery.note_sent, sent)
    clock.advance(minutes=20)

    def overdue(minutes: int) -> list[MailId]:
        found = calls.read_now(SYSTEM, mail_delivery.overdue, by=timedelta(minutes=minutes))
        return [mail.id for mail in found]

    assert (overdue(10), overdue(30)) == ([lost.id], [])


def test_log_is_paged_and_narrowed(calls: Calls, ada: User, bob: User) -> None:
    first, second, third = (queued(calls, user) for user in (ada, bob, bob))
    calls.write_now(SYSTEM, mail_delivery.note_unsent, second)

    def ids(**asked: object) -> list[MailId]:
        return [entry.mail.id for entry in calls.read_now(SYSTEM, mails.page, **asked).items]  # type: ignore[arg-type]

    page = calls.read_now(SYSTEM, mails.page, limit=2)
    assert [entry.mail.id for entry in page.items] == [third.id, second.id]
    assert ids(cursor=page.next_cursor) == [first.id]
    assert ids(user_id=bob.id) == [third.id, second.id]
    assert ids(states=(MailState.UNSENT,)) == [second.id]


def test_user_may_not_look_at_mails(calls: Calls, bob: User) -> None:
    mail = queued(calls, bob)
    caller = as_user(calls, bob)

    with pytest.raises(Forbidden):
        calls.read_now(caller, mails.page)
    with pytest.raises(Forbidden):
        calls.read_now(caller, mails.show, mail.id)
    with pytest.raises(Forbidden):
        calls.write_now(caller, mails.send_again, mail.id)


def test_read_only_administrator_looks_and_sends_nothing(calls: Calls, bob: User, charlie: User) -> None:
    mail = queued(calls, bob)
    caller = as_user(calls, charlie, roles=["read_only_administrator"])

    assert calls.read_now(caller, mails.show, mail.id)[0].mail == mail
    with pytest.raises(Forbidden):
        calls.write_now(caller, mails.send_again, mail.id)


def test_unknown_mail_is_not_found(calls: Calls) -> None:
    with pytest.raises(NotFound):
        calls.read_now(SYSTEM, mails.show, MailId("nobody"))


def test_mail_is_sent_again_as_a_new_one(calls: Calls, ada: User, bob: User, clock: FakeClock) -> None:
    mail = claimed(calls, queued(calls, bob))
    calls.write_now(SYSTEM, mail_delivery.note_failure, mail, AWAY, is_permanent=True)
    clock.advance(days=2)

    again = calls.write_now(as_user(calls, ada), mails.send_again, mail.id).mail

    assert again.id != mail.id
    assert (again.kind, again.to_address, again.data) == (mail.kind, mail.to_address, mail.data)
    assert (again.state, again.tries, again.error, again.due_at) == (MailState.QUEUED, 0, None, clock.now)
    assert shown(calls, mail).state is MailState.FAILED
    event = told(calls, "mail.queued")[0]
    assert (event.target.id, event.actor_name) == (again.id, "ada")


def test_mail_that_waits_is_hastened(calls: Calls, bob: User, clock: FakeClock) -> None:
    mail = claimed(calls, queued(calls, bob, MailKind.INVITATION, secret=PATH))
    calls.write_now(SYSTEM, mail_delivery.note_failure, mail, AWAY, is_permanent=False)

    calls.write_now(SYSTEM, mails.send_again, mail.id)

    assert shown(calls, mail).due_at == clock.now
    assert len(told(calls, "mail.queued")) == 2


def test_mail_that_is_being_sent_is_left_alone(calls: Calls, bob: User) -> None:
    mail = claimed(calls, queued(calls, bob))

    with pytest.raises(NotNow, match="at this very moment"):
        calls.write_now(SYSTEM, mails.send_again, mail.id)


def test_mail_without_its_secret_is_not_sent_again(calls: Calls, bob: User) -> None:
    mail = claimed(calls, queued(calls, bob, MailKind.INVITATION, secret=PATH))
    calls.write_now(SYSTEM, mail_delivery.note_sent, mail)

    with pytest.raises(NotNow, match="ask for a new one"):
        calls.write_now(SYSTEM, mails.send_again, mail.id)
