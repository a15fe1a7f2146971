"""Objects as files: their times and their identity, which S3 has no words for, are kept in notes on them.

`mtime` is what rclone writes as well. `innkeeper-id` stays with a file through changes and renames, as the
number of an inode does; a file that is put anew gets another one.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping

from innkeeper.files.bucket import Object

_TIME = "mtime"
_IDENTITY = "innkeeper-id"
_LATEST = 1e11  # others may have noted anything, even what is no number


def new_identity() -> dict[str, str]:
    """The notes of a file that is new."""
    return {_IDENTITY: secrets.token_hex(7)}


def with_time(notes: Mapping[str, str], modified: float) -> dict[str, str]:
    """The notes with this time."""
    return {**notes, _TIME: f"{modified:.9f}"}


def kept_notes(found: Object) -> dict[str, str]:
    """The notes to go on with; what others have put gets the identity and the time that it was shown with."""
    return with_time({**found.notes, _IDENTITY: f"{_identity(found):014x}"}, time_of(found))


def time_of(found: Object) -> float:
    """When a file was changed, in seconds of the epoch."""
    try:
        noted = float(found.notes[_TIME])
    except (KeyError, ValueError):
        return found.modified
    return noted if abs(noted) < _LATEST else found.modified


def status_of(found: Object) -> os.stat_result:
    """The status of a file."""
    return make_status(stat.S_IFREG | 0o640, _identity(found), found.size, time_of(found))


def folder_status(key: str, modified: float) -> os.stat_result:
    """The status of a folder."""
    return make_status(stat.S_IFDIR | 0o750, _hashed(key), 0, modified)


def make_status(mode: int, identity: int, size: int, modified: float) -> os.stat_result:
    """A status with one time for all."""
    seconds = int(modified)
    exact = int(modified * 1_000_000_000)
    times = {f"st_{name}": modified for name in ("atime", "mtime", "ctime")}
    times |= {f"st_{name}_ns": exact for name in ("atime", "mtime", "ctime")}
    return os.stat_result((mode, identity, 0, 1, 0, 0, size, seconds, seconds, seconds), times)


def identity_in(notes: Mapping[str, str]) -> int:
    """The number of the file that has these notes."""
    return int(notes[_IDENTITY], 16)


def _identity(found: Object) -> int:
    try:
        return identity_in(found.notes)
    except (KeyError, ValueError):
        return _hashed(f"{found.key}\0{found.tag}")


def _hashed(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big")
