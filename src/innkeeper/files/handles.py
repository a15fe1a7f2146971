"""An open file and an open listing. Both ask again whenever the rights of their room have changed."""

import os
from collections.abc import Callable
from contextlib import suppress
from enum import IntFlag

from innkeeper.domain.errors import Forbidden, Refused
from innkeeper.files.presence import Presence
from innkeeper.files.reports import FileReport, FileVerb, Report
from innkeeper.files.storage import Entry, Scan, StoredFile


class Mode(IntFlag):
    """How a file is opened; the meanings are those of open(2)."""

    READ = 1
    WRITE = 2
    APPEND = 4
    CREATE = 8
    TRUNCATE = 16
    EXCLUSIVE = 32


class OpenFile:
    """One file being read or written at any offset. Reported once, when it is closed."""

    def __init__(
        self,
        room: Presence,
        file: StoredFile,
        path: str,
        mode: Mode,
        *,
        may_still: Callable[[str, Mode], bool],
        report: Report,
        forget: Callable[["OpenFile"], None],
    ) -> None:
        self.path = path
        self.mode = mode
        self._room = room
        self._access = room.access
        self._file = file
        self._is_open = True
        self._is_whole = True
        self._may_still = may_still
        self._report = report
        self._forget = forget
        self._received = 0
        self._sent = 0

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes; empty at the end of the file."""
        self._ask(Mode.READ)
        data = self._file.read(offset, size)
        self._sent += len(data)
        self._room.bytes_out += len(data)
        return data

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Put all of the data at the offset, or at the end of a file opened for appending."""
        self._ask(Mode.WRITE)
        try:
            self._file.write(offset, data)
        except OSError:
            self._is_whole = False
            raise
        written = len(data)
        self._received += written
        self._room.bytes_in += written

    def truncate(self, size: int) -> None:
        """Set the size."""
        self._ask(Mode.WRITE)
        self._file.truncate(size)

    def set_times(self, accessed: float, modified: float) -> None:
        """Set the times."""
        self._ask(Mode.WRITE)
        self._file.set_times(accessed, modified)

    def stat(self) -> os.stat_result:
        """The status at this moment."""
        self._room.enter()
        return self._file.stat()

    def sync(self) -> None:
        """Have the disk keep what was written, even without power."""
        self._room.enter()
        self._file.sync()

    def close(self) -> None:
        """The user is done with the file. Raises what `write` would: some storages put it only now.

        After a `write` that failed they do not put it at all.
        """
        if not self._is_whole:
            self.abandon()
        if not self._is_open:
            return
        if self.mode & Mode.WRITE:
            self._ask_or_abandon()
        size = self._let_go()
        try:
            self._file.close()
        except OSError:
            self._report(self._summary(size, is_complete=False))
            raise
        self._report(self._summary(size, is_complete=bool(self.mode & Mode.WRITE) or self._sent >= size))

    def abandon(self) -> None:
        """The connection is gone, the file was still open."""
        if self._is_open:
            size = self._let_go()
            self._file.abandon()
            self._report(self._summary(size, is_complete=False))

    def _ask(self, use: Mode) -> None:
        access = self._room.enter()
        if not self.mode & use:
            raise Forbidden("the file was not opened for this")
        if access is not self._access:
            if not self._may_still(self.path, self.mode):
                raise Forbidden("the permission for this file was taken away")
            self._access = access

    def _ask_or_abandon(self) -> None:
        try:
            self._ask(Mode.WRITE)
        except Refused:
            self.abandon()
            raise

    def _let_go(self) -> int:
        """Nobody else closes it from here on; answers the size."""
        self._is_open = False
        self._forget(self)
        with suppress(OSError):
            return self._file.stat().st_size
        return 0

    def _summary(self, size: int, *, is_complete: bool) -> FileReport:
        is_upload = bool(self.mode & Mode.WRITE)
        return FileReport(
            verb=FileVerb.UPLOAD if is_upload else FileVerb.DOWNLOAD,
            path=self.path,
            size=size,
            transferred=self._received if is_upload else self._sent,
            is_complete=is_complete,
        )


class Listing:
    """The names of one folder that this user may see, handed out in portions."""

    def __init__(
        self,
        room: Presence,
        folder: str,
        entries: Scan,
        shows: Callable[[str, str], bool],
    ) -> None:
        self._room = room
        self._folder = folder
        self._entries = entries
        self._shows = shows

    def take(self, count: int) -> list[Entry]:
        """The next entries, at most so many; empty at the end."""
        self._room.enter()
        taken: list[Entry] = []
        for entry in self._entries:
            if self._shows(self._folder, entry.name):
                taken.append(entry)
                if len(taken) == count:
                    break
        return taken

    def close(self) -> None:
        """Let go of the folder."""
        self._entries.close()

    def abandon(self) -> None:
        """The connection is gone, the listing was still open."""
        self.close()
