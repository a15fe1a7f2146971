"""One channel of a connection: it becomes an SFTP session or an SCP run, and nothing else."""

from typing import Protocol

import asyncssh

from innkeeper.files.room import Room
from innkeeper.interfaces.sftp.channel import LeanChannel
from innkeeper.interfaces.sftp.handler import SftpHandler
from innkeeper.interfaces.sftp.patient import PatientHandler
from innkeeper.interfaces.sftp.patient_scp import patient_scp_session
from innkeeper.interfaces.sftp.scp import scp_session
from innkeeper.interfaces.sftp.transport import LeanConnection

_ONLY_FILES = b"This server transfers files by SFTP and SCP only.\n"


class Inner(Protocol):
    """What a channel does once it is known what the client wants of it."""

    def session_started(self) -> None: ...
    def data_received(self, data: bytes, datatype: int | None) -> None: ...
    def eof_received(self) -> bool: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...


class FileSession(asyncssh.SSHServerSession[bytes]):
    """Passes everything on, and pauses when either the client's window or the socket is full."""

    def __init__(self, room: Room, connection: LeanConnection) -> None:
        self._room = room
        self._connection = connection
        self._inner: Inner | None = None
        self._window_is_full = False

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        assert isinstance(chan, LeanChannel)
        self._channel = chan
        self._connection.flows.add(self)

    def subsystem_requested(self, subsystem: str) -> bool:
        if subsystem == "sftp":
            handler = PatientHandler if self._room.is_slow else SftpHandler
            self._inner = handler(self._room, self._channel)
        return self._inner is not None

    def exec_requested(self, command: str) -> bool:
        if command.startswith("scp "):
            session = patient_scp_session if self._room.is_slow else scp_session
            self._inner = session(self._room, self._channel)
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        if self._inner is None:
            self._channel.write(_ONLY_FILES, asyncssh.EXTENDED_DATA_STDERR)
            self._channel.exit(1)
            return
        self._inner.session_started()
        if self._connection.is_full:
            self._inner.pause_writing()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if self._inner is not None:
            self._inner.data_received(data, datatype)

    def eof_received(self) -> bool:
        return self._inner is not None and self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.flows.discard(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """The client's window is full."""
        self._window_is_full = True
        self._pause()

    def resume_writing(self) -> None:
        """The client's window has room again."""
        self._window_is_full = False
        self._resume()

    def hold(self) -> None:
        """The socket is full."""
        self._pause()

    def release(self) -> None:
        """The socket has room again."""
        self._resume()

    def _pause(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def _resume(self) -> None:
        if self._inner is not None and not self._window_is_full and not self._connection.is_full:
            self._inner.resume_writing()
