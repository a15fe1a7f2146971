"""The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02): numbers, and how values are laid out."""

import os
import stat
import struct
import time
from enum import IntEnum

from innkeeper.files.storage import Entry

VERSION = 3
LONGEST_TRANSFER = 255 * 1024
LONGEST_PACKET = 256 * 1024

unpack_number = struct.Struct(">I").unpack_from
unpack_position = struct.Struct(">QI").unpack_from
pack_number = struct.Struct(">I").pack
pack_header = struct.Struct(">IBI").pack

_SIZE, _OWNER, _PERMISSIONS, _TIMES = 1, 2, 4, 8
_pack_attributes = struct.Struct(">IQIII").pack
_HALF_A_YEAR = 182 * 24 * 3600


class Kind(IntEnum):
    """Packet types."""

    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    LSTAT = 7
    FSTAT = 8
    SETSTAT = 9
    FSETSTAT = 10
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    MKDIR = 14
    RMDIR = 15
    REALPATH = 16
    STAT = 17
    RENAME = 18
    READLINK = 19
    SYMLINK = 20
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Status(IntEnum):
    """Codes of a STATUS answer."""

    OK = 0
    END = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    UNSUPPORTED = 8


class BadPacket(ValueError):
    """The packet ends before its fields do."""


class Fields:
    """Reads the fields of one request in turn. What follows the last one is ignored, as OpenSSH does."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def long(self) -> int:
        return int.from_bytes(self._take(8), "big")

    def text(self) -> bytes:
        return self._take(self.number())

    def path(self) -> str:
        return os.fsdecode(self.text())

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise BadPacket(f"{count} bytes were announced, {len(taken)} are there")
        self._at += count
        return taken


class Change:
    """The attributes that a client wants to set; owner and permissions are ours, so these are dropped."""

    def __init__(self, fields: Fields) -> None:
        flags = fields.number()
        self.size = fields.long() if flags & _SIZE else None
        if flags & _OWNER:
            fields.long()
        if flags & _PERMISSIONS:
            fields.number()
        self.times = (fields.number(), fields.number()) if flags & _TIMES else None


def text(value: bytes) -> bytes:
    """A string with its length before it."""
    return pack_number(len(value)) + value


def attributes(status: os.stat_result) -> bytes:
    """Size, permissions and times."""
    flags = _SIZE | _PERMISSIONS | _TIMES
    return _pack_attributes(
        flags, status.st_size, status.st_mode, _moment(status.st_atime), _moment(status.st_mtime)
    )


def listed(entry: Entry) -> bytes:
    """One name of a NAME answer."""
    name = os.fsencode(entry.name)
    return text(name) + text(_long_name(name, entry.status)) + attributes(entry.status)


def _long_name(name: bytes, status: os.stat_result) -> bytes:
    """A line as `ls -l` has it; some clients show it as it is."""
    is_recent = abs(time.time() - status.st_mtime) < _HALF_A_YEAR
    date = time.strftime("%b %d %H:%M" if is_recent else "%b %d  %Y", time.gmtime(_moment(status.st_mtime)))
    mode = stat.filemode(status.st_mode)
    return f"{mode} {status.st_nlink:4} owner    group    {status.st_size:12} {date} ".encode() + name


def _moment(seconds: float) -> int:
    """Version 3 has room for 32 bits."""
    return min(max(int(seconds), 0), 0xFFFFFFFF)
