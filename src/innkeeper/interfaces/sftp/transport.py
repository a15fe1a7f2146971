"""An SSH connection of asyncssh that sends and receives with less effort, and in bounded memory.

It leans on private names of asyncssh: its version is pinned, and tests fail when one of them moves. What the
overrides are for:

- asyncssh writes to the socket once per packet; here what one turn of the loop produces goes out at once.
- Before every packet it sends an IGNORE packet, a defence that only CBC ciphers need; we offer none.
- It copies its whole input for each packet found in it, so it is fed in small slices.
- It ignores the transport's wish to pause; a client that asks and never reads would fill the memory.
- It aborts the socket right after a disconnect message, which then is often lost.
"""

import asyncio
import os
import struct
import time
from typing import Protocol

import asyncssh
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_IGNORE
from asyncssh.packet import String, UInt32

from innkeeper.interfaces.sftp.channel import LeanChannel

_SLICE = 66_000
_SEND_AT = 256 * 1024
_HIGH_WATER = 512 * 1024
_LINGER = 0.5
_DATA_HEAD = 9  # of the payload: its type, the channel, the length
_LEAST_PADDING = 4
_pack_data_head = struct.Struct(">BBII").pack


class Flow(Protocol):
    """Something that produces output and can be told to wait."""

    def hold(self) -> None:
        """Produce no more."""
        ...

    def release(self) -> None:
        """Go on."""
        ...


class LeanConnection(asyncssh.SSHServerConnection):
    """A server connection that joins what it sends and heeds the back-pressure of the socket."""

    def __init__(self, loop: asyncio.AbstractEventLoop, options: asyncssh.SSHServerConnectionOptions) -> None:
        super().__init__(loop, options)
        self.flows: set[Flow] = set()
        self.is_full = False
        self._waiting: list[bytes] = []
        self._waiting_size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.set_write_buffer_limits(_HIGH_WATER)
        super().connection_made(transport)

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        if len(data) <= _SLICE:
            super().data_received(data, datatype)
            return
        for start in range(0, len(data), _SLICE):
            super().data_received(data[start : start + _SLICE], datatype)

    def pause_writing(self) -> None:
        """The socket is full: stop producing, and stop reading, since every request asks for an answer."""
        self.is_full = True
        if self._transport:
            self._transport.pause_reading()
        for flow in list(self.flows):
            flow.hold()

    def resume_writing(self) -> None:
        self.is_full = False
        if self._transport:
            self._transport.resume_reading()
        for flow in list(self.flows):
            flow.release()

    def send_packet(
        self, pkttype: int, *args: bytes, handler: asyncssh.packet.SSHPacketLogger | None = None
    ) -> None:
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args, handler=self)

    def create_lean_channel(self, window: int, most: int) -> LeanChannel:
        """A channel with that receive window and packet size; it has no terminal."""
        self._update_recv_pktlen(most)
        no_terminal = (False, False, False, 0, 0)
        return LeanChannel(self, self._loop, *no_terminal, None, "strict", window, most)

    def log_sent_packet(self, *_: object, **__: object) -> None:
        """Say nothing: composing the message for each packet costs more than sending it."""

    def log_received_packet(self, *_: object, **__: object) -> None:
        """Say nothing, for the same reason."""

    def send_data(self, channel: int, parts: list[memoryview], size: int) -> None:
        """One packet of channel data; in plain circumstances it is put together in one go."""
        encryption = self._send_encryption
        if encryption is None or self._compressor or not self._kex_complete or self._wants_new_keys():
            self.send_packet(MSG_CHANNEL_DATA, UInt32(channel), String(b"".join(parts)))
            return
        padding = -(self._send_enchdrlen + _DATA_HEAD + size) % self._send_blocksize
        if padding < _LEAST_PADDING:
            padding += self._send_blocksize
        head = _pack_data_head(padding, MSG_CHANNEL_DATA, channel, size)
        packet = b"".join((head, *parts, os.urandom(padding)))
        self._send(b"".join(encryption.encrypt_packet(self._send_seq, UInt32(len(packet)), packet)))
        self._send_seq = (self._send_seq + 1) & 0xFFFFFFFF
        self._rekey_bytes_sent += len(packet)

    def _wants_new_keys(self) -> bool:
        """True when asyncssh is about to exchange keys again, which it does while it sends a packet."""
        is_much = self._rekey_bytes_sent >= self._rekey_bytes
        return is_much or bool(self._rekey_seconds and time.monotonic() >= self._rekey_time)

    def _send(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)
        self._waiting_size += len(data)
        if self._waiting_size > _SEND_AT:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._waiting_size = 0
            if self._transport:
                self._transport.writelines(waiting)

    def _force_close(self, exc: Exception | None) -> None:
        """Give the last message a moment to reach the client; whoever does not read is cut off after it."""
        self._flush()
        transport, self._transport = self._transport, None
        if transport:
            transport.close()
            self._loop.call_later(_LINGER, transport.abort)
            self._loop.call_soon(self._cleanup, exc)
