"""What a stranger can do at the SFTP door to learn a password, or to guess without being seen: nothing."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncssh
import pytest
from asyncssh.constants import MSG_USERAUTH_REQUEST

from innkeeper.actions import logins, settings
from innkeeper.actions.actors import Caller
from innkeeper.domain.logins import WhyNot
from innkeeper.kit.passwords import Hasher
from tests.sftp_factors import ELSEWHERE, WORDS, Client, add_app, app_code, enter, refused
from tests.sftp_site import PASSWORD, SftpSite, Supplies

pytest_plugins = ["tests.sftp_fixtures"]
INFO_RESPONSE = 61


@pytest.fixture
def slow(tmp_path: Path, supplies: Supplies) -> Iterator[SftpSite]:
    """A wrong password takes its time here, as it does on every real site."""
    with (
        closing(Hasher(wrong_takes=0.3)) as hasher,
        closing(SftpSite(tmp_path, supplies, hasher=hasher)) as door,
    ):
        yield door


async def test_no_step_tells_a_stranger_anything(slow: SftpSite) -> None:
    """Right passwords that lead nowhere are answered with the same words after the same time."""
    slow.add("suspended", password=PASSWORD, disabled=True)
    for name in ("factored", "locked", "factored-and-locked", "outdated"):
        slow.add(name, password=PASSWORD, require_password_change=name == "outdated")
    add_app(slow, slow.user("factored"))
    add_app(slow, slow.user("factored-and-locked"))
    slow.add_with_both("keyed")
    lock(slow, "locked", "factored-and-locked", "outdated")
    slow.act(settings.edit, {"lockout_attempts": 100})
    wrong = ("nobody", "bob", "factored")
    right = ("suspended", "locked", "factored-and-locked", "outdated", "keyed")
    tries = [(name, "wrong") for name in wrong] + [(name, PASSWORD) for name in right]

    took: dict[str, list[float]] = {name: [] for name, _ in tries}
    for way in ("password", "keyboard-interactive") * 2:
        for name, password in tries:
            took[name].append(await _time_of_refusal(slow, name, password, way))

    fastest = {name: min(times) for name, times in took.items()}
    assert min(fastest.values()) > 0.3
    assert max(fastest.values()) - min(fastest.values()) < 0.05, fastest


async def test_a_guess_is_noted_even_if_its_answer_is_not_waited_for(slow: SftpSite) -> None:
    hanging_up = asyncio.create_task(refused(slow, "bob", Client(), password="wrong"))
    await asyncio.sleep(0.25)
    hanging_up.cancel()

    await asyncio.sleep(0.6)
    assert slow.log.refused == [("bob", "wrong_password")]


async def test_guesses_that_overtake_each_other_are_counted(slow: SftpSite) -> None:
    client = _Hasty()

    with pytest.raises(asyncssh.DisconnectError, match="Too many authentication failures"):
        await enter(slow, "bob", client, preferred_auth="password")

    await asyncio.sleep(2.5)
    assert 1 <= len(slow.log.refused) <= 7
    assert set(slow.log.refused) == {("bob", "wrong_password")}


async def test_codes_that_overtake_each_other_are_counted(slow: SftpSite) -> None:
    add_app(slow, slow.bob)

    client = _HastyWithCodes("000000")
    await refused(slow, "bob", client, **WORDS)

    await asyncio.sleep(0.5)
    assert 1 <= len(slow.log.refused) <= 5
    assert slow.log.admitted == []


async def test_there_is_time_to_look_for_a_code_but_not_for_ever(tmp_path: Path, supplies: Supplies) -> None:
    with closing(SftpSite(tmp_path, supplies, login_timeout=1, step_timeout=4)) as door:
        add_app(door, door.bob)

        class Slow(Client):
            async def kbdint_challenge_received(self, *question: object) -> list[str] | None:  # type: ignore[override]
                await asyncio.sleep(self.pause)
                return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

            pause = 1.5

        class Asleep(Slow):
            pause = 6

        await enter(door, "bob", Slow(app_code(door)), **WORDS)
        began = time.monotonic()
        with pytest.raises((asyncssh.Error, OSError)):
            await enter(door, "bob", Asleep("000000"), **WORDS)
        assert time.monotonic() - began < 5.5


def lock(door: SftpSite, *names: str) -> None:
    """Enough wrong passwords from somewhere else."""
    stranger = Caller("sftp", "203.0.113.9")
    for name in names * 10:
        attempt = door.calls.read_now(stranger, logins.begin, name)
        door.calls.write_now(stranger, logins.fail, attempt, WhyNot.WRONG_PASSWORD)


async def _time_of_refusal(door: SftpSite, name: str, password: str, way: str) -> float:
    class Timed(Client):
        began = 0.0

        def password_auth_requested(self) -> str | None:
            if self.began:
                return None
            self.began = time.monotonic()
            return password

        def kbdint_challenge_received(self, *question: object) -> list[str] | None:
            self.began = time.monotonic()
            return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]

        def connection_lost(self, exc: Exception | None) -> None:
            self.took = time.monotonic() - self.began

    client = Timed(password) if way == "keyboard-interactive" else Timed()
    await refused(door, name, client, preferred_auth=way, local_addr=ELSEWHERE)
    assert client.asked in ([], ["Password: "])
    assert client.banners == []
    assert client.told == []
    return client.took


class _Hasty(Client):
    """Sends a whole row of guesses at once."""

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.connection = conn

    def password_auth_requested(self) -> str:
        for number in range(20):
            request = [asyncssh.packet.String(text) for text in ("bob", "ssh-connection", "password")]
            guess = [asyncssh.packet.Boolean(False), asyncssh.packet.String(f"wrong {number}")]
            self.connection.send_packet(MSG_USERAUTH_REQUEST, *request, *guess)
        return "wrong"


class _HastyWithCodes(Client):
    """Sends a whole row of codes at once."""

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.connection = conn

    def kbdint_challenge_received(self, *question: object) -> list[str] | None:
        for number in range(20):
            code = asyncssh.packet.String(f"{number:06}")
            self.connection.send_packet(INFO_RESPONSE, asyncssh.packet.UInt32(1), code)
        return super().kbdint_challenge_received(*question)  # type: ignore[arg-type]
