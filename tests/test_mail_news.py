"""What people are told of by mail: each event makes one mail, and old news none."""

from collections.abc import Mapping
from typing import Any

import pytest

from innkeeper.actions import api_keys, mails, passwords, settings, ssh_keys, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.calls import Calls
from innkeeper.actions.log import START, after
from innkeeper.domain.events import Kind, Recorded, Target
from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.users import User
from innkeeper.domain.words import MailId
from innkeeper.kit.passwords import make_password
from innkeeper.subscribers.mail import MailRoom
from tests.conftest import SYSTEM, FakeClock
from tests.rest import KEY

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Work:
    """Notes what was begun."""

    def __init__(self) -> None:
        self.begun: list[tuple[MailId, str]] = []

    async def begin_delivery(self, mail_id: MailId, turn: str) -> None:
        self.begun.append((mail_id, turn))


class Reader:
    """The subscriber, and how far it has read."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.work = Work()
        self.room = MailRoom(calls, self.work)
        self.place = START

    async def read(self) -> list[Mail]:
        """Hand on what is new until there is nothing more; every mail there is then, oldest first."""
        while events := self.events():
            await self.room.handle(events)
            self.place = (events[-1].commit_order, events[-1].position)
        return [entry.mail for entry in self.calls.read_now(SYSTEM, mails.page).items][::-1]

    def events(self) -> list[Recorded]:
        return self.calls.read_now(SYSTEM, after, self.place)


@pytest.fixture
def reader(calls: Calls, ada: User, bob: User, clock: FakeClock) -> Reader:
    clock.advance(hours=1)
    return Reader(calls)


def record(
    call: Call, kind: Kind, user: User, *, name: str = "", data: Mapping[str, Any] | None = None
) -> None:
    target = Target("factor", "f1", name) if name else user_target(user)
    call.record(kind, target, user_id=user.id, data=data or {})


def sign_in(calls: Calls, user: User, **data: object) -> None:
    door = Caller("web", "198.51.100.7", system_name="test")
    calls.write_now(door, record, Kind.LOGIN_SUCCEEDED, user, data={"client": FIREFOX, **data})


async def test_what_is_queued_is_begun_under_the_events_number(reader: Reader, bob: User) -> None:
    reader.calls.write_now(SYSTEM, mails.queue, MailKind.API_KEY_CREATED, bob, {})
    position = reader.events()[-1].position

    [mail] = await reader.read()

    assert reader.work.begun == [(mail.id, str(position))]


async def test_new_device_is_told(reader: Reader, bob: User, clock: FakeClock) -> None:
    sign_in(reader.calls, bob, is_new_device=True)

    [mail] = await reader.read()

    assert (mail.kind, mail.user_id) == (MailKind.NEW_DEVICE, bob.id)
    told = {"at": clock.now.isoformat(), "address": "198.51.100.7", "client": FIREFOX}
    assert told.items() <= mail.data.items()


async def test_known_device_is_not_told(reader: Reader, bob: User) -> None:
    sign_in(reader.calls, bob)

    assert await reader.read() == []


async def test_site_may_not_want_mails_of_new_devices(reader: Reader, bob: User) -> None:
    reader.calls.write_now(SYSTEM, settings.edit, {"new_device_mail": False})
    sign_in(reader.calls, bob, is_new_device=True)

    assert await reader.read() == []


async def test_a_changed_password_is_told_with_who_did_it(reader: Reader, ada: User, bob: User) -> None:
    _, token = reader.calls.write_now(SYSTEM, api_keys.create, ada.id, "test")
    await reader.read()
    caller = Caller("api", "198.51.100.7", api_key=token)
    reader.calls.write_now(caller, passwords.reset, bob.id, make_password("correct horse battery staple"))

    mail = (await reader.read())[-1]

    assert (mail.kind, mail.user_id, mail.data["by"]) == (MailKind.PASSWORD_CHANGED, bob.id, "ada")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.FACTOR_ADDED, MailKind.FACTOR_ADDED),
        (Kind.FACTOR_REMOVED, MailKind.FACTOR_REMOVED),
        (Kind.FACTORS_RESET, MailKind.FACTORS_RESET),
        (Kind.PASSWORD_CHANGED, MailKind.PASSWORD_CHANGED),
    ],
)
async def test_what_touches_the_way_in_is_told(
    reader: Reader, bob: User, kind: Kind, expected: MailKind
) -> None:
    reader.calls.write_now(SYSTEM, record, kind, bob, name="Phone")

    [mail] = await reader.read()

    assert mail.kind is expected


async def test_new_keys_are_told_once(reader: Reader, bob: User) -> None:
    """Whether the action queues the mail itself, or leaves it to the log."""
    reader.calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY, label="Laptop")
    reader.calls.write_now(SYSTEM, api_keys.create, bob.id, "backup")

    told = await reader.read()

    assert {mail.kind: mail.data["name"] for mail in told} == {
        MailKind.SSH_KEY_ADDED: "Laptop",
        MailKind.API_KEY_CREATED: "backup",
    }
    assert len(told) == 2


async def test_action_that_queues_its_own_mail_is_enough(reader: Reader, bob: User) -> None:
    def act(call: Call) -> None:
        record(call, Kind.FACTOR_ADDED, bob, name="Phone")
        mails.queue(call, MailKind.FACTOR_ADDED, bob, {"name": "Phone"})

    reader.calls.write_now(SYSTEM, act)

    assert len(await reader.read()) == 1


async def test_what_comes_with_a_new_account_is_no_news(reader: Reader) -> None:
    values = {"username": "ina", "email": "ina@example.com", "ssh_keys": [KEY]}
    reader.calls.write_now(SYSTEM, users.create, values)

    assert [mail for mail in await reader.read() if mail.kind is MailKind.SSH_KEY_ADDED] == []


async def test_an_event_that_is_read_twice_makes_one_mail(reader: Reader, bob: User) -> None:
    sign_in(reader.calls, bob, is_new_device=True)
    events = reader.events()

    await reader.room.handle(events)
    await reader.room.handle(events)

    assert len(await reader.read()) == 1


async def test_old_news_are_not_told(reader: Reader, bob: User, clock: FakeClock) -> None:
    sign_in(reader.calls, bob, is_new_device=True)
    clock.advance(days=1)

    assert await reader.read() == []


async def test_deleted_user_is_told_nothing(reader: Reader, bob: User) -> None:
    sign_in(reader.calls, bob, is_new_device=True)
    reader.calls.write_now(SYSTEM, users.delete, bob.id)

    assert await reader.read() == []


async def test_event_of_an_unknown_user_is_passed_over(reader: Reader, bob: User) -> None:
    def act(call: Call) -> None:
        call.record(Kind.FACTOR_ADDED, Target("factor", "f1", "Phone"), user_id="nobody")

    reader.calls.write_now(SYSTEM, act)

    assert await reader.read() == []
