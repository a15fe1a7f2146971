"""Whole folders through a room: every step is one of its verbs, so that nothing is done that may not be."""

import errno
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from innkeeper.domain.errors import Forbidden, NotNow
from innkeeper.domain.paths import ROOT, is_within, join
from innkeeper.domain.texts import N_
from innkeeper.files.refusals import INTO_ITSELF
from innkeeper.files.room import Room
from innkeeper.files.storage import Entry

_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder below the one that was asked for, by the path this user has for it."""

    path: str
    entry: Entry

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.entry.status.st_mode)


def children(room: Room, folder: str) -> Iterator[Found]:
    """What a folder holds, as far as this user may see it; never all in memory."""
    with closing(room.list(folder)) as listing:
        while entries := listing.take(_AT_ONCE):
            for entry in entries:
                yield Found(join(folder, entry.name), entry)


def walk(room: Room, folder: str) -> Iterator[Found]:
    """All below a folder, each folder before what it holds; however deep it goes."""
    waiting = [folder]
    while waiting:
        for found in children(room, waiting.pop()):
            yield found
            if found.is_folder:
                waiting.append(found.path)


def delete(room: Room, path: str) -> None:
    """Remove a file, or a folder with all it holds; stops at the first thing that may not be removed."""
    if not stat.S_ISDIR(room.stat(path).st_mode):
        room.delete(path)
        return
    if room.resolve(path) == ROOT:
        raise Forbidden(N_("the top folder stays as it is"))
    full, waiting = list[str](), [path]
    while waiting:
        folder = waiting.pop()
        if not _was_empty(room, folder):
            full.append(folder)
            waiting += _emptied_of_files(room, folder)
    for folder in reversed(full):
        room.remove_folder(folder)


def copy(room: Room, path: str, new_path: str) -> None:
    """Copy a file, or a folder with all that may be read of it, to a name that is free."""
    if not stat.S_ISDIR(room.stat(path).st_mode):
        room.copy(path, new_path)
        return
    if is_within(room.resolve(new_path), room.resolve(path)):
        raise NotNow(INTO_ITSELF)
    waiting = [(path, new_path)]
    while waiting:
        source, target = waiting.pop()
        room.make_folder(target)
        for found in list(children(room, source)):
            there = join(target, found.entry.name)
            if found.is_folder:
                waiting.append((found.path, there))
            else:
                room.copy(found.path, there)


def _was_empty(room: Room, path: str) -> bool:
    """Remove the folder if nothing is in it: who may not look into it may still do that."""
    try:
        room.remove_folder(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def _emptied_of_files(room: Room, folder: str) -> list[str]:
    """Remove the files of a folder; answers the folders in it."""
    found = list(children(room, folder))
    for one in found:
        if not one.is_folder:
            room.delete(one.path)
    return [one.path for one in found if one.is_folder]
