"""A room: the guarded view of the disk that one connection holds.

Every verb asks whether the room is still open, then the access rule, then the disk, then reports. Paths go in
as this user writes them, seen from their root; reports carry site paths.
"""

import errno
import os
import stat
from collections.abc import Callable

from innkeeper.domain import paths
from innkeeper.domain.access import Ability, Access
from innkeeper.domain.errors import Forbidden, NotNow
from innkeeper.domain.texts import N_
from innkeeper.files.handles import Listing, Mode, OpenFile
from innkeeper.files.own import OwnUploads
from innkeeper.files.presence import Stay
from innkeeper.files.reports import FileReport, FileVerb, Report
from innkeeper.files.storage import Storage, StoredFile
from innkeeper.files.uploads import Upload
from innkeeper.files.view import View, not_found
from innkeeper.kit.clock import Clock, utc_now
from innkeeper.kit.ids import new_id

_MOVE = Ability.READ | Ability.DELETE
_THERE_ALREADY = N_("you may not change a file that is there already")
_COPIED_AT_ONCE = 256 * 1024


class Room(View):
    """What one connection does with the files of the site.

    `own` is shared by the rooms of one user, see `Live.own_uploads`. `is_registered` tells if Innkeeper
    knows the folder, or one below it, by name: such a folder has permissions or settings that would be lost
    with its name, so no door renames or removes it.
    """

    def __init__(
        self,
        root: Storage,
        stay: Stay,
        access: Access,
        *,
        report: Report,
        is_registered: Callable[[str], bool],
        own: OwnUploads | None = None,
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(root, stay, access, own or OwnUploads(), clock)
        self._report = report
        self._is_registered = is_registered
        self._open_files: set[OpenFile | Upload] = set()

    @property
    def is_slow(self) -> bool:
        """True if no verb may be called on the event loop, because a network lies before the files."""
        return self._root.is_slow

    @property
    def is_transferring(self) -> bool:
        """True while a file is open."""
        return bool(self._open_files)

    def stat(self, path: str) -> os.stat_result:
        """The status of a file or folder."""
        site = self._enter(path)
        status = self._root.stat(site)
        if not self._sees(site, status):
            raise not_found(path)
        return status

    def list(self, path: str) -> Listing:
        """The names in a folder that this user may see; of a blind drop box only their own uploads."""
        site = self._enter(path)
        if not (self._is_top(site) or self.access.may_enter(site)):
            self._refuse(site, path)
        self.current_path = site
        entries = self._root.scan(site, lambda name: self._shows(site, name))
        return Listing(self, site, entries, self._shows)

    def open(self, path: str, mode: Mode) -> OpenFile:
        """Open a file to read, to write or both."""
        site = self._enter(path)
        flags = self._flags(site, path, mode)
        try:
            file = self._root.open_file(site, flags)
        except FileExistsError:
            if mode & Mode.EXCLUSIVE:
                raise
            raise Forbidden(_THERE_ALREADY) from None
        if flags & os.O_EXCL:
            self._remember(site, file.stat())
        return self._opened(file, site, mode)

    def upload(self, path: str, *, name: str | None = None, is_exclusive: bool = False) -> Upload:
        """Begin a file that takes its place when it is complete, or go on with the upload of this name.

        With `is_exclusive` it never takes the place of another file.
        """
        site = self._enter(path)
        self._need_changeable(site)
        self._need_put(site, path, is_exclusive=is_exclusive)
        upload = Upload(
            self,
            self._root,
            name or new_id(),
            site,
            may_put=lambda at: self._may_put(at, is_exclusive=is_exclusive),
            put=lambda own, at: self._put(own, at, is_exclusive=is_exclusive),
            report=self._report,
            forget=self._forget,
        )
        self._open_files.add(upload)
        self.current_path = site
        return upload

    def copy(self, path: str, new_path: str, *, may_replace: bool = False) -> bool:
        """Copy a file; true if it is new there. The copy takes its place all at once."""
        source, status = self.open(path, Mode.READ), self.stat(path)
        try:
            upload = self.upload(new_path, is_exclusive=not may_replace)
            try:
                while data := source.read(upload.size, _COPIED_AT_ONCE):
                    upload.write(data)
                return upload.commit(modified=status.st_mtime)
            finally:
                upload.abandon()
        finally:
            source.close()

    def delete(self, path: str) -> None:
        """Remove a file."""
        site = self._enter(path)
        self._need_changeable(site)
        self._need(Ability.DELETE, site, path)
        status = self._root.stat(site)
        self._root.delete(site)
        self._report(FileReport(verb=FileVerb.DELETE, path=site, size=status.st_size))

    def make_folder(self, path: str) -> None:
        """Create a folder."""
        site = self._enter(path)
        self._need(Ability.CREATE, site, path)
        self._root.make_folder(site)
        self._remember(site, self._root.stat(site))
        self._report(FileReport(verb=FileVerb.MAKE_FOLDER, path=site))

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        site = self._enter(path)
        self._need_changeable(site)
        self._need(Ability.DELETE, site, path)
        self._need_unregistered(site)
        self._root.remove_folder(site)
        self._report(FileReport(verb=FileVerb.REMOVE_FOLDER, path=site))

    def rename(self, path: str, new_path: str) -> None:
        """Move a file or folder to a name that must be free."""
        source, target, status = self._may_move(path, new_path)
        self._root.rename(source, target)
        self._moved(source, target, status)

    def replace(self, path: str, new_path: str) -> None:
        """Move a file or folder; a file that has the new name is put out, if it may be changed."""
        source, target, status = self._may_move(path, new_path)
        if stat.S_ISDIR(status.st_mode) or not self._may_modify(target):
            self._root.rename(source, target)
        else:
            self._root.replace(source, target)
        self._moved(source, target, status)

    def truncate(self, path: str, size: int) -> None:
        """Set the size of a file."""
        site = self._enter(path)
        self._need_modify(site, path)
        self._root.truncate(site, size)

    def set_times(self, path: str, accessed: float, modified: float) -> None:
        """Set the times of a file or folder."""
        site = self._enter(path)
        self._need_modify(site, path)
        self._root.set_times(site, accessed, modified)

    def close(self) -> None:
        """The connection is gone: close what it left open. The room refuses everything from here on."""
        self.end("the connection was closed")
        for file in list(self._open_files):
            file.abandon()

    def _flags(self, site: str, path: str, mode: Mode) -> int:
        if mode & Mode.READ:
            self._need(Ability.READ, site, path)
        if mode & Mode.WRITE:
            return self._write_flags(site, path, mode)
        return os.O_RDONLY

    def _write_flags(self, site: str, path: str, mode: Mode) -> int:
        """Who may only create must find the name free; who may only modify must find it taken."""
        may_modify = self._may_modify(site)
        may_create = bool(mode & Mode.CREATE) and self._allows(Ability.CREATE, site)
        if not may_create and (not may_modify or mode & Mode.EXCLUSIVE):
            self._refuse(site, path)
        flags = os.O_RDWR if mode & Mode.READ else os.O_WRONLY
        flags |= os.O_CREAT if may_create else 0
        flags |= os.O_EXCL if mode & Mode.EXCLUSIVE or not may_modify else 0
        flags |= os.O_TRUNC if mode & Mode.TRUNCATE else 0
        return flags | (os.O_APPEND if mode & Mode.APPEND else 0)

    def _need_put(self, site: str, path: str, *, is_exclusive: bool) -> None:
        """What `_write_flags` asks, of a file that comes whole."""
        try:
            status = self._root.stat(site)
        except FileNotFoundError:
            self._need(Ability.CREATE, site, path)
            self._root.stat(paths.parent(site))
            return
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not self._may_modify(site):
            self._need(Ability.CREATE, site, path)
            raise Forbidden(_THERE_ALREADY)
        if is_exclusive:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)

    def _may_put(self, site: str, *, is_exclusive: bool) -> bool:
        return self._allows(Ability.CREATE, site) or (not is_exclusive and self._may_modify(site))

    def _put(self, upload: str, site: str, *, is_exclusive: bool) -> bool:
        """Give a complete upload its name; true if nothing was there."""
        is_new = not self._is_there(site)
        if is_new and not self._allows(Ability.CREATE, site):
            self._refuse(site, site)
        may_replace = not is_new and not is_exclusive and self._may_modify(site)
        try:
            self._root.finish_upload(upload, site, may_replace=may_replace)
        except FileExistsError:
            if is_exclusive:
                raise
            raise Forbidden(_THERE_ALREADY) from None
        self._remember(site, self._root.stat(site))
        return is_new

    def _is_there(self, site: str) -> bool:
        try:
            self._root.stat(site)
        except FileNotFoundError:
            return False
        return True

    def _opened(self, file: StoredFile, site: str, mode: Mode) -> OpenFile:
        opened = OpenFile(
            self, file, site, mode, may_still=self._may_still, report=self._report, forget=self._forget
        )
        self._open_files.add(opened)
        self.current_path = site
        return opened

    def _may_still(self, site: str, mode: Mode) -> bool:
        may_read = not mode & Mode.READ or self._allows(Ability.READ, site)
        return may_read and (not mode & Mode.WRITE or self._may_modify(site))

    def _forget(self, file: OpenFile | Upload) -> None:
        self._open_files.discard(file)
        self.current_path = next((other.path for other in self._open_files), "")

    def _may_move(self, path: str, new_path: str) -> tuple[str, str, os.stat_result]:
        source, target = self._enter(path), self._enter(new_path)
        self._need_changeable(source)
        if not self._owns(source):
            self._need(_MOVE, source, path)
        self._need(Ability.CREATE, target, new_path)
        status = self._root.stat(source)
        if stat.S_ISDIR(status.st_mode):
            self._need_all_of(source)
            self._need_unregistered(source)
        return source, target, status

    def _need_all_of(self, folder: str) -> None:
        """A folder moves with all it holds, so what is needed for one file is needed everywhere in it."""
        if self.access.throughout(folder) & _MOVE != _MOVE:
            raise Forbidden("the folder holds folders that you may not move")

    def _need_unregistered(self, folder: str) -> None:
        if self._is_registered(folder):
            raise NotNow(
                "the folder, or one inside it, has permissions of its own:"
                " an administrator has to remove those before it can be renamed or removed"
            )

    def _moved(self, source: str, target: str, status: os.stat_result) -> None:
        self._own.move(source, target)
        report = FileReport(verb=FileVerb.RENAME, path=source, new_path=target, size=status.st_size)
        self._report(report)
