"""An SFTP session on a storage that is slow: its requests are answered in a thread, one after the other.

The loop cuts the stream, and sends what the thread has answered. There is never more than one thread for a
session, so answers come in the order of the requests, as they do on a local disk.
"""

import asyncio

from innkeeper.files.room import Room
from innkeeper.interfaces.sftp.channel import LeanChannel
from innkeeper.interfaces.sftp.handler import FLUSH_AT, SftpHandler
from innkeeper.kit.threads import in_thread

# What may wait here while a request is answered; beyond that the client has to wait.
_MOST_WAITING = 1024 * 1024


class PatientHandler(SftpHandler):
    """The same protocol; only where the work is done differs."""

    def __init__(self, room: Room, channel: LeanChannel) -> None:
        super().__init__(room, channel)
        self._waiting: list[bytes] = []
        self._turn: asyncio.Task[None] | None = None
        self._is_over = False
        self._has_all = False

    def data_received(self, data: bytes, datatype: int | None) -> None:
        super().data_received(data, datatype)
        if self._turn is not None and len(self._incoming) > _MOST_WAITING:
            self._channel.pause_reading()

    def eof_received(self) -> bool:
        """The channel stays open until all is answered."""
        self._has_all = True
        if self._turn is None:
            self._finish()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_held = self._is_over = True
        if self._turn is None:
            self._turn = self._loop.create_task(self._abandon())

    def _work(self) -> None:
        if self._turn is None and not self._is_held:
            super()._work()
            if self._waiting:
                self._turn = self._loop.create_task(self._take_turns())

    def _answer(self, request: memoryview) -> None:
        """Not yet: keep a copy, for the stream goes on."""
        self._waiting.append(bytes(request))

    def _put(self, data: bytes) -> None:
        """Collect the answers of a turn; the loop sends them when it is over."""
        self._outgoing.append(data)
        self._outgoing_size += len(data)

    async def _take_turns(self) -> None:
        while self._waiting and not self._is_held:
            await in_thread(self._answer_some)
            self._flush()
            if not self._waiting:
                super()._work()
        self._turn = None
        if self._is_over:
            await self._abandon()
        elif not self._is_held:
            self._go_on()

    def _answer_some(self) -> None:
        """As many as give a good load of answers."""
        count = 0
        for request in self._waiting:
            super()._answer(memoryview(request))
            count += 1
            if self._is_over or self._outgoing_size > FLUSH_AT:
                break
        del self._waiting[:count]

    def _go_on(self) -> None:
        if self._has_all:
            self._finish()
        else:
            self._channel.resume_reading()

    def _finish(self) -> None:
        self._flush()
        if not self._channel.is_closing():
            self._channel.exit(0)

    async def _abandon(self) -> None:
        await in_thread(self._opened.abandon)
