"""Folders as one ZIP archive, made while it is sent: nothing of it lies on a disk or whole in memory."""

import io
import time
import zipfile
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import suppress

from innkeeper.domain import paths
from innkeeper.domain.errors import Refused
from innkeeper.files.handles import Mode, OpenFile
from innkeeper.files.presence import RoomEnded
from innkeeper.files.room import Room
from innkeeper.files.storage import Entry
from innkeeper.files.trees import Found, walk
from innkeeper.kit.threads import in_thread

_PIECE = 256 * 1024
_LEVEL = 1
# A ZIP entry knows the years 1980 to 2107 (APPNOTE 4.4.6).
_FIRST, _LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


class _Outbox(io.RawIOBase):
    """Takes what zipfile writes and gives it away again; it cannot be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # whatever is a buffer
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


async def archive(room: Room, chosen: Sequence[str]) -> AsyncGenerator[bytes, None]:
    """The chosen files and folders, with all below them that may be read; the rest is left out.

    Raises RoomEnded when the room ends in the middle.
    """
    pieces = zipped(room, chosen)
    try:
        while (piece := await in_thread(next, pieces, None)) is not None:
            yield piece
    finally:
        pieces.close()


def zipped(room: Room, chosen: Sequence[str]) -> Generator[bytes, None, None]:
    """The same, for threads: pieces of about 256 KiB."""
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for path in chosen:
            top = Found(room.resolve(path), Entry(paths.name(path), room.stat(path)))
            for found in _below(room, top):
                yield from _added(room, archive, outbox, found, paths.parent(top.path))
    yield outbox.take()


def _below(room: Room, top: Found) -> Iterator[Found]:
    if top.path != paths.ROOT:
        yield top
    if top.is_folder:
        with suppress(OSError):
            yield from walk(room, top.path)


def _added(room: Room, archive: zipfile.ZipFile, outbox: _Outbox, found: Found, base: str) -> Iterator[bytes]:
    info = zipfile.ZipInfo(_name(paths.below(found.path, base)), _date(found.entry.status.st_mtime))
    info.compress_type = zipfile.ZIP_DEFLATED
    if found.is_folder:
        info.filename += "/"
        info.external_attr = 0o40750 << 16 | 0x10
        archive.writestr(info, b"")
        return
    info.external_attr = 0o100640 << 16
    file = _opened(room, found.path)
    if file is None:
        return
    try:
        with archive.open(info, "w", force_zip64=True) as entry:
            at = 0
            while data := file.read(at, _PIECE):
                at += len(data)
                entry.write(data)
                yield outbox.take()
        file.close()
    finally:
        file.abandon()


def _opened(room: Room, path: str) -> OpenFile | None:
    """The file, unless it may not be read or has gone since its folder was listed."""
    try:
        return room.open(path, Mode.READ)
    except RoomEnded:
        raise
    except (Refused, OSError):
        return None


def _name(path: str) -> str:
    return path.lstrip("/").encode("utf-8", "replace").decode()


def _date(modified: float) -> tuple[int, int, int, int, int, int]:
    moment = time.gmtime(max(0, modified))
    date = (moment.tm_year, moment.tm_mon, moment.tm_mday, moment.tm_hour, moment.tm_min, moment.tm_sec)
    return min(max(date, _FIRST), _LAST)
