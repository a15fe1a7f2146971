"""Bad input, byte by byte: the door answers or hangs up, and neither fails nor fills its memory."""

import asyncio
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from innkeeper.files.root import Root
from innkeeper.interfaces.sftp.packets import LONGEST_TRANSFER, Kind, Status
from tests.sftp_site import SftpSite, Supplies, wait_for
from tests.sftp_wire import HELLO, Wire, packet, text, wire

pytest_plugins = ["tests.sftp_fixtures"]
NO_ATTRIBUTES = struct.pack(">I", 0)
READ, WRITE, CREATE, TRUNCATE = 1, 2, 8, 16


class SlowRoot(Root):
    """A disk that is to be asked in threads, as if a network lay between."""

    is_slow = True


@pytest.fixture(params=[Root, SlowRoot], ids=["loop", "threads"])
def door(request: pytest.FixtureRequest, tmp_path: Path, supplies: Supplies) -> Iterator[SftpSite]:
    running = SftpSite(tmp_path, supplies, storage=request.param)
    yield running
    running.close()


@pytest.fixture
async def raw(door: SftpSite) -> AsyncIterator[Wire]:
    async with door.connect("bob") as connection:
        yield await wire(connection)


def opening(path: bytes, flags: int) -> bytes:
    return text(path) + struct.pack(">I", flags) + NO_ATTRIBUTES


def reading(handle: bytes, offset: int, size: int) -> bytes:
    return handle + struct.pack(">QI", offset, size)


async def test_every_short_or_senseless_request_gets_an_answer(raw: Wire) -> None:
    for kind in set(Kind) - {Kind.INIT, Kind.VERSION}:
        for body in (b"", b"\xff\xff\xff\xff", text(b"x")[:-1], text(b""), os.urandom(40)):
            answered, _ = await asyncio.wait_for(raw.ask(kind, body), 10)
            assert answered in (Kind.STATUS, Kind.NAME, Kind.ATTRS, Kind.HANDLE)

    assert (await raw.ask(Kind.REALPATH, text(b".")))[0] == Kind.NAME


async def test_random_bodies_never_break_the_session(raw: Wire) -> None:
    chance = random.Random(1)
    for _ in range(500):
        kind = chance.choice([chance.randrange(3, 21), 200, chance.randrange(256)])
        body = text(bytes(chance.choices(b"/.ab\0\xff", k=chance.randrange(6)))) + chance.randbytes(8)
        if kind not in (Kind.INIT,):
            await asyncio.wait_for(raw.ask(kind, body), 10)


@pytest.mark.parametrize("length", [0, 4, 256 * 1024 + 1, 0xFFFFFFFF])
async def test_a_wrong_packet_length_ends_the_connection(door: SftpSite, length: int) -> None:
    async with door.connect("bob") as connection:
        raw = await wire(connection)
        raw.writer.write(struct.pack(">I", length) + b"xxxxxxxx")

        await asyncio.wait_for(connection.wait_closed(), 5)


async def test_strange_paths_are_refused_in_words(raw: Wire) -> None:
    for path, expected in (
        (b"a" * 65_000, Status.FAILURE),
        (b"/a" * 40_000, Status.FAILURE),
        (b"a" * 256, Status.FAILURE),
        (b"nul\0nul", Status.FAILURE),
        (b"\xff\xfe", Status.NO_SUCH_FILE),
        (b"../../../../etc/passwd", Status.NO_SUCH_FILE),
    ):
        assert (await raw.status(Kind.STAT, text(path)))[0] == expected
    assert (await raw.ask(Kind.STAT, text(b"/" * 60_000)))[0] == Kind.ATTRS


async def test_a_name_that_is_no_utf8_goes_both_ways(door: SftpSite, raw: Wire) -> None:
    handle = await raw.handle(Kind.OPEN, opening(b"/caf\xe9", WRITE | CREATE))
    assert (await raw.status(Kind.CLOSE, handle))[0] == Status.OK

    listing = await raw.handle(Kind.OPENDIR, text(b"/"))
    answered, data = await raw.ask(Kind.READDIR, listing)

    assert os.listdir(os.fsencode(door.files)) == [b"caf\xe9"]
    assert answered == Kind.NAME and text(b"caf\xe9") in data


async def test_trailing_bytes_are_ignored_as_some_clients_send_them(raw: Wire) -> None:
    assert (await raw.ask(Kind.STAT, text(b"/") + b"tail"))[0] == Kind.ATTRS


async def test_requests_before_the_greeting_and_a_second_greeting_do_no_harm(door: SftpSite) -> None:
    async with door.connect("bob") as connection:
        writer, reader, _ = await connection.open_session(subsystem="sftp", encoding=None)
        raw = Wire(writer, reader)
        assert (await raw.ask(Kind.REALPATH, text(b".")))[0] == Kind.NAME
        writer.write(HELLO + HELLO)
        assert len(await reader.readexactly(18)) == 18


async def test_requests_cut_into_single_bytes_are_put_together(raw: Wire) -> None:
    for byte in packet(Kind.REALPATH, 7, text(b"/a/../b")):
        raw.writer.write(bytes((byte,)))

    answered, data = await raw.answer()

    assert answered == Kind.NAME and text(b"/b") in data


async def test_many_requests_in_one_piece_are_answered_in_order(raw: Wire) -> None:
    raw.writer.write(b"".join(packet(Kind.REALPATH, number, text(b".")) for number in range(5000)))

    for number in range(5000):
        await asyncio.wait_for(raw.answer(number), 10)


async def test_handles_are_checked(raw: Wire, door: SftpSite) -> None:
    (door.files / "f").write_bytes(b"content")
    file = await raw.handle(Kind.OPEN, opening(b"/f", READ))
    folder = await raw.handle(Kind.OPENDIR, text(b"/"))
    closed = await raw.handle(Kind.OPEN, opening(b"/f", READ))
    await raw.ask(Kind.CLOSE, closed)

    for kind, body in (
        (Kind.READ, reading(closed, 0, 1)),
        (Kind.READ, reading(folder, 0, 1)),
        (Kind.READDIR, file),
        (Kind.WRITE, file + struct.pack(">QI", 0, 1) + b"x"),
        (Kind.FSTAT, folder),
        (Kind.CLOSE, closed),
        (Kind.CLOSE, text(b"no such handle")),
    ):
        code, _ = await raw.status(kind, body)
        assert code in (Status.FAILURE, Status.PERMISSION_DENIED)
    assert (door.files / "f").read_bytes() == b"content"


async def test_open_files_are_limited_and_closed_with_the_session(door: SftpSite) -> None:
    (door.files / "f").touch()
    async with door.connect("bob") as connection:
        raw = await wire(connection)
        for _ in range(128):
            await raw.handle(Kind.OPEN, opening(b"/f", READ))
        assert await raw.status(Kind.OPEN, opening(b"/f", READ)) == (
            Status.FAILURE,
            "too many files are open at once",
        )
        assert len(_open_files(door)) == 128
        raw.writer.close()
    await asyncio.to_thread(wait_for, lambda: not _open_files(door))
    assert door.log.completeness == [False] * 128


async def test_reads_are_capped_and_end_at_the_end(raw: Wire, door: SftpSite) -> None:
    (door.files / "f").write_bytes(b"x" * 400_000)
    file = await raw.handle(Kind.OPEN, opening(b"/f", READ))

    answered, data = await raw.ask(Kind.READ, reading(file, 0, 0xFFFFFFFF))

    assert (answered, len(data)) == (Kind.DATA, LONGEST_TRANSFER + 4)
    for offset in (400_000, 2**40):
        assert (await raw.status(Kind.READ, reading(file, offset, 10)))[0] == Status.END
    assert (await raw.status(Kind.READ, reading(file, 2**64 - 1, 10)))[0] == Status.FAILURE


async def test_links_are_unsupported_and_unknown_extensions_too(raw: Wire) -> None:
    for kind, body in (
        (Kind.READLINK, text(b"/x")),
        (Kind.SYMLINK, text(b"/x") + text(b"/y")),
        (Kind.EXTENDED, text(b"hardlink@openssh.com") + text(b"/x") + text(b"/y")),
        (99, b""),
    ):
        assert (await raw.status(kind, body))[0] == Status.UNSUPPORTED


async def test_attributes_are_set_as_far_as_they_are_the_clients_business(raw: Wire, door: SftpSite) -> None:
    (door.files / "f").write_bytes(b"content")
    mode = (door.files / "f").stat().st_mode
    everything = struct.pack(">IQIIIII", 0xF, 3, 0, 0, 0o777, 10, 20)

    assert (await raw.status(Kind.SETSTAT, text(b"/f") + everything))[0] == Status.OK

    status = (door.files / "f").stat()
    assert (status.st_size, status.st_mode, status.st_mtime) == (3, mode, 20)


async def test_what_is_hidden_is_answered_like_what_is_absent(door: SftpSite) -> None:
    door.edit(door.bob, grants=["/open:read"])
    for path in ("open", "closed"):
        (door.files / path).mkdir()
    (door.files / "closed" / "file").touch()
    async with door.connect("bob") as connection:
        raw = await wire(connection)
        for kind in (Kind.STAT, Kind.LSTAT, Kind.OPENDIR, Kind.REMOVE, Kind.RMDIR, Kind.MKDIR):
            for hidden in (b"/closed/file", b"/closed/none", b"/closed/file/deeper", b"/none/none"):
                assert await raw.status(kind, text(hidden) + NO_ATTRIBUTES) == (
                    Status.NO_SUCH_FILE,
                    "No such file",
                )


@pytest.mark.parametrize("request_", ["read", "stat", "realpath"])
async def test_a_client_that_asks_and_never_reads_does_not_fill_the_memory(
    door: SftpSite, request_: str
) -> None:
    (door.files / "f").write_bytes(os.urandom(LONGEST_TRANSFER))
    async with door.connect("bob") as connection:
        raw = await wire(connection, window=2**31 - 1)
        file = await raw.handle(Kind.OPEN, opening(b"/f", READ))
        body = {
            "read": packet(Kind.READ, 1, reading(file, 0, LONGEST_TRANSFER)),
            "stat": packet(Kind.STAT, 1, text(b"/f")),
            "realpath": packet(Kind.REALPATH, 1, text(b"/n" * 1900)),
        }[request_]
        server = _narrow(door, connection)
        connection._transport.pause_reading()
        before = _resident()

        raw.writer.write(body * (4_000_000 // len(body)))
        await asyncio.to_thread(wait_for, lambda: server.is_full)
        await asyncio.sleep(0.5)

        assert server._transport.get_write_buffer_size() < 2 * 1024 * 1024
        assert _resident() - before < 40 * 1024 * 1024
        connection.abort()


async def test_requests_that_no_session_sees_do_not_fill_the_memory_either(door: SftpSite) -> None:
    async with door.connect("bob") as connection:
        server = _narrow(door, connection)
        connection._transport.pause_reading()
        for _ in range(60_000):
            connection._send_global_request(b"keepalive@openssh.com", want_reply=True)

        await asyncio.to_thread(wait_for, lambda: server.is_full)
        await asyncio.sleep(0.5)

        assert server._transport.get_write_buffer_size() < 2 * 1024 * 1024
        connection.abort()


async def test_a_client_that_reads_late_gets_everything(door: SftpSite) -> None:
    content = os.urandom(LONGEST_TRANSFER)
    (door.files / "f").write_bytes(content)
    async with door.connect("bob") as connection:
        raw = await wire(connection, window=2**31 - 1)
        file = await raw.handle(Kind.OPEN, opening(b"/f", READ))
        server = _server_side(door)
        connection._transport.pause_reading()
        for number in range(120):
            raw.writer.write(packet(Kind.READ, number, reading(file, 0, LONGEST_TRANSFER)))
        await asyncio.to_thread(wait_for, lambda: server.is_full)

        connection._transport.resume_reading()

        for number in range(120):
            answered, data = await asyncio.wait_for(raw.answer(number), 10)
            assert (answered, data[4:]) == (Kind.DATA, content)
        assert not server.is_full


def _server_side(door: SftpSite) -> Any:
    """The only connection as the server has it."""
    (visitor,) = door.server._guests._present
    return visitor._connection  # type: ignore[attr-defined]


def _narrow(door: SftpSite, client: Any) -> Any:
    """The same, with so small buffers in the kernel that they fill soon."""
    server = _server_side(door)
    client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    server.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    return server


def _open_files(door: SftpSite) -> list[str]:
    """The files of the site that this process holds open."""
    held = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return [path for path in map(_target, held) if path.startswith(f"{door.files}/")]


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
