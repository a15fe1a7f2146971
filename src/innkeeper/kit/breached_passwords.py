"""A list of passwords that were stolen somewhere, looked up on disk: it has a billion lines.

The file is what the downloader of Have I Been Pwned writes (https://haveibeenpwned.com/Passwords): one line a
password, its SHA-1 in hexadecimal and a count, in order of the hashes.
"""

import hashlib
import os
import re
from pathlib import Path

LINE = re.compile(rb"([0-9A-Fa-f]{40})(:\d+)?\r?\n?")
# More than the longest line has.
WINDOW = 128
DIGITS = 40


class BadBreachedFile(Exception):
    """The file cannot be read as such a list; one line for an administrator."""


class BreachedPasswords:
    """The file, open for as long as the process lives. `holds` may be called from any thread."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDONLY)
            self._size = os.fstat(self._file).st_size
            first = os.pread(self._file, WINDOW, 0).splitlines(keepends=True)
        except OSError as error:
            raise BadBreachedFile(f"{path}: {error.strerror}") from error
        if not first or not LINE.fullmatch(first[0]):
            os.close(self._file)
            raise BadBreachedFile(f"{path}: line 1: expected a SHA-1 in hexadecimal, a colon and a count")

    def holds(self, text: str) -> bool:
        """True when the password is on the list."""
        wanted = hashlib.sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest().encode()
        low, high = 0, self._size
        while low < high:
            start, found = self._line_from((low + high) // 2)
            if start >= high or found is None:
                high = (low + high) // 2
            elif found < wanted:
                low = start + 1
            elif found > wanted:
                high = (low + high) // 2
            else:
                return True
        return False

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)

    def _line_from(self, place: int) -> tuple[int, bytes | None]:
        """Where the first line begins that does not begin before this place, and its hash."""
        start = max(place - 1, 0)
        window = os.pread(self._file, 2 * WINDOW, start)
        if place > 0:
            end = window.find(b"\n")
            if end < 0:
                return self._size, None
            start, window = start + end + 1, window[end + 1 :]
        found = window[:DIGITS].lower()
        return start, found if len(found) == DIGITS else None
