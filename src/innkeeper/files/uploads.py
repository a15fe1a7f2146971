"""A file on its way in that takes its place only when it is complete, and all at once."""

from collections.abc import Callable
from contextlib import suppress

from innkeeper.domain.errors import Forbidden
from innkeeper.files.presence import Presence
from innkeeper.files.reports import FileReport, FileVerb, Report
from innkeeper.files.storage import Storage


class Upload:
    """Takes data in order. Until `commit` nobody sees it, and a file that has the name stays as it is.

    An upload of the same name goes on where the last one stopped, which `kept` has let lie.
    """

    def __init__(
        self,
        room: Presence,
        root: Storage,
        name: str,
        path: str,
        *,
        may_put: Callable[[str], bool],
        put: Callable[[str, str], bool],
        report: Report,
        forget: Callable[["Upload"], None],
    ) -> None:
        self.path = path
        self._room = room
        self._root = root
        self._name = name
        self._may_put = may_put
        self._put = put
        self._report = report
        self._forget = forget
        self._access = room.access
        self._file = root.open_upload(name)
        self._is_open = True
        self.size = self._file.stat().st_size
        self._received = 0

    def write(self, data: bytes | memoryview) -> None:
        """Add to the end. Raises Forbidden when the permission has been taken away, and RoomEnded."""
        self._ask()
        self._file.write(self.size, data)
        written = len(data)
        self.size += written
        self._received += written
        self._room.bytes_in += written

    def commit(self, *, modified: float | None = None) -> bool:
        """Put the file in its place; true if it is new there.

        Raises Forbidden when the permission has been taken away, or someone else has put a file there that
        the user may not replace.
        """
        self._ask()
        if modified is not None:
            self._file.set_times(modified, modified)
        is_new = self._put(self._name, self.path)
        self._close()
        self._report(self._summary(is_complete=True))
        return is_new

    def keep(self) -> None:
        """Stop here for now; the same name goes on later."""
        self._close()

    def abandon(self) -> None:
        """Stop, and forget what has come."""
        if self._is_open:
            self._close()
            self._root.drop_upload(self._name)
            self._report(self._summary(is_complete=False))

    def _ask(self) -> None:
        access = self._room.enter()
        if access is not self._access:
            if not self._may_put(self.path):
                raise Forbidden("the permission for this file was taken away")
            self._access = access

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            with suppress(OSError):
                self._file.close()
            self._forget(self)

    def _summary(self, *, is_complete: bool) -> FileReport:
        return FileReport(
            verb=FileVerb.UPLOAD,
            path=self.path,
            size=self.size,
            transferred=self._received,
            is_complete=is_complete,
        )
