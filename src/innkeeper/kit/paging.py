"""Keyset pages: a cursor is the sort key of the last row seen, opaque to the reader."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
LARGEST = 2**63
Key = tuple[str | int, ...]


class BadCursor(ValueError):
    """The cursor was not made by this server for this kind of list."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list and the cursor of the next, None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None


def encode_cursor(key: Key) -> str:
    """Pack a sort key into URL-safe text."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, parts: int, kind: type[str | int] = str) -> Key:
    """Unpack a cursor of so many parts of one kind that a database can look for; raises BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor(cursor) from error
    if not isinstance(key, list) or len(key) != parts:
        raise BadCursor(cursor)
    if not all(isinstance(part, kind) and _can_be_sought(part) for part in key):
        raise BadCursor(cursor)
    return tuple(key)


def _can_be_sought(part: str | int) -> bool:
    if isinstance(part, int):
        return not isinstance(part, bool) and abs(part) < LARGEST
    return "\x00" not in part and part.encode("utf-8", "replace").decode() == part
