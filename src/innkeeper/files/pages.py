"""Sorted pages of a folder, however many names it holds: each looks at all of them, and keeps its own."""

import heapq
import os
from collections.abc import Iterator

from innkeeper.files.room import Room
from innkeeper.files.trees import Found, children
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor

SORTS = ("name", "-name", "size", "-size", "modified", "-modified")
_KEY_PARTS = 3
_Key = tuple[str, ...]


def page(
    room: Room, folder: str, *, limit: int, cursor: str | None = None, sort: str = "name", text: str = ""
) -> Page[Found]:
    """The next page, folders first, as far as this user may see it. Raises BadCursor.

    `text` is a part of the name, whatever its case.
    """
    after = tuple(str(part) for part in decode_cursor(cursor, _KEY_PARTS)) if cursor else None
    found = _wanted(room, folder, sort, text.casefold(), after)
    choose = heapq.nlargest if sort.startswith("-") else heapq.nsmallest
    rows = choose(limit + 1, found, key=lambda row: row[0])
    shown = rows[:limit]
    more = encode_cursor(shown[-1][0]) if len(rows) > limit else None
    return Page([found for _, found in shown], more)


def _wanted(
    room: Room, folder: str, sort: str, text: str, after: _Key | None
) -> Iterator[tuple[_Key, Found]]:
    is_down = sort.startswith("-")
    for found in children(room, folder):
        key = _key(found, sort)
        is_behind = after is None or (key < after if is_down else key > after)
        if is_behind and text in found.entry.name.casefold():
            yield key, found


def _key(found: Found, sort: str) -> _Key:
    """Texts that sort as the values do. The name is told by its bytes, since not every name is UTF-8."""
    folders_first = "01"[found.is_folder == sort.startswith("-")]
    value = ""
    if sort.endswith("size"):
        value = f"{found.entry.status.st_size:020d}"
    elif sort.endswith("modified"):
        value = f"{max(0, found.entry.status.st_mtime_ns):024d}"
    else:
        value = os.fsencode(found.entry.name.casefold()).decode("latin-1")
    return folders_first, value, os.fsencode(found.entry.name).decode("latin-1")
