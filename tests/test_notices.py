"""From an act on a file to one mail: on both databases, whatever dies or runs twice."""

import json
import threading
from typing import Any

import pytest

from innkeeper.actions import files, grants, groups, mails, memberships, notices, notifications, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.files import Reported
from innkeeper.domain.errors import Duplicate, Forbidden, Invalid, NotFound
from innkeeper.domain.groups import Group
from innkeeper.domain.mails import Mail, MailKind, MailState
from innkeeper.domain.notifications import FileNews, Frequency, Notification
from innkeeper.domain.users import User
from innkeeper.domain.words import Level, SubjectKind
from innkeeper.files.reports import FileReport, FileVerb
from innkeeper.jobs.mails import Office, deliver
from innkeeper.jobs.notifications import tell_news
from innkeeper.mail.addresses import read_from, read_url
from innkeeper.mail.sending import Postman
from tests.conftest import SYSTEM, FakeClock
from tests.mail_server import HOME
from tests.smtp_sink import Sink

pytest_plugins = ["tests.smtp_sink"]
STRANGER = Caller("web")


def grant(calls: Calls, user: User, path: str = "/in", level: Level = Level.READ) -> None:
    calls.write_now(SYSTEM, grants.add, path, SubjectKind.USER, user.id, level)


@pytest.fixture
def inbox(calls: Calls, bob: User) -> Notification:
    """Bob hears of all that happens in /in, every hour."""
    grant(calls, bob)
    return subscribe(calls, bob)


def subscribe(calls: Calls, user: User, path: str = "/in", **how: Any) -> Notification:
    given: Any = {"verbs": tuple(FileNews), **how}
    return calls.write_now(SYSTEM, notifications.add, path, SubjectKind.USER, user.id, **given)


def act(calls: Calls, by: User, path: str = "/in/a.txt", verb: FileVerb = FileVerb.UPLOAD, **of: Any) -> None:
    done = FileReport(verb=verb, path=path, **of)
    calls.write_now(SYSTEM, files.report, [Reported(by.id, by.username, "sftp", "203.0.113.9", done)])


def tell(calls: Calls) -> int:
    return tell_news(calls, lambda: None)


def told(calls: Calls) -> list[Mail]:
    found = calls.read_now(SYSTEM, mails.page, limit=200).items
    return [entry.mail for entry in found if entry.mail.kind is MailKind.FILES_CHANGED]


def paths(mail: Mail) -> list[str]:
    lines = mail.data["lines"]
    assert isinstance(lines, list)
    return [line["path"] for line in lines]


def test_news_comes_when_it_is_due_and_once(
    calls: Calls, inbox: Notification, ada: User, clock: FakeClock
) -> None:
    clock.advance(minutes=10)
    act(calls, ada)
    assert tell(calls) == 0

    clock.advance(minutes=50)
    first, second = tell(calls), tell(calls)

    [mail] = told(calls)
    assert (first, second) == (1, 0)
    assert (mail.to_address, paths(mail)) == ("bob@example.com", ["/in/a.txt"])


def test_of_nothing_there_is_no_mail(calls: Calls, inbox: Notification, clock: FakeClock) -> None:
    clock.advance(hours=2)

    assert tell(calls) == 0


def test_own_acts_and_broken_transfers_are_no_news(
    calls: Calls, inbox: Notification, ada: User, bob: User, clock: FakeClock
) -> None:
    act(calls, bob)
    act(calls, ada, is_complete=False)
    clock.advance(hours=1)

    assert tell(calls) == 0


def test_news_waits_for_the_batch_it_came_in(
    calls: Calls, inbox: Notification, ada: User, clock: FakeClock
) -> None:
    act(calls, ada, "/in/first")
    clock.advance(hours=1)
    tell(calls)
    act(calls, ada, "/in/second")
    clock.advance(hours=1)
    tell(calls)

    assert sorted(paths(mail) for mail in told(calls)) == [["/in/first"], ["/in/second"]]


def test_rights_count_at_the_moment_of_sending(
    calls: Calls, inbox: Notification, ada: User, bob: User, clock: FakeClock
) -> None:
    act(calls, ada)
    [held] = calls.read_now(SYSTEM, grants.page, subject_id=bob.id).items
    calls.write_now(SYSTEM, grants.remove, held.id)
    clock.advance(hours=1)

    assert tell(calls) == 0


def test_a_suspended_user_is_not_told(
    calls: Calls, inbox: Notification, ada: User, bob: User, clock: FakeClock
) -> None:
    act(calls, ada)
    calls.write_now(SYSTEM, users.suspend, bob.id, reason="left")
    clock.advance(hours=1)

    assert tell(calls) == 0


def test_paths_are_those_that_the_reader_knows(
    calls: Calls, inbox: Notification, ada: User, bob: User, clock: FakeClock
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"user_root": "/in"})
    act(calls, ada, "/in/deep/a")
    clock.advance(hours=1)
    tell(calls)

    [mail] = told(calls)
    assert (mail.data["folder"], paths(mail)) == ("/", ["/deep/a"])


def test_a_changed_frequency_loses_nothing_and_doubles_nothing(
    calls: Calls, inbox: Notification, ada: User, clock: FakeClock
) -> None:
    act(calls, ada, "/in/first")
    how: Any = {"verbs": tuple(FileNews), "is_recursive": True}
    calls.write_now(SYSTEM, notifications.edit, inbox.id, frequency=Frequency.DAILY, **how)
    clock.advance(hours=1)
    assert tell(calls) == 0

    calls.write_now(SYSTEM, notifications.edit, inbox.id, frequency=Frequency.FIVE_MINUTES, **how)
    clock.advance(minutes=5)
    tell(calls)
    clock.advance(minutes=5)
    tell(calls)

    assert [paths(mail) for mail in told(calls)] == [["/in/first"]]


def test_daily_news_comes_at_the_users_hour_in_their_zone(
    calls: Calls, bob: User, ada: User, clock: FakeClock
) -> None:
    grant(calls, bob)
    values = {"time_zone": "America/New_York", "notification_preferences": {"daily_hour": 17}}
    calls.write_now(SYSTEM, users.edit, bob.id, values)
    subscribe(calls, bob, frequency=Frequency.DAILY)
    act(calls, ada)

    clock.advance(hours=12, minutes=59)
    assert tell(calls) == 0
    clock.advance(minutes=1)

    assert tell(calls) == 1


@pytest.fixture
def team(calls: Calls, staff: Group, ada: User, bob: User) -> Notification:
    for user in (ada, bob):
        calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, user.id)
    calls.write_now(SYSTEM, grants.add, "/in", SubjectKind.GROUP, staff.id, Level.READ)
    return calls.write_now(SYSTEM, notifications.add, "/in", SubjectKind.GROUP, staff.id)


def test_a_group_is_told_except_who_did_it(
    calls: Calls, team: Notification, ada: User, clock: FakeClock
) -> None:
    act(calls, ada)
    clock.advance(hours=1)
    tell(calls)

    assert [mail.to_address for mail in told(calls)] == ["bob@example.com"]


def test_who_joins_a_group_hears_of_what_comes_then(
    calls: Calls, team: Notification, staff: Group, ada: User, clock: FakeClock
) -> None:
    act(calls, ada, "/in/before")
    dora = calls.write_now(SYSTEM, users.create, {"username": "dora", "email": "dora@example.com"})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, dora.id)
    tell(calls)
    act(calls, ada, "/in/after")
    clock.advance(hours=1)
    tell(calls)

    by_reader = {mail.to_address: paths(mail) for mail in told(calls)}
    assert by_reader == {
        "bob@example.com": ["/in/after", "/in/before"],
        "dora@example.com": ["/in/after"],
    }


def test_a_group_that_is_deleted_is_told_nothing(
    calls: Calls, team: Notification, staff: Group, ada: User, clock: FakeClock
) -> None:
    act(calls, ada)
    calls.write_now(SYSTEM, groups.delete, staff.id)
    clock.advance(hours=1)

    assert tell(calls) == 0


def test_who_hears_of_a_folder_in_two_ways_hears_once(
    calls: Calls, team: Notification, ada: User, bob: User, clock: FakeClock
) -> None:
    subscribe(calls, bob, frequency=Frequency.DAILY)
    act(calls, ada)
    clock.advance(days=1)
    tell(calls)

    assert len(told(calls)) == 1


def test_two_nodes_tell_once_and_lose_nothing(
    calls: Calls, inbox: Notification, ada: User, clock: FakeClock
) -> None:
    for number in range(5):
        act(calls, ada, f"/in/{number}")
    clock.advance(hours=1)
    threads = [threading.Thread(target=tell, args=(calls,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(paths(mail)) for mail in told(calls)] == [5]


def test_a_unit_that_is_rolled_back_leaves_the_news_due(
    calls: Calls, inbox: Notification, ada: User, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(calls, ada)
    clock.advance(hours=1)

    def stumble(*_: object) -> bool:
        raise RuntimeError("the power failed between the place and the mail")

    with monkeypatch.context() as patched:
        patched.setattr(notices, "_queue", stumble)
        with pytest.raises(RuntimeError):
            tell(calls)

    assert tell(calls) == 1


def link_in(mail: Mail, calls: Calls) -> str:
    assert calls.vault is not None
    assert mail.sealed is not None
    path: str = json.loads(calls.vault.open(mail.sealed))["path"]
    return path.removeprefix("/unsubscribe/")


def test_the_link_unsubscribes_from_exactly_that(
    calls: Calls, inbox: Notification, ada: User, bob: User, clock: FakeClock
) -> None:
    other = subscribe(calls, bob, "/in/deep")
    act(calls, ada)
    clock.advance(hours=1)
    tell(calls)
    [mail] = told(calls)
    token = link_in(mail, calls)

    assert calls.read_now(STRANGER, notifications.open_link, token) == inbox
    calls.write_now(STRANGER, notifications.follow_link, token)

    assert calls.read_now(SYSTEM, notifications.page).items == [other]
    with pytest.raises(NotFound):
        calls.write_now(STRANGER, notifications.follow_link, token)


def test_the_link_of_a_group_counts_for_its_reader_alone(
    calls: Calls, team: Notification, ada: User, clock: FakeClock
) -> None:
    act(calls, ada)
    clock.advance(hours=1)
    tell(calls)
    token = link_in(told(calls)[0], calls)

    for _ in range(2):
        calls.write_now(STRANGER, notifications.follow_link, token)
    act(calls, ada, "/in/b")
    clock.advance(hours=1)

    assert tell(calls) == 0
    assert calls.read_now(SYSTEM, notifications.page).items == [team]


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "ä" * 40])
def test_a_link_cannot_be_made_up(calls: Calls, token: str) -> None:
    with pytest.raises(NotFound):
        calls.read_now(STRANGER, notifications.open_link, token)


def test_the_mail_arrives_with_its_headers_in_the_readers_language(
    calls: Calls, inbox: Notification, ada: User, bob: User, clock: FakeClock, smtp_sink: Sink
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"language": "de"})
    act(calls, ada)
    clock.advance(hours=1)
    tell(calls)
    office = Office(
        Postman(read_url(smtp_sink.url), read_from("Innkeeper <files@example.com>")), lambda: HOME
    )

    deliver(calls, office, told(calls)[0].id, threading.Event())

    [received] = smtp_sink.received
    link = received.message["List-Unsubscribe"].strip("<>")
    assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith(f"{HOME}/unsubscribe/")
    assert link in received.text
    assert "/in/a.txt" in received.text
    assert "hochgeladen" in received.text
    assert told(calls)[0].state is MailState.SENT


async def test_a_user_subscribes_themselves_to_what_they_may_list(
    calls: Calls, bobs: Caller, bob: User, ada: User
) -> None:
    grant(calls, bob)

    made = calls.write_now(bobs, notifications.add, "/in", SubjectKind.USER, bob.id)

    assert calls.read_now(bobs, notifications.page).items == [made]
    with pytest.raises(Duplicate):
        calls.write_now(bobs, notifications.add, "/in", SubjectKind.USER, bob.id)
    with pytest.raises(Invalid):
        calls.write_now(bobs, notifications.add, "/other", SubjectKind.USER, bob.id)
    with pytest.raises(Invalid):
        calls.write_now(bobs, notifications.add, "/in/x", SubjectKind.USER, bob.id, verbs=())
    with pytest.raises(NotFound):
        calls.write_now(bobs, notifications.add, "/in", SubjectKind.USER, ada.id)
    calls.write_now(bobs, notifications.remove, made.id)
    assert calls.read_now(bobs, notifications.page).items == []


async def test_a_member_neither_makes_nor_ends_what_a_group_hears(
    calls: Calls, bobs: Caller, staff: Group, team: Notification
) -> None:
    assert calls.read_now(bobs, notifications.page).items == [team]
    with pytest.raises(Forbidden):
        calls.write_now(bobs, notifications.add, "/other", SubjectKind.GROUP, staff.id)
    with pytest.raises(Forbidden):
        calls.write_now(bobs, notifications.remove, team.id)

    calls.write_now(bobs, notifications.refuse, team.id)

    assert calls.read_now(bobs, notifications.page).items == [team]
