"""How much may lie in a folder and below: counted as files grow, and measured anew now and then.

A storage in front of another one, so that no door can write past it. What other nodes write is known here
from the next measurement on.
"""

import errno
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from stat import S_ISDIR

from innkeeper.domain.paths import ancestors, join
from innkeeper.files.storage import Scan, Storage, StoredFile

_WRITING = os.O_WRONLY | os.O_RDWR


class Quotas:
    """The limits in bytes by path, and what lies there. Safe to use from any thread."""

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def set_limits(self, limits: Mapping[str, int]) -> list[str]:
        """Put the limits of now in place; answers the folders that have not been measured yet."""
        with self._lock:
            self._limits = dict(limits)
            self._used = {path: used for path, used in self._used.items() if path in limits}
            return [path for path in limits if path not in self._used]

    @property
    def folders(self) -> list[str]:
        """The folders with a limit."""
        return list(self._limits)

    def used(self, folder: str) -> int | None:
        """The bytes in a folder with a limit; None before they were measured."""
        return self._used.get(folder)

    def set_used(self, folder: str, size: int) -> None:
        """What was measured."""
        with self._lock:
            if folder in self._limits:
                self._used[folder] = size

    def above(self, path: str) -> frozenset[str]:
        """The folders with a limit that hold this path."""
        if not self._limits:
            return frozenset()
        return frozenset(folder for folder in (path, *ancestors(path)) if folder in self._limits)

    def charge(self, folders: frozenset[str], size: int) -> None:
        """So many bytes more, or less; raises OSError (EDQUOT) where that is too many, and counts nothing."""
        with self._lock:
            if size > 0 and any(self._is_full(folder, size) for folder in folders):
                raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
            for folder in folders & self._used.keys():
                self._used[folder] = max(0, self._used[folder] + size)

    def _is_full(self, folder: str, size: int) -> bool:
        limit, used = self._limits.get(folder), self._used.get(folder)
        return limit is not None and used is not None and used + size > limit


class LimitedFile:
    """A file that is written to in folders with a limit."""

    def __init__(self, file: StoredFile, charge: Callable[[int], None], size: int, *, appends: bool) -> None:
        self._file = file
        self._charge = charge
        self._size = size
        self._appends = appends
        self.read = file.read
        self.set_times = file.set_times
        self.stat = file.stat
        self.sync = file.sync
        self.close = file.close
        self.abandon = file.abandon

    def write(self, offset: int, data: bytes | memoryview) -> None:
        end = (self._size if self._appends else offset) + len(data)
        grown = max(0, end - self._size)
        if grown:
            self._charge(grown)
            self._size = end
        self._file.write(offset, data)

    def truncate(self, size: int) -> None:
        self._charge(size - self._size)
        self._file.truncate(size)
        self._size = size


class LimitedStorage:
    """The same storage, with limits kept."""

    def __init__(self, storage: Storage, quotas: Quotas) -> None:
        self._storage = storage
        self._quotas = quotas
        self.close = storage.close
        self.probe = storage.probe
        self.stat = storage.stat
        self.make_folder = storage.make_folder
        self.make_way = storage.make_way
        self.remove_folder = storage.remove_folder
        self.set_times = storage.set_times
        self.open_upload = storage.open_upload
        self.drop_upload = storage.drop_upload
        self.drop_old_uploads = storage.drop_old_uploads

    @property
    def is_slow(self) -> bool:
        return self._storage.is_slow

    def scan(self, path: str, wanted: Callable[[str], bool]) -> Scan:
        return self._storage.scan(path, wanted)

    def open_file(self, path: str, flags: int) -> StoredFile:
        limited = self._quotas.above(path) if flags & _WRITING else frozenset()
        if not limited:
            return self._storage.open_file(path, flags)
        before = self._size(path)
        file = self._storage.open_file(path, flags)
        is_cut = bool(flags & os.O_TRUNC)
        if is_cut:
            self._quotas.charge(limited, -before)
        return LimitedFile(
            file,
            lambda grown: self._quotas.charge(limited, grown),
            0 if is_cut else before,
            appends=bool(flags & os.O_APPEND),
        )

    def truncate(self, path: str, size: int) -> None:
        limited = self._quotas.above(path)
        if limited:
            self._quotas.charge(limited, size - self._size(path))
        self._storage.truncate(path, size)

    def delete(self, path: str) -> None:
        limited = self._quotas.above(path)
        before = self._size(path) if limited else 0
        self._storage.delete(path)
        self._quotas.charge(limited, -before)

    def rename(self, path: str, new_path: str) -> None:
        self._move(path, new_path, self._storage.rename, replaced=0)

    def replace(self, path: str, new_path: str) -> None:
        replaced = self._size(new_path) if self._quotas.above(new_path) else 0
        self._move(path, new_path, self._storage.replace, replaced=replaced)

    def finish_upload(self, name: str, path: str, *, may_replace: bool) -> None:
        limited = self._quotas.above(path)
        grown = self._upload_size(name) - self._size(path) if limited else 0
        self._quotas.charge(limited, grown)
        try:
            self._storage.finish_upload(name, path, may_replace=may_replace)
        except OSError:
            self._quotas.charge(limited, -grown)
            raise

    def measure(self, folder: str) -> None:
        """Count what lies in a folder with a limit. Takes as long as to look at each file there."""
        self._quotas.set_used(folder, sum(self._sizes_below(folder)))

    def _move(self, path: str, new_path: str, move: Callable[[str, str], None], *, replaced: int) -> None:
        left, entered = self._quotas.above(path), self._quotas.above(new_path)
        if left == entered:
            move(path, new_path)
            self._quotas.charge(entered, -replaced)
            return
        size = self._tree_size(path)
        self._quotas.charge(entered - left, size)
        try:
            move(path, new_path)
        except OSError:
            self._quotas.charge(entered - left, -size)
            raise
        self._quotas.charge(left - entered, -size)
        self._quotas.charge(entered, -replaced)

    def _tree_size(self, path: str) -> int:
        status = self._storage.stat(path)
        return sum(self._sizes_below(path)) if S_ISDIR(status.st_mode) else status.st_size

    def _sizes_below(self, folder: str) -> Iterator[int]:
        waiting = [folder]
        while waiting:
            holder = waiting.pop()
            with suppress(FileNotFoundError, NotADirectoryError):
                for entry in self._storage.scan(holder, lambda _: True):
                    if S_ISDIR(entry.status.st_mode):
                        waiting.append(join(holder, entry.name))
                    else:
                        yield entry.status.st_size

    def _size(self, path: str) -> int:
        with suppress(FileNotFoundError, NotADirectoryError):
            return self._storage.stat(path).st_size
        return 0

    def _upload_size(self, name: str) -> int:
        file = self._storage.open_upload(name)
        try:
            return file.stat().st_size
        finally:
            file.close()
