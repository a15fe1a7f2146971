"""Logging in at the SFTP door: which proofs, how often, and that a refusal never says why."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncssh
import pytest

from innkeeper.kit.gate import Limits
from tests.sftp_desk import Person
from tests.sftp_site import PASSWORD, SftpSite, wait_for

pytest_plugins = ["tests.sftp_fixtures"]
BOTH = (frozenset({"public_key", "password"}),)
WITH_CODE = (frozenset({"password", "code"}),)


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

    assert door.desk.admitted == ["bob"]
    assert door.desk.clients[0].startswith("AsyncSSH_")


async def test_a_password_typed_on_being_asked_opens_the_door(door: SftpSite) -> None:
    client = Client(PASSWORD)

    await enter(door, "bob", client_factory=lambda: client, preferred_auth="keyboard-interactive")

    assert client.asked == ["Password: "]


async def test_a_key_opens_the_door(door: SftpSite) -> None:
    await enter(door, "ada", client_keys=[str(door.key)])

    assert door.desk.admitted == ["ada"]


async def test_a_known_key_without_its_signature_proves_nothing(door: SftpSite) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    forged = _ForgedKey(asyncssh.read_private_key(door.key), other)

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "ada", client_keys=[forged])

    assert door.desk.admitted == []


@pytest.mark.parametrize(
    "order", ["publickey,password", "publickey,keyboard-interactive", "password,publickey"]
)
async def test_two_proofs_are_both_needed(door: SftpSite, order: str) -> None:
    door.desk.add(Person("carol", PASSWORD, frozenset({door.fingerprint}), ways=BOTH))
    proofs = {"client_keys": [str(door.key)], "password": PASSWORD}

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "carol", client_keys=[str(door.key)])
    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "carol", password=PASSWORD)
    assert door.desk.admitted == []
    await enter(door, "carol", client_factory=lambda: Client(PASSWORD), preferred_auth=order, **proofs)
    assert door.desk.admitted == ["carol"]


async def test_a_code_is_asked_for_in_the_same_talk(door: SftpSite) -> None:
    door.desk.add(Person("dora", PASSWORD, code="123456", ways=WITH_CODE))
    client = Client(PASSWORD, "123456")

    await enter(door, "dora", client_factory=lambda: client, preferred_auth="keyboard-interactive")

    assert client.asked == ["Password: ", "Authentication code: "]
    for wrong in (Client(PASSWORD, "000000"), Client("wrong", "123456")):
        with pytest.raises(asyncssh.PermissionDenied):
            await enter(door, "dora", client_factory=lambda: wrong, preferred_auth="keyboard-interactive")  # noqa: B023
    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "dora", password=PASSWORD)
    assert door.desk.admitted == ["dora"]


async def test_a_code_may_follow_a_key(door: SftpSite) -> None:
    way = (frozenset({"public_key", "code"}),)
    door.desk.add(Person("eve", fingerprints=frozenset({door.fingerprint}), code="123456", ways=way))
    client = Client("123456")

    await enter(door, "eve", client_factory=lambda: client, client_keys=[str(door.key)])

    assert client.asked == ["Authentication code: "]


@pytest.mark.parametrize("username", ["bob", "nobody", "closed"])
async def test_every_refusal_looks_the_same(door: SftpSite, username: str) -> None:
    door.desk.add(Person("closed", PASSWORD, is_welcome=False))
    password = PASSWORD if username == "closed" else "wrong"

    offered = await asyncssh.get_server_auth_methods("127.0.0.1", door.port, username, config=None)
    with pytest.raises(asyncssh.PermissionDenied, match=f"Permission denied for user {username} on host"):
        await enter(door, username, password=password)

    assert sorted(offered) == ["keyboard-interactive", "password", "publickey"]
    assert door.desk.admitted == []
    assert set(door.desk.failures) == {username}


async def test_the_sixth_failure_ends_the_connection(door: SftpSite) -> None:
    client = _Stubborn()

    with pytest.raises(asyncssh.DisconnectError, match="Too many authentication failures"):
        await enter(door, "bob", client_factory=lambda: client, preferred_auth="password")

    assert client.tries == 6
    assert door.desk.failures == ["bob"] * 6


async def test_a_busy_server_says_so(door: SftpSite) -> None:
    door.desk.is_busy = True

    with pytest.raises(asyncssh.ServiceNotAvailable, match="try again"):
        await enter(door, "bob", password=PASSWORD)

    assert door.desk.failures == []


async def test_unknown_keys_are_recorded_as_one_failure(door: SftpSite) -> None:
    keys = [asyncssh.generate_private_key("ssh-ed25519") for _ in range(4)]

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "ada", client_keys=keys)

    wait_for(lambda: door.desk.failures)
    assert door.desk.failures == ["ada"]


async def test_a_log_in_cut_off_in_the_middle_is_recorded_as_left(door: SftpSite) -> None:
    door.desk.finish_takes = 0.3
    entering = asyncio.create_task(enter(door, "bob", password=PASSWORD))
    await asyncio.to_thread(wait_for, lambda: door.desk.clients)
    await asyncio.sleep(0.1)

    entering.cancel()

    await asyncio.to_thread(wait_for, lambda: door.desk.left)
    assert door.desk.admitted == ["bob"]
    assert door.desk.left[0][1] == "gone before the answer"
    assert door.live.all() == []


class TestLimits:
    """With a gate that bears little."""

    @pytest.fixture
    def strict(self, tmp_path: Path, sftp_keys: Path) -> Iterator[SftpSite]:
        limits = Limits(strangers_per_source=2, failures_until_ban=3, first_delay=0.2, longest_delay=0.4)
        running = SftpSite(tmp_path, sftp_keys, limits, login_timeout=1)
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
