"""Files and folders as pyftpdlib asks for them; each request is one verb of the room.

Paths are those of the room throughout: pyftpdlib's "file system paths" and "FTP paths" are the same here.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from pyftpdlib.exceptions import FilesystemError
from pyftpdlib.filesystems import AbstractedFS

from innkeeper.domain import paths
from innkeeper.files.handles import Listing, Mode, OpenFile
from innkeeper.files.room import Room
from innkeeper.files.storage import Entry
from innkeeper.interfaces.ftps.listings import Form
from innkeeper.interfaces.ftps.wording import told_as_ftp

_READ_AT_ONCE = 256 * 1024
_LISTED_AT_ONCE = 128
_MODES = {
    "rb": Mode.READ,
    "wb": Mode.WRITE | Mode.CREATE | Mode.TRUNCATE,
    "ab": Mode.WRITE | Mode.CREATE | Mode.APPEND,
    "r+b": Mode.WRITE,
}


class RoomFile:
    """An open file in the form of Python's files: with a place, which moves on.

    Closing it reports a broken transfer, unless it was finished before.
    """

    def __init__(self, file: OpenFile, name: str) -> None:
        self.name = name
        self.closed = False
        self._file = file
        self._offset = 0

    def read(self, _: int) -> memoryview:
        """The next portion, larger than asked for: what sends it cuts it without copying."""
        with told_as_ftp():
            data = self._file.read(self._offset, _READ_AT_ONCE)
        self._offset += len(data)
        return memoryview(data)

    def write(self, data: bytes) -> None:
        with told_as_ftp():
            self._file.write(self._offset, data)
        self._offset += len(data)

    def seek(self, offset: int) -> None:
        self._offset = offset

    def finish(self) -> None:
        """The transfer is complete. Raises FilesystemError: some storages put the file only now."""
        with told_as_ftp():
            self._file.close()
        self.closed = True

    def close(self) -> None:
        self.closed = True
        self._file.abandon()


class RoomFiles(AbstractedFS):
    """The room behind one control connection."""

    def __init__(self, room: Room, cmd_channel: Any) -> None:
        super().__init__(paths.ROOT, cmd_channel)
        self.room = room
        self.cwd = self._home()

    def ftp2fs(self, ftppath: str) -> str:
        """The canonical path; raises FilesystemError."""
        if "\n" in ftppath or "\r" in ftppath:
            raise FilesystemError("Names with line breaks cannot be told over FTP")
        with told_as_ftp():
            return self.room.resolve(ftppath if ftppath.startswith("/") else f"{self.cwd}/{ftppath}")

    def fs2ftp(self, fspath: str) -> str:
        return fspath

    def validpath(self, path: str) -> bool:
        """Every path lies within the room."""
        return True

    def realpath(self, path: str) -> str:
        return path

    def open(self, filename: str, mode: str) -> RoomFile:
        with told_as_ftp():
            return RoomFile(self.room.open(filename, _MODES[mode]), filename)

    def chdir(self, path: str) -> None:
        with told_as_ftp():
            self.room.list(path).close()
        self.cwd = path

    def mkdir(self, path: str) -> None:
        with told_as_ftp():
            self.room.make_folder(path)

    def rmdir(self, path: str) -> None:
        with told_as_ftp():
            self.room.remove_folder(path)

    def remove(self, path: str) -> None:
        with told_as_ftp():
            self.room.delete(path)

    def rename(self, src: str, dst: str) -> None:
        """A file that has the new name is put out, as at most FTP servers."""
        with told_as_ftp():
            self.room.replace(src, dst)

    def stat(self, path: str) -> os.stat_result:
        with told_as_ftp():
            return self.room.stat(path)

    def lstat(self, path: str) -> os.stat_result:
        return self.stat(path)

    def utime(self, path: str, timeval: float) -> None:
        with told_as_ftp():
            self.room.set_times(path, timeval, timeval)

    def isfile(self, path: str) -> bool:
        return self._is(path, stat.S_IFREG)

    def isdir(self, path: str) -> bool:
        return self._is(path, stat.S_IFDIR)

    def islink(self, path: str) -> bool:
        return False

    def lexists(self, path: str) -> bool:
        return self._is(path, stat.S_IFREG) or self._is(path, stat.S_IFDIR)

    def getsize(self, path: str) -> int:
        return self.stat(path).st_size

    def getmtime(self, path: str) -> float:
        return self.stat(path).st_mtime

    def entry(self, path: str) -> Entry:
        """One file or folder as it stands in listings; raises FilesystemError."""
        return Entry(paths.name(path) or "/", self.stat(path))

    def lines(self, path: str, form: Form) -> Iterator[bytes]:
        """The entries of a folder, or a file by itself, in this form; raises FilesystemError at once."""
        entry = self.entry(path)
        if not stat.S_ISDIR(entry.status.st_mode):
            return iter((form(entry),))
        with told_as_ftp():
            return _portions(self.room.list(path), form)

    def _home(self) -> str:
        """Where the user starts, or the top where that folder is not there."""
        home = self.room.resolve("")
        return home if self._is(home, stat.S_IFDIR) else paths.ROOT

    def _is(self, path: str, kind: int) -> bool:
        try:
            return stat.S_IFMT(self.stat(path).st_mode) == kind
        except FilesystemError:
            return False


def _portions(listing: Listing, form: Form) -> Iterator[bytes]:
    with closing(listing):
        while True:
            with told_as_ftp():
                entries = listing.take(_LISTED_AT_ONCE)
            if not entries:
                return
            yield b"".join(map(form, entries))
