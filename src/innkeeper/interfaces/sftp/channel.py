"""A channel of asyncssh that sends large data with a third of the copying.

asyncssh copies what it sends about ten times on its way to the socket, which costs more than to encrypt it.
Here data stays as it is until a packet is put together. Like the transport, this leans on private names.
"""

from collections import deque
from typing import Any, Protocol, cast

from asyncssh.channel import SSHServerChannel


class DataSender(Protocol):
    """The connection, as far as data is concerned."""

    def send_data(self, channel: int, parts: list[memoryview], size: int) -> None:
        """Send one packet of channel data."""
        ...


class LeanChannel(SSHServerChannel[bytes]):
    """A server channel for bytes; takes the arguments that asyncssh gives its own."""

    def __init__(self, *arguments: Any) -> None:
        self._waiting: deque[memoryview] = deque()
        super().__init__(*arguments)

    def write_all(self, parts: list[bytes]) -> None:
        """Like `write` for each part, but parts share packets."""
        if self._send_state != "open":
            raise BrokenPipeError("the channel is closed")
        self._waiting.extend(map(memoryview, parts))
        self._send_buf_len += sum(map(len, parts))
        self._flush_send_buf()

    def _flush_send_buf(self) -> None:
        self._send_parts()
        if self._waiting:
            self._pause_resume_writing()
        else:
            super()._flush_send_buf()

    def _close_send(self) -> None:
        self._waiting.clear()
        super()._close_send()

    def _send_parts(self) -> None:
        """As much as the client's window allows, in packets as large as it takes."""
        while self._waiting and self._send_window and self._send_chan is not None:
            parts = self._take(min(self._send_window, self._send_pktsize))
            size = sum(map(len, parts))
            self._send_buf_len -= size
            self._send_window -= size
            cast("DataSender", self._conn).send_data(self._send_chan, parts, size)

    def _take(self, most: int) -> list[memoryview]:
        waiting, taken = self._waiting, list[memoryview]()
        while waiting and most:
            part = waiting.popleft()
            if len(part) > most:
                waiting.appendleft(part[most:])
                part = part[:most]
            taken.append(part)
            most -= len(part)
        return taken
