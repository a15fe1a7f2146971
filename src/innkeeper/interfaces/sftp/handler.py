"""One SFTP session: cuts the stream into requests, answers them in order, and stops when nobody reads.

Reading and writing data are answered here, without a detour; everything else goes to the verbs.
"""

import asyncio

import asyncssh

from innkeeper.files.room import Room
from innkeeper.interfaces.sftp.channel import LeanChannel
from innkeeper.interfaces.sftp.opened import Opened
from innkeeper.interfaces.sftp.packets import (
    LONGEST_PACKET,
    LONGEST_TRANSFER,
    VERSION,
    BadPacket,
    Fields,
    Kind,
    Status,
    pack_header,
    pack_number,
    text,
    unpack_number,
    unpack_position,
)
from innkeeper.interfaces.sftp.statuses import status_of
from innkeeper.interfaces.sftp.verbs import EXTENSIONS, Answer, Verbs, ok, status

FLUSH_AT = 512 * 1024
_SHORTEST = 5


class SftpHandler:
    """Speaks the protocol on one channel."""

    def __init__(self, room: Room, channel: LeanChannel) -> None:
        self._channel = channel
        self._opened = Opened()
        self._verbs = Verbs(room, self._opened)
        self._loop = asyncio.get_running_loop()
        self._incoming = bytearray()
        self._outgoing: list[bytes] = []
        self._outgoing_size = 0
        self._is_held = False

    def session_started(self) -> None:
        """The client speaks first."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._incoming += data
        self._work()

    def eof_received(self) -> bool:
        """OpenSSH waits for an exit status when it has said all."""
        self._flush()
        self._channel.exit(0)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_held = True
        self._opened.abandon()

    def pause_writing(self) -> None:
        """Answer no further request, and take in none."""
        self._is_held = True
        self._channel.pause_reading()

    def resume_writing(self) -> None:
        self._is_held = False
        self._work()
        if not self._is_held:
            self._channel.resume_reading()

    def _work(self) -> None:
        """Answer every whole request that is there, until it is done or someone says stop."""
        incoming = self._incoming
        at = 0
        with memoryview(incoming) as view:
            while not self._is_held and len(incoming) - at >= 4:
                length = unpack_number(view, at)[0]
                if not _SHORTEST <= length <= LONGEST_PACKET:
                    self._give_up()
                    return
                if len(incoming) - at - 4 < length:
                    break
                with view[at + 4 : at + 4 + length] as request:
                    self._answer(request)
                at += 4 + length
        del incoming[:at]

    def _give_up(self) -> None:
        """After a wrong length nothing that follows can be understood."""
        self._is_held = True
        self._channel.get_connection().disconnect(asyncssh.DISC_PROTOCOL_ERROR, "Bad SFTP packet length")

    def _answer(self, request: memoryview) -> None:
        kind, number = request[0], unpack_number(request, 1)[0]
        try:
            if kind == Kind.READ:
                self._read(request, number)
            elif kind == Kind.WRITE:
                self._send(number, self._write(request))
            elif kind == Kind.INIT:
                self._greet()
            else:
                self._send(number, self._verbs.answer(kind, Fields(bytes(request[5:]))))
        except Exception as error:
            self._send(number, status(*status_of(error)))

    def _greet(self) -> None:
        extensions = b"".join(text(name) + text(b"1") for name in EXTENSIONS)
        body = bytes((Kind.VERSION,)) + pack_number(VERSION) + extensions
        self._put(text(body))

    def _read(self, request: memoryview, number: int) -> None:
        end = 9 + unpack_number(request, 5)[0]
        offset, size = unpack_position(request, end)
        file = self._opened.file(bytes(request[9:end]))
        data = file.read(offset, min(size, LONGEST_TRANSFER))
        if data:
            self._put(pack_header(9 + len(data), Kind.DATA, number) + pack_number(len(data)))
            self._put(data)
        else:
            self._send(number, status(Status.END, ""))

    def _write(self, request: memoryview) -> Answer:
        end = 9 + unpack_number(request, 5)[0]
        offset, size = unpack_position(request, end)
        data = request[end + 12 : end + 12 + size]
        if len(data) != size:
            raise BadPacket("the data is cut short")
        self._opened.file(bytes(request[9:end])).write(offset, data)
        return ok()

    def _send(self, number: int, answer: Answer) -> None:
        kind, body = answer
        self._put(pack_header(5 + len(body), kind, number) + body)

    def _put(self, data: bytes) -> None:
        """Collect the answers of one turn of the loop; they leave in one SSH packet."""
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(data)
        self._outgoing_size += len(data)
        if self._outgoing_size > FLUSH_AT:
            self._flush()

    def _flush(self) -> None:
        if self._outgoing:
            parts, self._outgoing = self._outgoing, []
            self._outgoing_size = 0
            if not self._channel.is_closing():
                self._channel.write_all(parts)
