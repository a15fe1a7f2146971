"""From a header to fields, and from a row to the values that it wants."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from innkeeper.domain.checkers import Expected
from innkeeper.domain.errors import Problem, Refused, shorten
from innkeeper.domain.fields import CHECKERS, SECRET
from innkeeper.domain.texts import TOGETHER, Parameter, Text
from innkeeper.sources.cells import read_cell

# Columns of exports and of failed-rows files that nobody can set.
COMPUTED = (
    "id",
    "status",
    "source",
    "avatar",
    "reason",
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
    "suspended_at",
    "suspend_reason",
    "password_changed_at",
    "failed_logins",
    "locked_until",
    "last_login_at",
    "last_active_at",
)
NOISE = re.compile(r"[\s_-]+")


class BadFile(Refused):
    """The file as a whole cannot be taken; no row of it was."""

    code = "invalid_file"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file: the field of each, None for those to pass over."""

    header: tuple[str, ...]
    fields: tuple[str | None, ...]

    def values(self, cells: Sequence[str]) -> tuple[dict[str, Any], list[Text]]:
        """What a row wants, field by field, and what is wrong with its cells; empty cells say nothing."""
        if len(cells) != len(self.fields):
            return {}, [_miscounted(len(cells), len(self.fields))]
        values: dict[str, Any] = {}
        problems: list[Text] = []
        for field, text in zip(self.fields, cells, strict=True):
            if field is None or not text or text.isspace():
                continue
            try:
                values[field] = read_cell(field, text)
            except Expected as expected:
                problems.append(Problem(field, None if field in SECRET else text, expected.text).text)
        return values, problems

    def without_secrets(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The row's cells with those left empty that must not be kept in clear."""
        if SECRET.isdisjoint(self.fields):
            return tuple(cells)
        secret = {number for number, field in enumerate(self.fields) if field in SECRET}
        is_whole = len(cells) == len(self.fields)
        return tuple("" if number in secret or not is_whole else cell for number, cell in enumerate(cells))


def columns_of(header: Sequence[str], *, ignore_unknown: bool) -> Columns:
    """The columns that a header names; raises BadFile with everything that is wrong with it."""
    fields = tuple(KNOWN.get(normal(name)) for name in header)
    problems = _repeated(header, fields)
    if not ignore_unknown:
        problems += [
            _unknown(number, name) for number, name in enumerate(header, 1) if normal(name) not in KNOWN
        ]
    if "username" not in fields:
        problems.append(_nameless(header))
    if problems:
        raise BadFile(TOGETHER, texts=tuple(problems))
    return Columns(tuple(header), tuple(field if field in CHECKERS else None for field in fields))


def normal(name: str) -> str:
    """A column's name without case, spaces, hyphens and underscores."""
    return NOISE.sub("", name).casefold()


KNOWN = {normal(name): name for name in (*CHECKERS, *COMPUTED)}


def _miscounted(cells: int, columns: int) -> Text:
    return Text(
        "row: '%(cells)s cells' - expected %(columns)s cells, as many as the header has",
        {"cells": cells, "columns": columns},
    )


def _repeated(header: Sequence[str], fields: Sequence[str | None]) -> list[Text]:
    first: dict[str, int] = {}
    return [
        Text(
            "column %(number)s: %(name)s - expected one column for %(field)s; column %(first)s is another",
            {"number": number, "name": shorten(header[number - 1]), "field": field, "first": first[field]},
        )
        for number, field in enumerate(fields, 1)
        if field is not None and first.setdefault(field, number) != number
    ]


def _unknown(number: int, name: str) -> Text:
    found: dict[str, Parameter] = {"number": number, "name": shorten(name or "(no name)")}
    close = get_close_matches(normal(name), KNOWN, 1, 0.6)
    if close:
        return Text(
            "column %(number)s: %(name)s - expected the name of a user field (did you mean %(close)s?)",
            found | {"close": KNOWN[close[0]]},
        )
    return Text("column %(number)s: %(name)s - expected the name of a user field", found)


def _nameless(header: Sequence[str]) -> Text:
    return Text(
        "header: %(header)s - expected a column named username", {"header": shorten(", ".join(header)[:200])}
    )
