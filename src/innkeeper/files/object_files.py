"""Open files of an object storage: read by ranges, or written to a local disk first and put when closed."""

import errno
import fcntl
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from innkeeper.files import big_objects
from innkeeper.files.bucket import Bucket, Object
from innkeeper.files.local import LocalFile
from innkeeper.files.object_status import (
    identity_in,
    kept_notes,
    make_status,
    new_identity,
    status_of,
    time_of,
    with_time,
)

_FIRST = 256 * 1024
_LONGEST = 4 * 1024 * 1024


class ObjectFile:
    """An object that is only read. What follows is fetched ahead, the more the longer one reads in order."""

    def __init__(self, bucket: Bucket, found: Object) -> None:
        self._bucket = bucket
        self._found = found
        self._start = 0
        self._data = b""
        self._window = _FIRST

    def read(self, offset: int, size: int) -> bytes:
        size = min(size, self._found.size - offset)
        if size <= 0:
            return b""
        data = self._held(offset, size)
        if len(data) < size:
            self._fetch(offset + len(data), size - len(data))
            data += self._held(offset + len(data), size - len(data))
        return data

    def write(self, offset: int, data: bytes | memoryview) -> None:
        raise _not_for_writing()

    def truncate(self, size: int) -> None:
        raise _not_for_writing()

    def set_times(self, accessed: float, modified: float) -> None:
        raise _not_for_writing()

    def stat(self) -> os.stat_result:
        return status_of(self._found)

    def sync(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        self._data = b""

    def abandon(self) -> None:
        self.close()

    def _held(self, offset: int, size: int) -> bytes:
        at = offset - self._start
        return self._data[at : at + size] if 0 <= at < len(self._data) else b""

    def _fetch(self, offset: int, size: int) -> None:
        is_in_order = offset == self._start + len(self._data)
        self._window = min(self._window * 2, _LONGEST) if is_in_order else _FIRST
        end = min(offset + max(size, self._window), self._found.size)
        self._data = b""
        self._data = self._bucket.read(self._found, offset, end)
        self._start = offset


class SpooledFile:
    """An object that is written to: changed in a local file without a name, and put all at once when closed.

    What was there before is fetched only when it is needed.
    """

    def __init__(self, bucket: Bucket, key: str, found: Object | None, *, flags: int, spool: Path) -> None:
        self._bucket = bucket
        self._key = key
        self._found = found
        self._is_exclusive = bool(flags & os.O_EXCL)
        self._is_changed = found is None or bool(flags & os.O_TRUNC)
        self._is_here = self._is_changed
        self._is_whole = True
        self._modified: float | None = None
        self._notes = new_identity() if found is None else kept_notes(found)
        self._local = _nameless(spool, flags)
        self._is_open = True
        self._lock = threading.Lock()

    def read(self, offset: int, size: int) -> bytes:
        with self._lock:
            self._bring()
            return self._local.read(offset, size)

    def write(self, offset: int, data: bytes | memoryview) -> None:
        with self._lock, self._all_or_nothing():
            self._bring()
            self._local.write(offset, data)
            self._modified = None

    def truncate(self, size: int) -> None:
        with self._lock, self._all_or_nothing():
            if size:
                self._bring()
            self._is_here = True
            self._local.truncate(size)
            self._modified = None

    def set_times(self, accessed: float, modified: float) -> None:
        self._modified = modified

    def stat(self) -> os.stat_result:
        size, modified = self._size_and_time()
        mode = stat.S_IFREG | 0o640
        return make_status(mode, identity_in(self._notes), size, self._modified or modified)

    def sync(self) -> None:
        """Only `close` puts it."""

    def close(self) -> None:
        with self._lock:
            if self._is_open:
                self._is_open = False
                try:
                    self._put()
                finally:
                    self._local.close()

    def abandon(self) -> None:
        with self._lock:
            self._is_open = False
            self._local.close()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """After a change that failed the file is not put at all."""
        was_whole, self._is_whole = self._is_whole, False
        yield
        self._is_whole = was_whole
        self._is_changed = True

    def _size_and_time(self) -> tuple[int, float]:
        with suppress(OSError):  # closed
            status = self._local.stat()
            if self._is_here:
                return status.st_size, status.st_mtime
        return (self._found.size, time_of(self._found)) if self._found else (0, 0)

    def _bring(self) -> None:
        """Fetch what was there before."""
        if not self._is_here:
            assert self._found is not None
            for start in range(0, self._found.size, _LONGEST):
                end = min(start + _LONGEST, self._found.size)
                self._local.write(start, self._bucket.read(self._found, start, end))
            self._is_here = True

    def _put(self) -> None:
        if not self._is_whole:
            raise OSError(errno.EIO, "not all of the file was received, so it was not kept")
        if self._is_changed:
            notes = with_time(self._notes, self._modified or self._local.stat().st_mtime)
            big_objects.send(self._bucket, self._key, self._local, notes, only_if_free=self._is_exclusive)
        elif self._modified is not None and self._found is not None:
            big_objects.copy(self._bucket, self._found, self._key, with_time(self._notes, self._modified))


def _nameless(spool: Path, flags: int) -> LocalFile:
    descriptor, name = tempfile.mkstemp(dir=spool)
    Path(name).unlink()
    if flags & os.O_APPEND:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
    return LocalFile(descriptor)


def _not_for_writing() -> OSError:
    return OSError(errno.EBADF, os.strerror(errno.EBADF))
