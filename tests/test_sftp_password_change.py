"""A password that must be changed, at the SFTP door: by whom, with what, and what is told to whom."""

import asyncio

import asyncssh
import pytest
from asyncssh.constants import MSG_USERAUTH_REQUEST

from innkeeper.actions import settings, users
from tests.sftp_factors import ASKED, Client, add_app, app_code, enter, refused
from tests.sftp_site import HOME, PASSWORD, SftpSite, wait_for

pytest_plugins = ["tests.sftp_fixtures"]
NEW = "a wholly other engine"
WORDS = {"password": PASSWORD, "preferred_auth": "password"}
CHOOSE = "Your password must be changed. Choose a new one."
BANNER = (
    f"Your password must be changed: here if your program asks, else at {HOME}/account/password\r\n",
    "en",
)


@pytest.fixture
def due(door: SftpSite) -> SftpSite:
    """The door, with Bob owing a new password."""
    door.edit(door.bob, require_password_change=True)
    return door


def changes(door: SftpSite) -> int:
    return len(door.log.events("password.changed"))


async def test_the_new_password_opens_the_door_at_once_and_later(due: SftpSite) -> None:
    client = await enter(due, "bob", Client(new_passwords=[(PASSWORD, NEW)]), **WORDS)

    assert client.told == [CHOOSE]
    assert client.banners == [BANNER]
    assert changes(due) == 1
    assert not due.user("bob").require_password_change
    await enter(due, "bob", Client(), password=NEW)
    await refused(due, "bob", Client(), password=PASSWORD)
    assert due.log.events("password.changed")[0].actor_id == due.bob.id


async def test_questions_do_as_well(due: SftpSite) -> None:
    client = await enter(due, "bob", Client(PASSWORD, NEW, NEW), **ASKED)

    assert client.asked == ["Password: ", "New password: ", "The same again: "]
    assert client.is_shown == [False, False, False]
    assert client.told == [CHOOSE]
    assert changes(due) == 1


async def test_a_program_that_cannot_ask_is_told_where_to_go(due: SftpSite) -> None:
    for client, options in ((Client(), WORDS), (Client(PASSWORD), ASKED)):
        await refused(due, "bob", client, **options)
        assert client.banners == [BANNER]

    assert changes(due) == 0
    assert due.log.admitted == []


async def test_strangers_are_told_nothing(due: SftpSite) -> None:
    for client, options in ((Client(), {**WORDS, "password": "wrong"}), (Client("wrong"), ASKED)):
        await refused(due, "bob", client, **options)
        assert client.banners == []
        assert client.told == []


async def test_an_old_password_counts_as_due(door: SftpSite) -> None:
    door.act(settings.edit, {"password_validity_days": 30})
    door.clock.advance(days=31)

    await enter(door, "bob", Client(new_passwords=[(PASSWORD, NEW)]), **WORDS)

    assert changes(door) == 1


async def test_a_key_needs_no_new_password(door: SftpSite) -> None:
    door.edit(door.ada, password=PASSWORD, require_password_change=True)

    client = await enter(door, "ada", Client(), client_keys=[str(door.key)])

    assert client.banners == []


async def test_key_and_password_and_then_a_new_one(door: SftpSite) -> None:
    carol = door.add_with_both("carol")
    door.edit(carol, require_password_change=True)
    options = {"client_keys": [str(door.key)], "preferred_auth": "publickey,password"}

    client = Client(new_passwords=[(PASSWORD, NEW)])
    await enter(door, "carol", client, password=PASSWORD, **options)

    assert changes(door) == 1


async def test_with_a_second_factor_the_code_comes_first(due: SftpSite) -> None:
    add_app(due, due.bob)
    order = {**WORDS, "preferred_auth": "password,keyboard-interactive"}

    await refused(due, "bob", Client("000000", NEW, NEW, new_passwords=[(PASSWORD, NEW)]), **order)
    assert changes(due) == 0
    client = await enter(due, "bob", Client(app_code(due), NEW, NEW), **order)

    assert client.asked[1:] == ["New password: ", "The same again: "]
    assert changes(due) == 1


async def test_a_bad_new_password_is_refused_with_the_reason_five_times(due: SftpSite) -> None:
    client = Client(new_passwords=[(PASSWORD, "short")] * 9)

    with pytest.raises(asyncssh.DisconnectError, match="Too many"):
        await enter(due, "bob", client, **WORDS)

    assert client.told[0] == CHOOSE
    assert len(client.told) == 6
    assert "at least 10 characters" in client.told[1]
    assert "short" not in " ".join(client.told)
    assert changes(due) == 0


async def test_the_old_password_will_not_do(due: SftpSite) -> None:
    client = await refused(due, "bob", Client(new_passwords=[(PASSWORD, PASSWORD)]), **WORDS)

    assert client.told[1] == "That password cannot be taken. Expected: none of the user's last 5 passwords."


async def test_the_change_asks_for_the_old_password_again(due: SftpSite) -> None:
    await refused(due, "bob", Client(new_passwords=[("wrong", NEW)]), **WORDS)

    assert changes(due) == 0
    assert due.log.refused == [("bob", "wrong_password")]


@pytest.mark.parametrize("password", ["Grüße an die Straße", "ﬁne tractors ½ e\u0301", "🏨 GRAND ẞ hotel"])
async def test_a_new_password_is_taken_as_it_was_typed(due: SftpSite, password: str) -> None:
    await enter(due, "bob", Client(new_passwords=[(PASSWORD, password)]), **WORDS)

    await enter(due, "bob", Client(password), **ASKED)
    await enter(due, "bob", Client(), password=password, preferred_auth="password")


async def test_nothing_is_changed_for_someone_who_may_not_be_in_any_more(due: SftpSite) -> None:
    class Interrupted(Client):
        def password_change_requested(self, prompt: str, lang: str) -> tuple[str, str]:
            due.act(users.suspend, due.bob.id, reason="gone")
            return PASSWORD, NEW

    await refused(due, "bob", Interrupted(), **WORDS)

    assert changes(due) == 0
    assert due.log.refused == [("bob", "suspended")]


async def test_nothing_is_changed_over_a_password_that_is_newer(due: SftpSite) -> None:
    class Interrupted(Client):
        def kbdint_challenge_received(self, *question: object) -> list[str] | None:
            if len(self.answers) == 2:
                due.edit(due.bob, password="set by somebody else", require_password_change=True)
            return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

    await refused(due, "bob", Interrupted(PASSWORD, NEW, NEW), **ASKED)

    assert changes(due) == 0
    assert due.log.refused == [("bob", "wrong_password")]


async def test_nobody_changes_a_password_that_need_not_be(door: SftpSite) -> None:
    await refused(door, "bob", _Eager(PASSWORD, NEW), preferred_auth="password")
    await refused(door, "bob", _Eager("wrong", NEW), preferred_auth="password")

    assert changes(door) == 0
    await enter(door, "bob", Client(), **WORDS)


async def test_a_new_password_may_come_with_the_first_request(due: SftpSite) -> None:
    await enter(due, "bob", _Eager(PASSWORD, NEW), preferred_auth="password")

    assert changes(due) == 1


async def test_a_new_password_that_is_no_text_is_refused(due: SftpSite) -> None:
    client = await refused(due, "bob", _Eager(PASSWORD, b"\xff\xfe" * 8), preferred_auth="password")

    assert "text without control characters" in client.told[0]
    assert changes(due) == 0


async def test_connections_from_before_the_change_end(door: SftpSite) -> None:
    async with door.connect("bob", password=PASSWORD) as earlier:
        door.edit(door.bob, require_password_change=True)
        await enter(door, "bob", Client(new_passwords=[(PASSWORD, NEW)]), **WORDS)

        await earlier.wait_closed()

    wait_for(lambda: len(door.log.left) == 2)


async def test_the_warning_is_in_the_users_own_language(door: SftpSite) -> None:
    door.act(settings.edit, {"password_validity_days": 30})
    door.edit(door.bob, language="de")
    door.clock.advance(days=20)

    client = await enter(door, "bob", Client(), password=PASSWORD)

    told = f"Tage, bis Ihr Passwort abläuft: 10. Ändern Sie es unter {HOME}/account/password\r\n"
    assert client.banners == [(told, "de")]


@pytest.mark.parametrize(("days", "banners"), [(10, 0), (29.5, 1)])
async def test_the_warning_comes_within_the_days_that_the_site_sets(
    door: SftpSite, days: float, banners: int
) -> None:
    door.act(settings.edit, {"password_validity_days": 30, "password_warning_days": 2})
    door.clock.advance(days=days)

    client = await enter(door, "bob", Client(), password=PASSWORD)

    assert banners == len(client.banners)


class _Eager(Client):
    """Wants to change the password with the first request."""

    def __init__(self, old: str, new: str | bytes) -> None:
        super().__init__()
        self.old, self.new = old, new
        self.has_tried = False

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.connection = conn

    async def password_auth_requested(self) -> str | None:
        if self.has_tried:
            return None
        self.has_tried = True
        words = [asyncssh.packet.String(text) for text in (self.old, self.new)]
        request = [asyncssh.packet.String(text) for text in ("bob", "ssh-connection", "password")]
        self.connection.send_packet(MSG_USERAUTH_REQUEST, *request, asyncssh.packet.Boolean(True), *words)
        await asyncio.Event().wait()  # until there is an answer
        return None
