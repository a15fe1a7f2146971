"""Second factors at the SFTP door: when they are asked for, what is taken, and how often."""

import asyncio

import asyncssh
import pytest

from innkeeper.actions import settings, users
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorKind
from tests.sftp_factors import (
    ASKED,
    ELSEWHERE,
    WORDS,
    Client,
    add_app,
    add_factor,
    add_recovery_codes,
    app_code,
    enter,
    mailed_codes,
    refused,
)
from tests.sftp_site import HOME, PASSWORD, SftpSite

pytest_plugins = ["tests.sftp_fixtures"]
APP_PROMPT = "Code from your app, or a recovery code: "
MAIL_PROMPT = "Code from the mail, or a recovery code: "


@pytest.fixture
def carol(door: SftpSite) -> User:
    """With a password and an app."""
    carol = door.add("carol", password=PASSWORD)
    add_app(door, carol)
    return carol


async def test_after_the_password_the_code_opens_the_door(door: SftpSite, carol: User) -> None:
    client = await enter(door, "carol", Client(app_code(door)), **WORDS)

    assert client.asked == [APP_PROMPT]
    assert client.is_shown == [True]
    assert [event.data["credential"] for event in door.log.events("login.succeeded")] == ["password+totp"]


async def test_a_client_that_only_answers_questions_is_asked_both(door: SftpSite, carol: User) -> None:
    client = await enter(door, "carol", Client(PASSWORD, app_code(door)), **ASKED)

    assert client.asked == ["Password: ", APP_PROMPT]
    assert client.is_shown == [False, True]


async def test_nobody_gets_in_without_the_code(door: SftpSite, carol: User) -> None:
    await refused(door, "carol", Client(), **WORDS)
    await refused(door, "carol", Client(PASSWORD), **ASKED)
    await refused(door, "carol", Client(PASSWORD, ""), **ASKED)

    assert door.log.admitted == []


async def test_those_without_a_second_factor_are_not_asked(door: SftpSite) -> None:
    client = await enter(door, "bob", Client(PASSWORD), **ASKED)

    assert client.asked == ["Password: "]


async def test_a_code_counts_once(door: SftpSite, carol: User) -> None:
    code = app_code(door)
    await enter(door, "carol", Client(code), **WORDS)

    client = await refused(door, "carol", Client(code), **WORDS)
    door.clock.advance(minutes=1)
    await enter(door, "carol", Client(app_code(door)), **WORDS)

    assert client.told == ["That code is wrong, or was used before."]
    assert door.log.refused == [("carol", "wrong_second_factor")]


async def test_a_recovery_code_counts_once(door: SftpSite, carol: User) -> None:
    codes = add_recovery_codes(door, carol)

    await enter(door, "carol", Client(codes[0].lower()), **WORDS)
    await refused(door, "carol", Client(codes[0]), **WORDS)
    await enter(door, "carol", Client(codes[1]), **WORDS)

    credentials = [event.data["credential"] for event in door.log.events("login.succeeded")]
    assert credentials == ["password+recovery_code"] * 2


async def test_one_recovery_code_used_at_two_connections_opens_one(door: SftpSite, carol: User) -> None:
    code = add_recovery_codes(door, carol)[0]

    ends = await asyncio.gather(
        *(enter(door, "carol", Client(code), **WORDS) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(end, Client) for end in ends) == 1
    assert door.log.admitted == ["carol"]


async def test_a_wrong_code_may_be_tried_again(door: SftpSite, carol: User) -> None:
    client = await enter(door, "carol", Client("000000", "00 00 00", app_code(door)), **WORDS)

    assert client.asked == [APP_PROMPT] * 3
    assert door.log.refused == [("carol", "wrong_second_factor")] * 2


async def test_five_wrong_codes_end_the_connection(door: SftpSite, carol: User) -> None:
    client = Client(*["000000"] * 9)

    with pytest.raises(asyncssh.DisconnectError, match="Too many authentication failures"):
        await enter(door, "carol", client, **WORDS)

    assert len(client.asked) == 5
    assert door.log.refused == [("carol", "wrong_second_factor")] * 5


async def test_wrong_codes_lock_the_user_even_where_they_are_known(door: SftpSite, carol: User) -> None:
    door.act(settings.edit, {"lockout_attempts": 3})
    await enter(door, "carol", Client(app_code(door)), **WORDS)
    door.clock.advance(minutes=1)

    await refused(door, "carol", Client(*["000000"] * 3), **WORDS)

    assert len(door.log.events("user.locked")) == 1
    client = await refused(door, "carol", Client(app_code(door)), local_addr=ELSEWHERE, **WORDS)
    assert APP_PROMPT not in client.asked
    assert ("carol", "locked") in door.log.refused


async def test_a_user_suspended_before_the_code_stays_outside(door: SftpSite, carol: User) -> None:
    class Interrupted(Client):
        def kbdint_challenge_received(self, *question: object) -> list[str] | None:
            door.act(users.suspend, carol.id, reason="gone")
            return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

    await refused(door, "carol", Interrupted(app_code(door)), **WORDS)

    assert door.log.admitted == []
    assert door.log.refused == [("carol", "suspended")]


async def test_a_new_password_makes_the_first_step_worthless(door: SftpSite, carol: User) -> None:
    class Interrupted(Client):
        def kbdint_challenge_received(self, *question: object) -> list[str] | None:
            door.edit(carol, password="a wholly other engine")
            return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

    await refused(door, "carol", Interrupted(app_code(door)), **WORDS)

    assert door.log.refused == [("carol", "wrong_password")]


async def test_a_key_alone_is_enough_unless_the_site_says_otherwise(door: SftpSite) -> None:
    add_app(door, door.ada)
    key = {"client_keys": [str(door.key)]}
    await enter(door, "ada", Client(), **key)

    door.act(settings.edit, {"require_2fa_with_ssh_keys": True})

    await refused(door, "ada", Client(), **key)
    client = await enter(door, "ada", Client(app_code(door)), **key)
    assert client.asked == [APP_PROMPT]
    credentials = [event.data["credential"] for event in door.log.events("login.succeeded")]
    assert credentials == ["public_key", "public_key+totp"]


@pytest.mark.parametrize(
    "order", ["publickey,password,keyboard-interactive", "publickey,keyboard-interactive"]
)
async def test_key_password_and_code_where_all_are_owed(door: SftpSite, order: str) -> None:
    carol = door.add_with_both("carol")
    add_app(door, carol)
    options = {"client_keys": [str(door.key)], "preferred_auth": order}
    by_question = order.count(",") == 1
    first = [PASSWORD] if by_question else []
    known = {} if by_question else {"password": PASSWORD}

    await refused(door, "carol", Client(*first), **options, **known)
    client = await enter(door, "carol", Client(*first, app_code(door)), **options, **known)

    assert client.asked == ["Password: "] * by_question + [APP_PROMPT]
    credentials = [event.data["credential"] for event in door.log.events("login.succeeded")]
    assert credentials == ["public_key+password+totp"]


class TestWithoutAnApp:
    """A code by mail, or a recovery code."""

    async def test_the_code_is_mailed_when_it_is_asked_for(self, door: SftpSite) -> None:
        carol = door.add("carol", password=PASSWORD, email="carol@example.com")
        add_factor(door, carol, FactorKind.EMAIL)

        class Reader(Client):
            def kbdint_challenge_received(self, *question: object) -> list[str] | None:
                self.answers = mailed_codes(door)
                return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

        client = await enter(door, "carol", Reader("-"), **WORDS)

        assert client.asked == [MAIL_PROMPT]
        assert client.told == ["A code is on its way to your mailbox."]
        credentials = [event.data["credential"] for event in door.log.events("login.succeeded")]
        assert credentials == ["password+email"]

    async def test_it_is_mailed_once_and_to_nobody_without_the_password(self, door: SftpSite) -> None:
        carol = door.add("carol", password=PASSWORD, email="carol@example.com")
        add_factor(door, carol, FactorKind.EMAIL)

        await refused(door, "carol", Client("wrong"), **ASKED)
        assert mailed_codes(door) == []
        await refused(door, "carol", Client(PASSWORD, "000000", "111111", "222222"), **ASKED)

        assert len(mailed_codes(door)) == 1

    async def test_after_too_many_mails_a_recovery_code_is_left(self, door: SftpSite) -> None:
        carol = door.add("carol", password=PASSWORD, email="carol@example.com")
        add_factor(door, carol, FactorKind.EMAIL)
        code = add_recovery_codes(door, carol)[0]
        for _ in range(6):
            await refused(door, "carol", Client(PASSWORD), **ASKED)

        client = await enter(door, "carol", Client(code), **WORDS)

        assert client.asked == ["Recovery code: "]
        assert "too many codes were sent" in client.told[0]
        assert len(mailed_codes(door)) == 6

    async def test_who_has_an_app_too_may_ask_for_a_mail(self, door: SftpSite, carol: User) -> None:
        door.edit(carol, email="carol@example.com")
        add_factor(door, carol, FactorKind.EMAIL)

        class Reader(Client):
            def kbdint_challenge_received(self, *question: object) -> list[str] | None:
                self.answers += mailed_codes(door)
                return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

        client = await enter(door, "carol", Reader("mail"), **WORDS)

        assert client.asked == [APP_PROMPT, MAIL_PROMPT]
        assert client.told == [
            'Type "mail" to get a code by mail.',
            "A code is on its way to your mailbox.",
        ]
        assert door.log.refused == []

    async def test_keys_for_browsers_leave_recovery_codes(self, door: SftpSite) -> None:
        carol = door.add("carol", password=PASSWORD)
        add_factor(door, carol, FactorKind.WEBAUTHN)
        code = add_recovery_codes(door, carol)[0]

        client = await enter(door, "carol", Client(code), **WORDS)

        assert client.asked == ["Recovery code: "]
        assert client.told == ["Security keys and passkeys work in browsers only."]


async def test_questions_are_in_the_users_own_language(door: SftpSite, carol: User) -> None:
    door.edit(carol, language="de")

    client = await enter(door, "carol", Client(PASSWORD, "000000", app_code(door)), **ASKED)

    assert client.asked[0] == "Password: "
    assert client.asked[1] == "Code aus Ihrer App oder ein Wiederherstellungscode: "
    assert client.told == ["Dieser Code ist falsch oder wurde schon benutzt."]


async def test_a_mandate_is_told_to_those_who_know_the_password(door: SftpSite) -> None:
    carol = door.add("carol", password=PASSWORD, require_2fa=True)
    await enter(door, "carol", Client(), password=PASSWORD)
    door.clock.advance(days=8)

    stranger = await refused(door, "carol", Client(), password="wrong", preferred_auth="password")
    client = await refused(door, "carol", Client(), password=PASSWORD, preferred_auth="password")

    assert carol.username == "carol"
    assert stranger.banners == []
    assert client.banners == [(f"You need a second factor first. Set one up at {HOME}/account\r\n", "en")]
    assert door.log.refused[-1] == ("carol", "second_factor_missing")
