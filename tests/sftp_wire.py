"""Speaks SFTP byte by byte, to say what no client would."""

import asyncio
import struct
from typing import Any

import asyncssh

from innkeeper.interfaces.sftp.packets import Kind, Status


def text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def packet(kind: int, number: int, body: bytes = b"") -> bytes:
    return text(bytes((kind,)) + struct.pack(">I", number) + body)


HELLO = text(bytes((Kind.INIT,)) + struct.pack(">I", 3))


class Wire:
    """One raw session."""

    def __init__(self, writer: Any, reader: Any) -> None:
        self.writer = writer
        self.reader = reader

    async def ask(self, kind: int, body: bytes = b"", number: int = 7) -> tuple[int, bytes]:
        """Send one request; the type and body of the answer to it."""
        self.writer.write(packet(kind, number, body))
        return await self.answer(number)

    async def answer(self, number: int = 7) -> tuple[int, bytes]:
        length = struct.unpack(">I", await self.reader.readexactly(4))[0]
        data = await self.reader.readexactly(length)
        assert struct.unpack(">I", data[1:5])[0] == number
        return data[0], data[5:]

    async def status(self, kind: int, body: bytes = b"") -> tuple[Status, str]:
        """The answer has to be a status."""
        answered, data = await asyncio.wait_for(self.ask(kind, body), 10)
        assert answered == Kind.STATUS
        length = struct.unpack(">I", data[4:8])[0]
        return Status(struct.unpack(">I", data[:4])[0]), data[8 : 8 + length].decode()

    async def handle(self, kind: int, body: bytes) -> bytes:
        answered, data = await self.ask(kind, body)
        assert answered == Kind.HANDLE
        return data


async def wire(connection: asyncssh.SSHClientConnection, window: int = 2 * 1024 * 1024) -> Wire:
    """Open a session and exchange greetings; the window is how much the server may send unread."""
    writer, reader, _ = await connection.open_session(subsystem="sftp", encoding=None, window=window)
    writer.write(HELLO)
    length = struct.unpack(">I", await reader.readexactly(4))[0]
    greeting = await reader.readexactly(length)
    assert greeting[:5] == bytes((Kind.VERSION,)) + struct.pack(">I", 3)
    assert b"limits@openssh.com" in greeting
    return Wire(writer, reader)
