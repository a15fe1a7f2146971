"""A form with one large file (RFC 7578), written to its place on the disk while it arrives."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import Text
from innkeeper.interfaces.rest.bodies import BadBody

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LONGEST_FIELD = 1000
COMPLETE = "a complete multipart/form-data body"


@dataclass(slots=True)
class Upload:
    """What has arrived: short text fields, and the name of the file, None without one."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str | None = None


async def receive(request: Request, path: Path) -> Upload:
    """Read the whole form, the file into `path`; raises Invalid or BadBody, and then leaves no file."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if boundary is None:
        raise BadBody("multipart/form-data with a boundary")
    with path.open("wb") as file:
        try:
            return await _receive(request, boundary, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


async def _receive(request: Request, boundary: bytes, file: BinaryIO) -> Upload:
    form = _Form(file)
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for chunk in request.stream():
            await asyncio.to_thread(parser.write, chunk)
        parser.finalize()
    except FormParserError as error:
        raise BadBody(COMPLETE) from error
    if not form.is_complete:
        raise BadBody(COMPLETE)
    if form.upload.filename is None:
        raise Invalid(Problem("file", None, "a CSV file", "missing"))
    return form.upload


class _Form:
    """Takes what the parser finds, part by part."""

    def __init__(self, file: BinaryIO) -> None:
        self.upload = Upload()
        self.is_complete = False
        self._file = file
        self._name = ""
        self._value: bytearray | None = None
        self._header = b""
        self._header_value = b""
        self._disposition = b""

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._take_header,
            "on_header_value": self._take_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._take_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _end(self) -> None:
        self.is_complete = True

    def _begin_part(self) -> None:
        self._header = self._header_value = self._disposition = b""

    def _take_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header = self._header_value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name != "file":
            self._value = bytearray()
        elif self.upload.filename is not None:
            raise Invalid(Problem("file", None, "one file"))
        else:
            self._value = None
            self.upload.filename = _text(options.get(b"filename", b"")) or "users.csv"

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._value is None:
            self._file.write(data[start:end])
        elif len(self._value) + end - start > LONGEST_FIELD:
            raise Invalid(
                Problem(self._name, None, Text("at most %(limit)s bytes", {"limit": LONGEST_FIELD}))
            )
        else:
            self._value += data[start:end]

    def _end_part(self) -> None:
        if self._value is not None:
            self.upload.fields[self._name] = _text(bytes(self._value))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\x00", "")
