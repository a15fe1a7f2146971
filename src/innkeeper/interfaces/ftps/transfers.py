"""Data connections. Beside giving refusals their words, they mend what was measured in pyftpdlib 2.2:

- While a handshake waits to read, it waits for the socket to be writable, which it always is: a busy loop.
  See `modify_ioloop_events`.
- Clients with GnuTLS finish the handshake in two segments, and hold the second until the first is
  acknowledged, which Linux puts off for 40 ms: hence TCP_QUICKACK.
- An end without TLS's closing word counts as the end of an upload, though anybody on the way can forge it.

This leans on private names: the version is pinned, and tests fail when one of them moves.
"""

import errno
import socket
import sys
from contextlib import suppress
from typing import Any

import structlog
from pyftpdlib.exceptions import FilesystemError, _RetryError
from pyftpdlib.handlers import DTPHandler, TLS_DTPHandler
from pyftpdlib.handlers.ftp.dispatchers import PassiveDTP

from innkeeper.interfaces.ftps.storage import RoomFile
from innkeeper.interfaces.ftps.tls import is_closed_well

logger = structlog.get_logger(__name__)

_RECORD = 16 * 1024  # of TLS: OpenSSL sends and receives one at a time
_PORTIONS = 16


def no_log(*_: object, **__: object) -> None:
    """In place of pyftpdlib's log: what people do is recorded by the room."""


class Transfer(DTPHandler):
    """One transfer, without TLS as far as this class is concerned."""

    ac_in_buffer_size = 64 * 1024
    ac_out_buffer_size = _RECORD

    def recv(self, buffer_size: int) -> Any:
        """Other than pyftpdlib's, tells a connection that was reset from one that was closed."""
        try:
            data = self.socket.recv(buffer_size)
        except BlockingIOError as error:
            raise _RetryError from error
        except OSError:
            self._abort("Connection lost")
            return b""
        if not data:
            self.handle_close()
        return data

    def handle_close(self) -> None:
        """The client has closed the connection, or all is sent."""
        if self._closed:
            return
        is_whole = self.cmd_channel.is_in and (
            is_closed_well(self.socket) if self.receive else not self.producer_fifo
        )
        if not is_whole:
            self._abort("Connection closed before the end")
            return
        if isinstance(self.file_obj, RoomFile):
            self.file_obj.finish()
        super().handle_close()

    def _abort(self, words: str) -> None:
        if not self._closed:
            self._resp = (f"426 {words}; transfer aborted.", no_log)
            self.close()


class DataConnection(TLS_DTPHandler, Transfer):
    """One transfer; what TLS leaves open goes on to `Transfer`."""

    def __init__(self, sock: socket.socket, cmd_channel: Any) -> None:
        self.timeout = cmd_channel.settings.transfer_timeout
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, cmd_channel)

    def modify_ioloop_events(self, events: int, logdebug: bool = False) -> None:  # noqa: FBT001
        if self._ssl_accepting and self._ssl_want_read and not self._ssl_want_write:
            events = self.ioloop.READ
            with suppress(OSError):
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        super().modify_ioloop_events(events, logdebug)

    def initiate_send(self) -> None:
        """Send while the socket takes it: pyftpdlib asks the kernel before each record."""
        for _ in range(_PORTIONS):
            super().initiate_send()
            if self._closed or self._ssl_want_write or self._ssl_want_read or not self.producer_fifo:
                return

    def close(self) -> None:
        """Say TLS's closing word only to a guest who is still here.

        After a cut it cannot be sent, and pyftpdlib would try again and again, and keep the connection.
        """
        if self.cmd_channel._closed or not self.cmd_channel.is_in:
            self._error = True
        super().close()

    def handle_timeout(self) -> None:
        """Without TLS's closing word as well: whoever reads nothing would never take it."""
        self._error = self.get_transmitted_bytes() <= self._lastdata
        super().handle_timeout()

    def handle_error(self) -> None:
        """Refused or failed halfway. TLS's closing word is kept back, so that nobody takes it for whole."""
        error = sys.exc_info()[1]
        self._error = True
        if isinstance(error, FilesystemError):
            self._abort(str(error))
        else:
            logger.error("An FTP transfer failed unexpectedly.", exc_info=error)
            self._abort("The server failed")


class PassivePort(PassiveDTP):
    """The port on which the server waits for a data connection."""

    def __init__(self, cmd_channel: Any, extmode: bool = False) -> None:  # noqa: FBT001
        self.timeout = cmd_channel.settings.passive_timeout
        super().__init__(cmd_channel, extmode)

    def bind(self, addr: tuple[str, int]) -> None:
        """pyftpdlib takes any port when the configured ones are busy; a firewall would not let clients in."""
        if self.cmd_channel.passive_ports and not addr[1]:
            raise OSError(errno.EADDRNOTAVAIL, "no passive port is free")
        super().bind(addr)

    def handle_timeout(self) -> None:
        self.close()
        self.cmd_channel.forget_waiting()
        self.cmd_channel.respond("425 No data connection was opened in time.")
