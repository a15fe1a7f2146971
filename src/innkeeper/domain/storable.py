"""What every database can hold, whichever way it came in."""

from collections.abc import Iterable
from math import isfinite

from innkeeper.domain.texts import N_

LARGEST_INTEGER = 2**63


def unstorable(value: object) -> str | None:
    """What would be right instead of a JSON value that cannot be stored; None when it can."""
    if isinstance(value, str):
        expected = _bad_text(value)
    elif isinstance(value, dict):
        expected = _first_bad([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        expected = _first_bad(value)
    elif isinstance(value, int):
        is_small = -LARGEST_INTEGER <= value < LARGEST_INTEGER
        expected = None if is_small else N_("whole numbers of at most 64 bits")
    elif isinstance(value, float):
        expected = None if isfinite(value) else N_("numbers that JSON knows")
    else:
        expected = None
    return expected


def _first_bad(values: Iterable[object]) -> str | None:
    return next((expected for value in values if (expected := unstorable(value)) is not None), None)


def _bad_text(text: str) -> str | None:
    if "\x00" in text:
        return N_("text without NUL characters")
    is_unicode = text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    return None if is_unicode else N_("text that can be written as UTF-8")
