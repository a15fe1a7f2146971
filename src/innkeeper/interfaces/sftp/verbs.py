"""The requests of SFTP version 3, each one verb of the room. Reading and writing are in the handler."""

from collections.abc import Callable

from innkeeper.files.handles import Mode
from innkeeper.files.room import Room
from innkeeper.interfaces.sftp.opened import MOST_OPEN, Opened
from innkeeper.interfaces.sftp.packets import (
    LONGEST_PACKET,
    LONGEST_TRANSFER,
    Change,
    Fields,
    Kind,
    Status,
    attributes,
    listed,
    pack_number,
    text,
)

Answer = tuple[Kind, bytes]

_LISTED_AT_ONCE = 128
EXTENSIONS = (b"posix-rename@openssh.com", b"fsync@openssh.com", b"limits@openssh.com")


class Verbs:
    """Answers every request but READ and WRITE."""

    def __init__(self, room: Room, opened: Opened) -> None:
        self._room = room
        self._opened = opened

    def answer(self, kind: int, fields: Fields) -> Answer:
        """Do what is asked; refusals and errors are raised."""
        verb = _VERBS.get(kind)
        return verb(self, fields) if verb else _unsupported()

    def open(self, fields: Fields) -> Answer:
        self._opened.require_space()
        file = self._room.open(fields.path(), Mode(fields.number() & 0x3F))
        return Kind.HANDLE, text(self._opened.add(file))

    def close(self, fields: Fields) -> Answer:
        self._opened.close(fields.text())
        return ok()

    def stat(self, fields: Fields) -> Answer:
        return Kind.ATTRS, attributes(self._room.stat(fields.path()))

    def fstat(self, fields: Fields) -> Answer:
        return Kind.ATTRS, attributes(self._opened.file(fields.text()).stat())

    def setstat(self, fields: Fields) -> Answer:
        path = fields.path()
        change = Change(fields)
        self._room.stat(path)
        if change.size is not None:
            self._room.truncate(path, change.size)
        if change.times:
            self._room.set_times(path, *change.times)
        return ok()

    def fsetstat(self, fields: Fields) -> Answer:
        file = self._opened.file(fields.text())
        change = Change(fields)
        if change.size is not None:
            file.truncate(change.size)
        if change.times:
            file.set_times(*change.times)
        return ok()

    def opendir(self, fields: Fields) -> Answer:
        self._opened.require_space()
        return Kind.HANDLE, text(self._opened.add(self._room.list(fields.path())))

    def readdir(self, fields: Fields) -> Answer:
        entries = self._opened.listing(fields.text()).take(_LISTED_AT_ONCE)
        if not entries:
            return status(Status.END, "")
        return Kind.NAME, pack_number(len(entries)) + b"".join(listed(entry) for entry in entries)

    def remove(self, fields: Fields) -> Answer:
        self._room.delete(fields.path())
        return ok()

    def mkdir(self, fields: Fields) -> Answer:
        self._room.make_folder(fields.path())
        return ok()

    def rmdir(self, fields: Fields) -> Answer:
        self._room.remove_folder(fields.path())
        return ok()

    def realpath(self, fields: Fields) -> Answer:
        self._room.enter()
        path = text(self._room.resolve(fields.path()).encode("utf-8", "surrogateescape"))
        return Kind.NAME, pack_number(1) + path + path + pack_number(0)

    def rename(self, fields: Fields) -> Answer:
        self._room.rename(fields.path(), fields.path())
        return ok()

    def extended(self, fields: Fields) -> Answer:
        verb = _EXTENDED.get(fields.text())
        return verb(self, fields) if verb else _unsupported()

    def replace(self, fields: Fields) -> Answer:
        self._room.replace(fields.path(), fields.path())
        return ok()

    def sync(self, fields: Fields) -> Answer:
        self._opened.file(fields.text()).sync()
        return ok()

    def limits(self, _: Fields) -> Answer:
        numbers = (LONGEST_PACKET, LONGEST_TRANSFER, LONGEST_TRANSFER, MOST_OPEN)
        return Kind.EXTENDED_REPLY, b"".join(number.to_bytes(8, "big") for number in numbers)


def ok() -> Answer:
    """It is done."""
    return status(Status.OK, "")


def status(code: Status, words: str) -> Answer:
    """A STATUS answer, in no language."""
    return Kind.STATUS, pack_number(code) + text(words.encode()) + text(b"")


def _unsupported() -> Answer:
    """Links and everything else that this door does not have."""
    return status(Status.UNSUPPORTED, "Operation unsupported")


_VERBS: dict[int, Callable[[Verbs, Fields], Answer]] = {
    Kind.OPEN: Verbs.open,
    Kind.CLOSE: Verbs.close,
    Kind.LSTAT: Verbs.stat,
    Kind.STAT: Verbs.stat,
    Kind.FSTAT: Verbs.fstat,
    Kind.SETSTAT: Verbs.setstat,
    Kind.FSETSTAT: Verbs.fsetstat,
    Kind.OPENDIR: Verbs.opendir,
    Kind.READDIR: Verbs.readdir,
    Kind.REMOVE: Verbs.remove,
    Kind.MKDIR: Verbs.mkdir,
    Kind.RMDIR: Verbs.rmdir,
    Kind.REALPATH: Verbs.realpath,
    Kind.RENAME: Verbs.rename,
    Kind.EXTENDED: Verbs.extended,
}
_EXTENDED: dict[bytes, Callable[[Verbs, Fields], Answer]] = dict(
    zip(EXTENSIONS, (Verbs.replace, Verbs.sync, Verbs.limits), strict=True)
)
