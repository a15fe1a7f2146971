"""SCP as spoken before OpenSSH 9 (`scp -O`): asyncssh speaks the protocol, the room does the work.

asyncssh hands every file operation to an object shaped like its own SFTP server. This one has only the
operations that SCP needs, each one verb of the room, so nothing can go past the room.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import cast

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.stream import SSHServerStreamSession

from innkeeper.domain.errors import Refused
from innkeeper.files.handles import Mode, OpenFile
from innkeeper.files.room import Room
from innkeeper.files.storage import Entry
from innkeeper.interfaces.sftp.packets import Status
from innkeeper.interfaces.sftp.statuses import status_of

_AT_ONCE = 128
_ERRORS: dict[Status, Callable[[str], asyncssh.SFTPError]] = {
    Status.NO_SUCH_FILE: asyncssh.SFTPNoSuchFile,
    Status.PERMISSION_DENIED: asyncssh.SFTPPermissionDenied,
}


def scp_session(room: Room, channel: asyncssh.SSHServerChannel[bytes]) -> SSHServerStreamSession[bytes]:
    """A session that answers one `scp` command."""

    def files(_: SSHChannel[bytes]) -> asyncssh.SFTPServer:
        return cast("asyncssh.SFTPServer", ScpFiles(room))

    session = SSHServerStreamSession[bytes](None, files, allow_scp=True)
    session.connection_made(channel)
    return session


class ScpFiles:
    """The file operations of SCP."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def stat(self, path: bytes) -> os.stat_result:
        with told_as_sftp():
            return self._room.stat(os.fsdecode(path))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Permissions are ours, so only the times count."""
        if attrs.atime is not None and attrs.mtime is not None:
            with told_as_sftp():
                self._room.set_times(os.fsdecode(path), attrs.atime, attrs.mtime)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        with told_as_sftp():
            listing = self._room.list(os.fsdecode(path))
        try:
            while entries := listing.take(_AT_ONCE):
                for entry in entries:
                    yield listed(entry)
        finally:
            listing.close()

    def mkdir(self, path: bytes, _: asyncssh.SFTPAttrs) -> None:
        with told_as_sftp():
            self._room.make_folder(os.fsdecode(path))

    def open(self, path: bytes, pflags: int, _: asyncssh.SFTPAttrs) -> OpenFile:
        with told_as_sftp():
            return self._room.open(os.fsdecode(path), Mode(pflags & 0x3F))

    def read(self, file: OpenFile, offset: int, size: int) -> bytes:
        with told_as_sftp():
            return file.read(offset, size)

    def write(self, file: OpenFile, offset: int, data: bytes) -> int:
        with told_as_sftp():
            file.write(offset, data)
        return len(data)

    def close(self, file: OpenFile) -> None:
        with told_as_sftp():
            file.close()

    def exit(self) -> None:
        """Nothing is left to do; files are closed one by one."""


def listed(entry: Entry) -> asyncssh.SFTPName:
    """One name of a folder."""
    return asyncssh.SFTPName(os.fsencode(entry.name), attrs=asyncssh.SFTPAttrs.from_local(entry.status))


@contextmanager
def told_as_sftp() -> Iterator[None]:
    """Errors in the form, and in the words, that asyncssh passes on to the client."""
    try:
        yield
    except (Refused, OSError) as error:
        code, words = status_of(error)
        raise _ERRORS.get(code, asyncssh.SFTPFailure)(words) from error
