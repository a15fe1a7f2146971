"""The life of a connection: it is ended from outside, its rights change, the server stops."""

import asyncio
import os
import socket
import stat
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import pytest

from innkeeper.actions import sessions, users
from innkeeper.interfaces.sftp import DoorSettings, start
from innkeeper.interfaces.sftp.keys import host_keys
from tests.programs import need
from tests.sftp_site import PASSWORD, SftpSite, wait_for

pytest_plugins = ["tests.sftp_fixtures"]
GIBIBYTE = 1024**3


def endless_download(door: SftpSite) -> "subprocess.Popen[bytes]":
    """A client busy with a download that takes long."""
    with open(door.files / "large.bin", "wb") as file:
        file.truncate(8 * GIBIBYTE)
    command = [
        need("sftp"),
        "-q",
        *door.ssh_options(),
        "-P",
        str(door.port),
        "ada@127.0.0.1:/large.bin",
        "/dev/null",
    ]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wait_for(lambda: door.live.all() and door.live.all()[0].bytes_out > 1_000_000)
    return client


def test_an_ended_room_closes_the_connection_in_the_middle_of_a_download(door: SftpSite) -> None:
    client = endless_download(door)
    room = door.live.of_user(door.ada.id)[0]

    began = time.monotonic()
    door.act(users.suspend, door.ada.id)
    client.communicate(timeout=10)
    took = time.monotonic() - began

    assert client.returncode != 0
    assert took < 2
    wait_for(lambda: door.log.left)
    left = door.log.left[0]
    assert (left.id, left.end_reason, left.bytes_in) == (room.connection_id, "suspended", 0)
    assert left.bytes_out > 1_000_000
    assert door.live.all() == []
    assert door.log.completeness == [False]


def test_an_idle_client_is_told_why_it_was_ended(door: SftpSite) -> None:
    options = ["-v", *door.ssh_options(), "-p", str(door.port)]
    with (door.folder / "told").open("w") as told:
        client = subprocess.Popen(
            [need("ssh"), *options, "ada@127.0.0.1", "-s", "sftp"], stdin=subprocess.PIPE, stderr=told
        )
    wait_for(lambda: "Sending subsystem" in (door.folder / "told").read_text())

    door.act(users.suspend, door.ada.id)
    client.wait(timeout=5)

    assert "Received disconnect" in (door.folder / "told").read_text()
    assert "suspended" in (door.folder / "told").read_text()


async def test_an_idle_connection_is_closed_at_once(door: SftpSite) -> None:
    connection = await door.connect("bob")
    await connection.start_sftp_client()

    began = time.monotonic()
    door.act(users.suspend, door.bob.id)
    await asyncio.wait_for(connection.wait_closed(), 5)

    assert time.monotonic() - began < 1
    with pytest.raises((asyncssh.Error, OSError)):
        await connection.start_sftp_client()


async def test_many_connections_are_ended_at_once(door: SftpSite) -> None:
    connections = [await door.connect("bob") for _ in range(15)]
    assert len(door.live.of_user(door.bob.id)) == 15

    began = time.monotonic()
    door.act(sessions.end_all, door.bob.id)
    await asyncio.wait_for(asyncio.gather(*(connection.wait_closed() for connection in connections)), 5)

    assert time.monotonic() - began < 2
    await asyncio.to_thread(wait_for, lambda: len(door.log.left) == 15)
    assert {left.end_reason for left in door.log.left} == {"session_ended"}


async def test_a_client_that_does_not_read_is_cut_off_too(door: SftpSite) -> None:
    (door.files / "f").write_bytes(os.urandom(4_000_000))
    connection = await door.connect("bob")
    sftp = await connection.start_sftp_client()
    file = await sftp.open("f", "rb")
    connection._transport.pause_reading()
    readings = [asyncio.create_task(file.read(255 * 1024, 0)) for _ in range(200)]
    await asyncio.sleep(0.5)

    door.act(users.suspend, door.bob.id)

    await asyncio.to_thread(wait_for, lambda: door.log.left, 3)
    connection.abort()
    await asyncio.gather(*readings, return_exceptions=True)


async def test_rights_that_are_taken_away_stop_an_open_download(door: SftpSite) -> None:
    (door.files / "f").write_bytes(b"x" * 100)
    async with door.connect("bob") as connection, connection.start_sftp_client() as sftp:
        async with sftp.open("f", "rb") as file:
            assert await file.read(10) == b"x" * 10

            room = door.live.all()[0]
            door.edit(door.bob, grants=["/other:full"])
            await asyncio.to_thread(wait_for, lambda: not room.access.file_abilities("/f"))

            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await file.read(10)
        assert await sftp.listdir("/") == []


async def test_the_deadline_ends_even_an_idle_connection(door: SftpSite) -> None:
    door.edit(door.bob, access_expires_at=(datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    connection = await door.connect("bob")

    await asyncio.wait_for(connection.wait_closed(), 5)

    await asyncio.to_thread(wait_for, lambda: door.log.left)
    assert door.log.left[0].end_reason == "access expired"


async def test_bytes_and_the_current_path_are_known_while_it_happens(door: SftpSite) -> None:
    async with door.connect("bob") as connection, connection.start_sftp_client() as sftp:
        file = await sftp.open("/new.bin", "wb")
        await file.write(b"x" * 70_000)
        room = door.live.all()[0]
        assert (room.bytes_in, room.current_path, room.interface) == (70_000, "/new.bin", "sftp")
        assert room.stay.address == "127.0.0.1"


def test_stopping_waits_for_transfers_and_then_sends_everyone_away(door: SftpSite) -> None:
    client = endless_download(door)

    began = time.monotonic()
    door.run(door.server.stop(patience=0.5))
    took = time.monotonic() - began
    client.communicate(timeout=10)

    assert 0.5 <= took < 5
    assert client.returncode != 0
    assert door.log.left[0].end_reason == "the server is stopping"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", door.port)).close()


async def test_a_taken_port_is_an_error_of_the_system(door: SftpSite) -> None:
    settings = DoorSettings(port=door.port, keys=door.settings.keys)

    with pytest.raises(OSError, match="in use"):
        await start(door.house, settings)


def test_host_keys_are_made_once_and_are_for_the_owner_only(tmp_path: Path) -> None:
    first = host_keys(tmp_path / "keys")
    second = host_keys(tmp_path / "keys")

    assert [key.get_fingerprint() for key in first] == [key.get_fingerprint() for key in second]
    assert sorted(os.listdir(tmp_path / "keys")) == ["ssh_host_ed25519_key", "ssh_host_rsa_key"]
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_of_two_servers_that_make_a_key_at_once_one_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: False)

    first = host_keys(tmp_path)
    second = host_keys(tmp_path)

    assert [key.get_fingerprint() for key in first] == [key.get_fingerprint() for key in second]


async def test_sessions_in_one_connection_are_limited(door: SftpSite) -> None:
    async with door.connect("bob", password=PASSWORD) as connection:
        for _ in range(10):
            await connection.start_sftp_client()

        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.start_sftp_client()


async def test_the_server_exchanges_keys_again_in_the_middle_of_a_download(door: SftpSite) -> None:
    content = os.urandom(6_000_000)
    (door.files / "f").write_bytes(content)
    async with door.connect("bob") as connection, connection.start_sftp_client() as sftp:
        (visitor,) = door.server._guests._present
        visitor._connection._rekey_bytes = 500_000  # type: ignore[attr-defined]
        session_key = visitor._connection._send_encryption  # type: ignore[attr-defined]
        async with sftp.open("f", "rb") as file:
            assert await file.read(len(content)) == content
        assert visitor._connection._send_encryption is not session_key  # type: ignore[attr-defined]
