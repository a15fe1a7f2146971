"""What holds the files of a site: the one interface that rooms know, whatever lies behind it.

Paths are canonical site paths. Failures are those of a local disk: OSError with its number.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder with its status."""

    name: str
    status: os.stat_result


class Scan(Iterator[Entry], Protocol):
    """The entries of one folder, one by one; never all in memory."""

    def close(self) -> None:
        """Let go of the folder; twice is the same as once."""
        ...


class StoredFile(Protocol):
    """One open file."""

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes; empty at the end of the file."""
        ...

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Put all of the data at the offset, or at the end of a file opened for appending."""
        ...

    def truncate(self, size: int) -> None:
        """Set the size in bytes."""
        ...

    def set_times(self, accessed: float, modified: float) -> None:
        """Set the times, in seconds of the epoch."""
        ...

    def stat(self) -> os.stat_result:
        """The status at this moment."""
        ...

    def sync(self) -> None:
        """Have what was written survive a loss of power, as far as that is possible before `close`."""
        ...

    def close(self) -> None:
        """Done; what was written is in its place afterwards, or OSError is raised. Twice is once."""
        ...

    def abandon(self) -> None:
        """Let go without any claim to be complete: where files appear whole, this one does not appear."""
        ...


class Storage(Protocol):
    """The files and folders of a site, and the uploads that are not complete.

    `is_slow` means that a network lies between: no verb of it, or of its files, may be called on the event
    loop. A rename that is broken off may leave a file under both names there.
    """

    @property
    def is_slow(self) -> bool: ...

    def close(self) -> None:
        """Let go of it."""
        ...

    def probe(self) -> None:
        """Raise OSError if it cannot be reached now."""
        ...

    def open_file(self, path: str, flags: int) -> StoredFile:
        """Open a regular file; the flags are those of open(2)."""
        ...

    def stat(self, path: str) -> os.stat_result:
        """The status of a file or folder; `st_dev` and `st_ino` tell a file from any other."""
        ...

    def scan(self, path: str, wanted: Callable[[str], bool]) -> Scan:
        """The wanted names of a folder, one by one."""
        ...

    def make_folder(self, path: str) -> None:
        """Create one folder."""
        ...

    def make_way(self, path: str) -> None:
        """Create a folder and those above it, as far as they are missing."""
        ...

    def remove_folder(self, path: str) -> None:
        """Remove one empty folder."""
        ...

    def delete(self, path: str) -> None:
        """Remove one file."""
        ...

    def rename(self, path: str, new_path: str) -> None:
        """Move to a name that must be free."""
        ...

    def replace(self, path: str, new_path: str) -> None:
        """Move to a name, and put out what had it."""
        ...

    def truncate(self, path: str, size: int) -> None:
        """Set the size of a file."""
        ...

    def set_times(self, path: str, accessed: float, modified: float) -> None:
        """Set the times of a file or folder, in seconds of the epoch."""
        ...

    def open_upload(self, name: str) -> StoredFile:
        """The upload of this name, new or begun before, for reading and writing."""
        ...

    def finish_upload(self, name: str, path: str, *, may_replace: bool) -> None:
        """Put a complete upload in its place, all at once; raises FileExistsError if it may not replace."""
        ...

    def drop_upload(self, name: str) -> None:
        """Forget an upload; twice is the same as once."""
        ...

    def drop_old_uploads(self, before: float) -> int:
        """Forget uploads that nobody has written to since (seconds of the epoch); answers how many."""
        ...
