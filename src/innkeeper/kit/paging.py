"""Keyset pages: a cursor is the sort key of the last row seen, opaque to the reader."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Key = tuple[str | int | None, ...]


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


def decode_cursor(cursor: str, parts: int) -> Key:
    """Unpack a cursor of `parts` parts; raises BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadCursor(cursor) from error
    if not isinstance(key, list) or len(key) != parts:
        raise BadCursor(cursor)
    if not all(part is None or isinstance(part, str | int) for part in key):
        raise BadCursor(cursor)
    return tuple(key)
