"""Entries of folders as lines, in the three forms of FTP."""

import stat
import time
from collections.abc import Callable

from innkeeper.files.storage import Entry

Form = Callable[[Entry], bytes]
FACTS = ("type", "size", "modify")

_HALF_A_YEAR = 182 * 24 * 3600
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def as_name(entry: Entry) -> bytes:
    """NLST: only the name."""
    return _bytes(entry.name) + b"\r\n"


def as_long_line(entry: Entry) -> bytes:
    """LIST: like `ls -l`, with made-up owners and permissions, and times in UTC."""
    is_folder = stat.S_ISDIR(entry.status.st_mode)
    mode = "drwxrwxr-x" if is_folder else "-rw-rw-r--"
    size = 0 if is_folder else entry.status.st_size
    return f"{mode} 1 files files {size:>12} {_date(entry.status.st_mtime)} ".encode() + as_name(entry)


def as_facts(facts: list[str]) -> Form:
    """MLSD and MLST: facts for programs (RFC 3659, section 7)."""

    def line(entry: Entry) -> bytes:
        known = facts_of(entry)
        return "".join(f"{fact}={known[fact]};" for fact in facts if fact in known).encode() + (
            b" " + as_name(entry)
        )

    return line


def facts_of(entry: Entry) -> dict[str, str]:
    """The facts that are told of an entry."""
    is_folder = stat.S_ISDIR(entry.status.st_mode)
    modified = time.strftime("%Y%m%d%H%M%S", time.gmtime(entry.status.st_mtime))
    facts = {"type": "dir" if is_folder else "file", "modify": modified}
    return facts if is_folder else facts | {"size": str(entry.status.st_size)}


def _date(seconds: float) -> str:
    moment = time.gmtime(seconds)
    is_recent = -3600 < time.time() - seconds < _HALF_A_YEAR
    tail = f"{moment.tm_hour:02}:{moment.tm_min:02}" if is_recent else f"{moment.tm_year:>5}"
    return f"{_MONTHS[moment.tm_mon - 1]} {moment.tm_mday:>2} {tail}"


def _bytes(name: str) -> bytes:
    """A line break in a name would look like the end of the entry."""
    return name.replace("\r", "?").replace("\n", "?").encode("utf-8", "surrogateescape")
