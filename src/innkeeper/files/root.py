"""The directory that holds the files of the site. Nothing outside it can be reached by any path.

Only regular files and folders exist for the site: whatever else lies on the disk (links, pipes, sockets,
devices) is as good as absent.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from innkeeper.domain.paths import ROOT, ancestors
from innkeeper.files.kernel import Opener, choose_opener, rename_without_replacing
from innkeeper.files.local import LocalFile
from innkeeper.files.storage import Entry

# Uploads that are not complete lie here: on the disk where they will be, and out of sight of every door.
UPLOADS = ".innkeeper-uploads"
_UPLOADS_PATH = f"/{UPLOADS}"
_FOLDER = os.O_PATH | os.O_DIRECTORY
# A pipe would block the whole process on opening, a terminal would become ours.
_CAREFULLY = os.O_NONBLOCK | os.O_NOCTTY


class FolderScan:
    """An iterator over one open folder; closed at its end, or by hand."""

    def __init__(self, descriptor: int, wanted: Callable[[str], bool]) -> None:
        self._descriptor = descriptor
        self._found = os.scandir(descriptor)
        self._wanted = wanted

    def __iter__(self) -> "FolderScan":
        return self

    def __next__(self) -> Entry:
        for item in self._found:
            if self._wanted(item.name) and (entry := _entry(item)):
                return entry
        self.close()
        raise StopIteration

    def __enter__(self) -> "FolderScan":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder; twice is the same as once."""
        self._found.close()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class Root:
    """Storage on a local disk. Every verb takes site paths; the kernel keeps each of them inside."""

    is_slow = False

    def __init__(self, base: str | os.PathLike[str]) -> None:
        self._descriptor = os.open(base, _FOLDER | os.O_CLOEXEC)
        self._opener: Opener = choose_opener(self._descriptor)

    def close(self) -> None:
        """Let go of the directory."""
        os.close(self._descriptor)

    def probe(self) -> None:
        """Raise OSError if the disk is gone."""
        os.fstatvfs(self._descriptor)

    def open_file(self, path: str, flags: int) -> LocalFile:
        """Open a regular file; the flags are those of open(2)."""
        descriptor = self._open(path, flags | _CAREFULLY, 0o640)
        try:
            _require_regular(os.fstat(descriptor), path)
        except OSError:
            os.close(descriptor)
            raise
        return LocalFile(descriptor)

    def stat(self, path: str) -> os.stat_result:
        """The status of a file or folder."""
        descriptor = self._open(path, os.O_PATH)
        try:
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if not _belongs(status):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return status

    def scan(self, path: str, wanted: Callable[[str], bool]) -> FolderScan:
        """The wanted names of a folder, one by one, in the order of the disk; never all in memory."""
        if path == ROOT:
            return FolderScan(
                self._open(path, os.O_RDONLY | os.O_DIRECTORY), lambda name: name != UPLOADS and wanted(name)
            )
        return FolderScan(self._open(path, os.O_RDONLY | os.O_DIRECTORY), wanted)

    def make_folder(self, path: str) -> None:
        """Create one folder."""
        with self._holder(path) as (folder, name):
            os.mkdir(name, 0o750, dir_fd=folder)

    def make_way(self, path: str) -> None:
        """Create a folder and those above it, as far as they are missing."""
        for folder in (*reversed(list(ancestors(path))), path):
            if folder != ROOT:
                with suppress(FileExistsError):
                    self.make_folder(folder)

    def remove_folder(self, path: str) -> None:
        """Remove one empty folder."""
        with self._holder(path) as (folder, name):
            os.rmdir(name, dir_fd=folder)

    def delete(self, path: str) -> None:
        """Remove one file."""
        with self._holder(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    def rename(self, path: str, new_path: str) -> None:
        """Move to a name that must be free."""
        with self._holder(path) as (source_folder, source), self._holder(new_path) as (folder, name):
            rename_without_replacing(source_folder, os.fsencode(source), folder, os.fsencode(name))

    def replace(self, path: str, new_path: str) -> None:
        """Move to a name, and put out what had it."""
        with self._holder(path) as (source_folder, source), self._holder(new_path) as (folder, name):
            os.rename(source, name, src_dir_fd=source_folder, dst_dir_fd=folder)

    def truncate(self, path: str, size: int) -> None:
        """Set the size of a file."""
        file = self.open_file(path, os.O_WRONLY)
        try:
            file.truncate(size)
        finally:
            file.close()

    def set_times(self, path: str, accessed: float, modified: float) -> None:
        """Set the times of a file or folder."""
        descriptor = self._open(path, os.O_RDONLY | _CAREFULLY)
        try:
            os.utime(descriptor, (accessed, modified))
        finally:
            os.close(descriptor)

    def open_upload(self, name: str) -> LocalFile:
        """The upload of this name, new or begun before, for reading and writing."""
        with suppress(FileExistsError):
            os.mkdir(UPLOADS, 0o700, dir_fd=self._descriptor)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        return LocalFile(os.open(f"{UPLOADS}/{name}", flags, 0o640, dir_fd=self._descriptor))

    def finish_upload(self, name: str, path: str, *, may_replace: bool) -> None:
        """Put a complete upload in its place, all at once; raises FileExistsError if it may not replace."""
        with self._holder(path) as (folder, target):
            if may_replace:
                os.rename(f"{UPLOADS}/{name}", target, src_dir_fd=self._descriptor, dst_dir_fd=folder)
            else:
                source = os.fsencode(f"{UPLOADS}/{name}")
                rename_without_replacing(self._descriptor, source, folder, os.fsencode(target))

    def drop_upload(self, name: str) -> None:
        """Forget an upload; twice is the same as once."""
        with suppress(FileNotFoundError):
            os.unlink(f"{UPLOADS}/{name}", dir_fd=self._descriptor)

    def drop_old_uploads(self, before: float) -> int:
        """Forget uploads that nobody has written to since (seconds of the epoch); answers how many."""
        try:
            folder = os.open(UPLOADS, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._descriptor)
        except FileNotFoundError:
            return 0
        with FolderScan(folder, lambda _: True) as found:
            old = [entry.name for entry in found if entry.status.st_mtime < before]
        for name in old:
            self.drop_upload(name)
        return len(old)

    def _open(self, path: str, flags: int, mode: int = 0) -> int:
        _require_site(path)
        return self._opener(self._descriptor, os.fsencode(path[1:]) or b".", flags, mode)

    @contextmanager
    def _holder(self, path: str) -> Iterator[tuple[int, str]]:
        """The open folder that holds this path, and the name within it."""
        _require_site(path)
        folder, _, name = path.rpartition("/")
        if not name:
            raise OSError(errno.EBUSY, "the root cannot be changed", path)
        descriptor = self._open(folder, _FOLDER)
        try:
            yield descriptor, name
        finally:
            os.close(descriptor)


def _entry(item: os.DirEntry[str]) -> Entry | None:
    with suppress(FileNotFoundError):  # deleted since the disk named it
        status = item.stat(follow_symlinks=False)
        return Entry(item.name, status) if _belongs(status) else None
    return None


def _require_site(path: str) -> None:
    if path == _UPLOADS_PATH or path.startswith(f"{_UPLOADS_PATH}/"):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def _belongs(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)


def _require_regular(status: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
