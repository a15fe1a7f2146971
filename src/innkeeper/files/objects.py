"""The files of a site in an S3-compatible object storage.

A file is an object, a folder an empty one whose key ends in a slash; a folder is also there when something
lies below it. Objects are only ever put whole, so nothing half is visible; what is written first lies in the
spool, a local directory.
"""

import errno
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from innkeeper.domain import paths
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import Text
from innkeeper.files import big_objects, object_moves
from innkeeper.files.bucket import Bucket, Object
from innkeeper.files.local import LocalFile
from innkeeper.files.object_files import ObjectFile, SpooledFile
from innkeeper.files.object_scan import ObjectScan, looked_at, name_of
from innkeeper.files.object_status import (
    folder_status,
    kept_notes,
    new_identity,
    status_of,
    time_of,
    with_time,
)
from innkeeper.files.root import Root
from innkeeper.files.storage import Entry, StoredFile

_WRITING = os.O_WRONLY | os.O_RDWR
_LONGEST_KEY = 1024
# Bytes that are no UTF-8 come as lone surrogates. SeaweedFS takes a backslash for a slash, and so would lead
# a name past the folder whose rights were asked.
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
_WORKERS = 16


class ObjectStorage:
    """Storage in a part of a bucket; all its keys begin with `prefix`, which is empty or ends in a slash."""

    is_slow = True

    def __init__(
        self, bucket: Bucket, prefix: str, spool: Path, *, most_moved: int = object_moves.MOST
    ) -> None:
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._bucket = bucket
        self._prefix = prefix
        self._spool = spool
        self._uploads = Root(spool)
        self._pool = ThreadPoolExecutor(_WORKERS, "objects")
        self._most_moved = most_moved

    def close(self) -> None:
        self._pool.shutdown()
        self._uploads.close()
        self._bucket.close()

    def probe(self) -> None:
        self._bucket.page(self._prefix, most=1)

    def open_file(self, path: str, flags: int) -> StoredFile:
        key = self._key(path)
        found = self._file(path)
        if found is None:
            if not flags & os.O_CREAT:
                raise _error(errno.ENOENT, path)
            self._need_folder(paths.parent(path))
        elif flags & os.O_CREAT and flags & os.O_EXCL:
            raise _error(errno.EEXIST, path)
        if found is not None and not flags & _WRITING:
            return ObjectFile(self._bucket, found)
        return SpooledFile(self._bucket, key, found, flags=flags, spool=self._spool)

    def stat(self, path: str) -> os.stat_result:
        found = self._head(path)
        return self._folder(path) if found is None else status_of(found)

    def scan(self, path: str, wanted: Callable[[str], bool]) -> ObjectScan:
        self._need_folder(path)
        prefix = self._below(path)

        def look(key: str) -> Entry:
            name = name_of(key, prefix)
            if key.endswith("/"):
                return Entry(name, self._folder(paths.join(path, name)))
            return Entry(name, status_of(self._bucket.head(key)))

        return ObjectScan(self._bucket, prefix, wanted, lambda key: looked_at(partial(look, key)), self._pool)

    def make_folder(self, path: str) -> None:
        if self._is_there(path):
            raise _error(errno.EEXIST, path)
        self._need_folder(paths.parent(path))
        self._bucket.put(self._below(path), b"", {})

    def make_way(self, path: str) -> None:
        for folder in (*reversed(list(paths.ancestors(path))), path):
            if not self._is_there(folder):
                self._bucket.put(self._below(folder), b"", {})

    def remove_folder(self, path: str) -> None:
        self._need_changeable(path)
        self._need_folder(path)
        prefix = self._below(path)
        page = self._bucket.page(prefix, most=2)
        if page.folders or any(found.key != prefix for found in page.objects):
            raise _error(errno.ENOTEMPTY, path)
        self._bucket.delete(prefix)

    def delete(self, path: str) -> None:
        self._bucket.delete(self._need_file(path).key)

    def rename(self, path: str, new_path: str) -> None:
        self._need_changeable(path)
        found = self._head(path)
        if found is None:
            self._folder(path)
        if self._is_there(new_path):
            raise _error(errno.EEXIST, new_path)
        self._need_folder(paths.parent(new_path))
        if found is not None:
            object_moves.move_file(self._bucket, found, self._key(new_path), only_if_free=True)
        elif paths.is_within(new_path, path):
            raise _error(errno.EINVAL, new_path)
        else:
            old, new = self._below(path), self._below(new_path)
            object_moves.move_folder(self._bucket, self._pool, old, new, most=self._most_moved)

    def replace(self, path: str, new_path: str) -> None:
        found = self._head(path)
        if found is None:
            self.rename(path, new_path)
        elif path != new_path:
            if self._file(new_path) is None:
                self._need_folder(paths.parent(new_path))
            object_moves.move_file(self._bucket, found, self._key(new_path), only_if_free=False)

    def truncate(self, path: str, size: int) -> None:
        file = self.open_file(path, os.O_WRONLY)
        try:
            file.truncate(size)
            file.close()
        finally:
            file.abandon()

    def set_times(self, path: str, accessed: float, modified: float) -> None:
        """Objects know one time only; `accessed` is not kept."""
        found = self._head(path)
        if found is not None:
            notes = with_time(kept_notes(found), modified)
            big_objects.copy(self._bucket, found, found.key, notes)
        else:
            self._folder(path)
            self._bucket.put(self._below(path), b"", with_time({}, modified))

    def open_upload(self, name: str) -> LocalFile:
        return self._uploads.open_upload(name)

    def finish_upload(self, name: str, path: str, *, may_replace: bool) -> None:
        key = self._key(path)
        there = self._file(path)
        if there is None:
            self._need_folder(paths.parent(path))
        elif not may_replace:
            raise _error(errno.EEXIST, path)
        file = self._uploads.open_upload(name)
        try:
            notes = with_time(new_identity(), file.stat().st_mtime)
            big_objects.send(self._bucket, key, file, notes, only_if_free=not may_replace)
        finally:
            file.close()
        self._uploads.drop_upload(name)

    def drop_upload(self, name: str) -> None:
        self._uploads.drop_upload(name)

    def drop_old_uploads(self, before: float) -> int:
        return self._uploads.drop_old_uploads(before)

    def _key(self, path: str) -> str:
        key = self._prefix + path[1:]
        if _UNSTORABLE.search(path):
            raise Invalid(
                Problem("path", path, Text("names in UTF-8, without backslashes and control characters"))
            )
        length = len(key.encode())
        if length >= _LONGEST_KEY:
            raise _error(errno.ENAMETOOLONG, path)
        return key

    def _below(self, path: str) -> str:
        """What the keys of all that a folder holds begin with; also the key of the folder."""
        return self._prefix if path == paths.ROOT else f"{self._key(path)}/"

    def _head(self, path: str) -> Object | None:
        """The object of a file; None for folders and for nothing."""
        if path == paths.ROOT:
            return None
        try:
            return self._bucket.head(self._key(path))
        except FileNotFoundError:
            return None

    def _file(self, path: str) -> Object | None:
        """The object of a file; None where nothing is. Raises IsADirectoryError."""
        found = self._head(path)
        if found is None and self._is_folder(path):
            raise _error(errno.EISDIR, path)
        return found

    def _need_file(self, path: str) -> Object:
        found = self._file(path)
        if found is None:
            raise _error(errno.ENOENT, path)
        return found

    def _folder(self, path: str) -> os.stat_result:
        """The status of a folder; raises FileNotFoundError."""
        prefix = self._below(path)
        if path == paths.ROOT:
            return folder_status(prefix, 0)
        try:
            return folder_status(prefix, time_of(self._bucket.head(prefix)))
        except FileNotFoundError:
            page = self._bucket.page(prefix, most=1, by_folder=False)
        if not page.objects:
            raise _error(errno.ENOENT, path)
        return folder_status(prefix, page.objects[0].modified)

    def _is_folder(self, path: str) -> bool:
        try:
            self._folder(path)
        except FileNotFoundError:
            return False
        return True

    def _is_there(self, path: str) -> bool:
        return self._head(path) is not None or self._is_folder(path)

    def _need_folder(self, path: str) -> None:
        if not self._is_folder(path):
            raise _error(errno.ENOENT if self._head(path) is None else errno.ENOTDIR, path)

    def _need_changeable(self, path: str) -> None:
        if path == paths.ROOT:
            raise OSError(errno.EBUSY, "the root cannot be changed", path)


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
