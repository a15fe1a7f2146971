"""SCP on a storage that is slow: each operation in a thread, while the loop serves the others."""

import os
from collections.abc import AsyncIterator
from typing import cast

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.stream import SSHServerStreamSession

from innkeeper.files.handles import Mode, OpenFile
from innkeeper.files.room import Room
from innkeeper.interfaces.sftp.scp import ScpFiles, listed, told_as_sftp
from innkeeper.kit.threads import in_thread


def patient_scp_session(
    room: Room, channel: asyncssh.SSHServerChannel[bytes]
) -> SSHServerStreamSession[bytes]:
    """A session that answers one `scp` command."""
    files = PatientScpFiles(room)

    session = _Session(files)
    session.connection_made(channel)
    return session


class PatientScpFiles:
    """The operations of `ScpFiles`, each of them awaited."""

    def __init__(self, room: Room) -> None:
        self.is_cut = False
        self._files = ScpFiles(room)
        self._room = room

    async def stat(self, path: bytes) -> os.stat_result:
        return await in_thread(self._files.stat, path)

    async def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        await in_thread(self._files.setstat, path, attrs)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        with told_as_sftp():
            listing = await in_thread(self._room.list, os.fsdecode(path))
            try:
                while entries := await in_thread(listing.take, 128):
                    for entry in entries:
                        yield listed(entry)
            finally:
                listing.close()

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        await in_thread(self._files.mkdir, path, attrs)

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> OpenFile:
        return await in_thread(self._files.open, path, pflags, attrs)

    async def read(self, file: OpenFile, offset: int, size: int) -> bytes:
        return await in_thread(self._files.read, file, offset, size)

    async def write(self, file: OpenFile, offset: int, data: bytes) -> int:
        return await in_thread(self._files.write, file, offset, data)

    async def close(self, file: OpenFile) -> None:
        """A file that the client has stopped sending is closed too, and must not appear."""
        if self.is_cut and file.mode & Mode.WRITE:
            await in_thread(file.abandon)
        else:
            await in_thread(self._files.close, file)

    def exit(self) -> None:
        """Nothing is left to do; files are closed one by one."""


class _Session(SSHServerStreamSession[bytes]):
    """Notices the end of what the client says: after a whole file it waits for an answer first."""

    def __init__(self, files: PatientScpFiles) -> None:
        def offered(_: SSHChannel[bytes]) -> asyncssh.SFTPServer:
            return cast("asyncssh.SFTPServer", files)

        super().__init__(None, offered, allow_scp=True)
        self._patient_files = files

    def eof_received(self) -> bool:
        self._patient_files.is_cut = True
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._patient_files.is_cut = True
        super().connection_lost(exc)
