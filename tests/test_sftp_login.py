"""Logging in at the SFTP door: which proofs, how often, and that a refusal never says why."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import asyncssh
import pytest

from innkeeper.actions import settings
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.desk import Admission, Desk
from innkeeper.kit.gate import Limits
from innkeeper.kit.passwords import Hasher
from tests.sftp_site import PASSWORD, SftpSite, Supplies, wait_for

pytest_plugins = ["tests.sftp_fixtures"]

# An address that nobody came from before.
ELSEWHERE = ("127.0.0.2", 0)


class Client(asyncssh.SSHClient):
    """Answers the questions of keyboard-interactive, and remembers what was offered and asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def kbdint_auth_requested(self) -> str | None:
        return "" if self.answers else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str]:
        self.asked += [prompt for prompt, _ in prompts]
        return [self.answers.pop(0) for _ in prompts]


async def enter(door: SftpSite, username: str, **options: object) -> None:
    async with door.connect(username, **options) as connection, connection.start_sftp_client() as sftp:
        assert await sftp.listdir("/") == []


async def test_a_password_opens_the_door(door: SftpSite) -> None:
    await enter(door, "bob", password=PASSWORD, preferred_auth="password")

    assert door.log.admitted == ["bob"]
    assert str(door.log.clients[0]).startswith("AsyncSSH_")


async def test_a_password_typed_on_being_asked_opens_the_door(door: SftpSite) -> None:
    client = Client(PASSWORD)

    await enter(door, "bob", client_factory=lambda: client, preferred_auth="keyboard-interactive")

    assert client.asked == ["Password: "]


async def test_a_key_opens_the_door(door: SftpSite) -> None:
    await enter(door, "ada", client_keys=[str(door.key)])

    assert door.log.admitted == ["ada"]


async def test_a_known_key_without_its_signature_proves_nothing(door: SftpSite) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    forged = _ForgedKey(asyncssh.read_private_key(door.key), other)

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "ada", client_keys=[forged])

    assert door.log.admitted == []


@pytest.mark.parametrize("order", ["publickey,password", "publickey,keyboard-interactive"])
async def test_two_proofs_are_both_needed(door: SftpSite, order: str) -> None:
    door.add_with_both("carol")
    proofs = {"client_keys": [str(door.key)], "password": PASSWORD}

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "carol", client_keys=[str(door.key)])
    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "carol", password=PASSWORD)
    assert door.log.admitted == []
    await enter(door, "carol", client_factory=lambda: Client(PASSWORD), preferred_auth=order, **proofs)
    assert door.log.admitted == ["carol"]


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_a_password_before_the_key_is_held_against_nobody_s_password(
    door: SftpSite, password: str
) -> None:
    door.add_with_both("carol")
    door.act(settings.edit, {"lockout_attempts": 3})

    for _ in range(4):
        with pytest.raises(asyncssh.PermissionDenied):
            await enter(door, "carol", password=password, preferred_auth="password")

    assert door.log.refused == [("carol", "wrong_key")] * 4
    proofs = {"client_keys": [str(door.key)], "preferred_auth": "publickey,password"}
    await enter(door, "carol", password=PASSWORD, **proofs)
    for tried in ("wrong", "wrong", "wrong", PASSWORD):
        with pytest.raises(asyncssh.PermissionDenied):
            await enter(door, "carol", password=tried, local_addr=ELSEWHERE, **proofs)
    assert [reason for _, reason in door.log.refused[4:]] == ["wrong_password"] * 3 + ["locked"]


@pytest.mark.parametrize("way", ["password", "keyboard-interactive"])
@pytest.mark.parametrize(
    "password", ["Grüße an Straße", "ﬁne tractors ½ \u00a0 e\u0301", "🏨 the GRAND ẞ hotel"]
)
async def test_a_password_is_taken_as_it_was_typed(door: SftpSite, password: str, way: str) -> None:
    door.add("carol", password=password)

    await enter(door, "carol", client_factory=lambda: Client(password), password=password, preferred_auth=way)


async def test_a_password_that_is_no_text_is_a_wrong_one(door: SftpSite) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "bob", password=b"\xff\xfe", preferred_auth="password")

    assert door.log.refused == [("bob", "wrong_password")]


@pytest.mark.parametrize("username", ["bob", "nobody", "closed"])
async def test_every_refusal_looks_the_same(door: SftpSite, username: str) -> None:
    door.add("closed", password=PASSWORD, disabled=True)
    password = PASSWORD if username == "closed" else "wrong"

    offered = await asyncssh.get_server_auth_methods("127.0.0.1", door.port, username, config=None)
    with pytest.raises(asyncssh.PermissionDenied, match=f"Permission denied for user {username} on host"):
        await enter(door, username, password=password)

    assert sorted(offered) == ["keyboard-interactive", "password", "publickey"]
    reasons = {"bob": "wrong_password", "nobody": "unknown_user", "closed": "suspended"}
    assert door.log.admitted == []
    assert set(door.log.refused) == {(username, reasons[username])}


async def test_the_sixth_failure_ends_the_connection(door: SftpSite) -> None:
    client = _Stubborn()

    with pytest.raises(asyncssh.DisconnectError, match="Too many authentication failures"):
        await enter(door, "bob", client_factory=lambda: client, preferred_auth="password")

    assert client.tries == 6
    assert door.log.refused == [("bob", "wrong_password")] * 6


async def test_a_busy_server_says_so(tmp_path: Path, supplies: Supplies) -> None:
    hasher = Hasher(longest_queue=0)
    with closing(hasher), closing(SftpSite(tmp_path, supplies, hasher=hasher)) as door:
        with pytest.raises(asyncssh.ServiceNotAvailable, match="try again"):
            await enter(door, "bob", password=PASSWORD)

        assert door.log.refused == []


async def test_unknown_keys_are_recorded_as_one_failure(door: SftpSite) -> None:
    keys = [asyncssh.generate_private_key("ssh-ed25519") for _ in range(4)]

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "ada", client_keys=keys)

    await asyncio.to_thread(wait_for, lambda: door.log.refused)
    await asyncio.sleep(0.1)
    assert door.log.refused == [("ada", "wrong_key")]


async def test_unknown_keys_do_not_lock_the_password(door: SftpSite) -> None:
    door.act(settings.edit, {"lockout_attempts": 3})
    for number in range(1, 4):
        with pytest.raises(asyncssh.PermissionDenied):
            await enter(door, "bob", client_keys=[asyncssh.generate_private_key("ssh-ed25519")])
        await asyncio.to_thread(wait_for, lambda: len(door.log.refused) == number)  # noqa: B023 - awaited at once

    await enter(door, "bob", password=PASSWORD)


async def test_a_log_in_cut_off_in_the_middle_is_recorded_as_left(tmp_path: Path, supplies: Supplies) -> None:
    with closing(SftpSite(tmp_path, supplies, desk=DawdlingDesk)) as door:
        entering = asyncio.create_task(enter(door, "bob", password=PASSWORD))
        await asyncio.to_thread(wait_for, lambda: DawdlingDesk.is_finishing)

        entering.cancel()

        await asyncio.to_thread(wait_for, lambda: door.log.left)
        assert door.log.admitted == ["bob"]
        assert door.log.left[0].end_reason == "gone before the answer"
        assert door.live.all() == []


class TestLimits:
    """With a gate that bears little."""

    @pytest.fixture
    def strict(self, tmp_path: Path, supplies: Supplies) -> Iterator[SftpSite]:
        limits = Limits(strangers_per_source=2, failures_until_ban=3, first_delay=0.2, longest_delay=0.4)
        running = SftpSite(tmp_path, supplies, limits, login_timeout=1)
        yield running
        running.close()

    async def test_failures_are_answered_late_and_lead_to_a_ban(self, strict: SftpSite) -> None:
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(asyncssh.PermissionDenied):
                await enter(strict, "bob", password="wrong", preferred_auth="password")
        took = time.monotonic() - began

        assert took > 0.2 + 0.4 + 0.4
        with pytest.raises((asyncssh.Error, OSError)):
            await enter(strict, "bob", password=PASSWORD)
        strict.gate.lift("127.0.0.1")
        await enter(strict, "bob", password=PASSWORD)

    async def test_idle_strangers_are_limited_and_sent_away(self, strict: SftpSite) -> None:
        idle = [await asyncio.open_connection("127.0.0.1", strict.port) for _ in range(2)]
        for reader, _ in idle:
            assert (await reader.readline()).startswith(b"SSH-2.0-Innkeeper")

        third, third_writer = await asyncio.open_connection("127.0.0.1", strict.port)
        assert await _all_of(third) == b""
        for reader, writer in idle:
            await asyncio.wait_for(_all_of(reader), 5)
            writer.close()
        third_writer.close()
        await enter(strict, "bob", password=PASSWORD)


class DawdlingDesk(Desk):
    """Takes its time to let someone in."""

    is_finishing = False

    async def finish(self, attempt: Attempt, *, cipher: str = "") -> Admission | None:
        DawdlingDesk.is_finishing = True
        await asyncio.sleep(0.3)
        return await super().finish(attempt)


class _Stubborn(asyncssh.SSHClient):
    def __init__(self) -> None:
        self.tries = 0

    def password_auth_requested(self) -> str:
        self.tries += 1
        return "wrong"


class _ForgedKey(asyncssh.SSHKeyPair):
    """Shows one public key and signs with another."""

    def __init__(self, shown: asyncssh.SSHKey, signing: asyncssh.SSHKey) -> None:
        super().__init__(
            b"ssh-ed25519", b"ssh-ed25519", (b"ssh-ed25519",), (b"ssh-ed25519",), shown.public_data, ""
        )
        self._signing = signing

    def sign(self, data: bytes) -> bytes:
        return self._signing.sign(data, b"ssh-ed25519")


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""
