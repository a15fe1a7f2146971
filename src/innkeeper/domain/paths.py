"""Paths of the site: absolute, canonical, with '/' as the root and between names, the same at every door.

A canonical path starts with '/', has no empty, '.' or '..' part, ends in no '/', and is in Unicode form NFC.
Names that are no UTF-8 on the disk travel as surrogate escapes (PEP 383), so listing them never fails.
"""

from collections.abc import Iterator
from unicodedata import normalize as unicode_form

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import Text

ROOT = "/"
MAX_PATH_BYTES = 4000
MAX_NAME_BYTES = 255


def normalize(path: str) -> str:
    """The canonical form of a path; purely lexical, and '..' cannot pass the root. Raises Invalid."""
    if not path.isascii():
        path = unicode_form("NFC", path)
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return _checked("/" + "/".join(parts))


def parent(path: str) -> str:
    """The folder that holds this path; the root is its own parent."""
    return path[: path.rfind("/")] or ROOT


def name(path: str) -> str:
    """The last part; empty for the root."""
    return path[path.rfind("/") + 1 :]


def join(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"/{name}" if folder == ROOT else f"{folder}/{name}"


def is_within(path: str, folder: str) -> bool:
    """True for the folder itself and everything below it."""
    return folder == ROOT or path == folder or path.startswith(folder + "/")


def ancestors(path: str) -> Iterator[str]:
    """The folders above, nearest first, the root last."""
    while path != ROOT:
        path = parent(path)
        yield path


def below(path: str, folder: str) -> str:
    """What a path within a folder is called when that folder is taken for the root."""
    return path if folder == ROOT else path[len(folder) :] or ROOT


def above(path: str, folder: str) -> str:
    """The inverse of `below`: a path inside the folder, named from the root of the site."""
    if folder == ROOT:
        return path
    return folder if path == ROOT else folder + path


def _checked(path: str) -> str:
    if "\0" in path:
        raise _problem(path, Text("no NUL character"))
    if len(path) <= MAX_NAME_BYTES and path.isascii():
        return path
    try:
        encoded = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise _problem(path, Text("text that can be written as UTF-8")) from None
    if len(encoded) > MAX_PATH_BYTES:
        raise _problem(path, Text("at most %(limit)s bytes", {"limit": MAX_PATH_BYTES}))
    if any(len(part) > MAX_NAME_BYTES for part in encoded.split(b"/")):
        raise _problem(path, Text("names of at most %(limit)s bytes", {"limit": MAX_NAME_BYTES}))
    return path


def _problem(path: str, expected: Text) -> Invalid:
    return Invalid(Problem("path", path, expected))
