"""CSV files of users: UTF-8 with or without a mark, `,` `;` or tab, read row by row in bounded memory.

Row numbers are line numbers: the line of the file where the row begins, so that people find it.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from innkeeper.sources.columns import KNOWN, BadFile, Columns, columns_of, normal

DELIMITERS = (",", ";", "\t")
LONGEST_LINE = 1_000_000
MARK = b"\xef\xbb\xbf"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the line where it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class UserFile:
    """An open file: its columns, and its rows to be read once."""

    columns: Columns
    rows: Iterator[Row]


@contextmanager
def open_users(path: Path, *, ignore_unknown_columns: bool = False) -> Iterator[UserFile]:
    """Open a file of users; this and reading its rows raise BadFile."""
    with path.open("rb") as file:
        lines = _lines(file)
        first = _header_line(lines)
        skipped = 1 if first.startswith("sep=") and first[4:5] in DELIMITERS else 0
        delimiter = first[4] if skipped else _delimiter(first)
        rows = _rows(lines if skipped else _again(first, lines), delimiter, skipped)
        header = next(rows, None)
        if header is None:
            raise BadFile("line 2: expected a header with the names of user fields")
        columns = columns_of(header.cells, ignore_unknown=ignore_unknown_columns)
        yield UserFile(columns, rows)


def _lines(file: BinaryIO) -> Iterator[str]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            raw = _without_mark(raw)
        if len(raw) > LONGEST_LINE:
            raise BadFile(
                "line %(line)s: longer than %(limit)s bytes; expected one row a line",
                line=number,
                limit=LONGEST_LINE,
            )
        try:
            yield raw.decode()
        except UnicodeDecodeError as error:
            raise BadFile(
                "line %(line)s: byte %(place)s is %(byte)s; expected text encoded as UTF-8",
                line=number,
                place=error.start + 1,
                byte=f"0x{raw[error.start]:02x}",
            ) from error


def _without_mark(raw: bytes) -> bytes:
    if raw.startswith(WIDE_MARKS):
        raise BadFile(
            "line 1: byte 1 is %(byte)s, as in UTF-16; expected text encoded as UTF-8", byte=f"0x{raw[0]:02x}"
        )
    return raw.removeprefix(MARK)


def _header_line(lines: Iterator[str]) -> str:
    first = next(lines, "")
    if not first.strip():
        raise BadFile("line 1: empty; expected a header with the names of user fields")
    return first


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    """The delimiter under which the header names most fields; the comma when none does better."""

    def known(delimiter: str) -> tuple[int, int]:
        cells = header.split(delimiter)
        return sum(normal(cell.strip('"\r\n')) in KNOWN for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def _rows(lines: Iterator[str], delimiter: str, skipped: int) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1 + skipped
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadFile(
                "line %(line)s: %(found)s; expected cells in closed quotes, rows that end in LF or CRLF",
                line=begins,
                found=str(error),
            ) from error
        if cells is None:
            return
        if any(cells) and any(map(str.strip, cells)):
            yield Row(begins, cells)
        begins = reader.line_num + 1 + skipped
