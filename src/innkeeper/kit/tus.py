"""Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): requests in, answers out.

What is uploaded, and by whom it may be, is known to the store behind it.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
CONTENT = "application/offset+octet-stream"
_FIXED = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_LARGEST = 1 << 62
BUSY = "another request writes this upload"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of an upload is there, in bytes, and until when it may go on."""

    offset: int
    length: int
    expires_at: datetime


class Busy(Exception):
    """Another request writes this upload."""


class WrongOffset(Exception):
    """The upload has another size than the client thinks."""


class Store(Protocol):
    """The uploads of one caller. Every verb may refuse in its own way."""

    async def begin(self, length: int, metadata: Mapping[str, str]) -> str:
        """Make room for an upload; answers its token."""
        ...

    async def progress(self, token: str) -> Progress:
        """How far it is."""
        ...

    async def append(self, token: str, offset: int, data: AsyncIterator[bytes]) -> Progress:
        """Go on at the offset; raises Busy and WrongOffset."""
        ...

    async def drop(self, token: str) -> None:
        """Forget it."""
        ...


def options() -> Response:
    """What is spoken here."""
    return Response(status_code=204, headers={**_FIXED, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS})


async def create(request: Request, store: Store, base: str) -> Response:
    """POST: an upload is begun, with its first bytes if the client sends some."""
    _require_version(request)
    length = _number(request, "upload-length")
    token = await store.begin(length, metadata_of(request.headers.get("upload-metadata", "")))
    headers = {"Location": f"{base}/{token}"}
    if request.headers.get("content-type") != CONTENT and length:
        return Response(status_code=201, headers=_FIXED | headers | _told(await store.progress(token)))
    progress = await _appended(request, store, token, 0, length)
    return Response(status_code=201, headers=_FIXED | headers | _told(progress))


async def head(request: Request, store: Store, token: str) -> Response:
    """HEAD: how far it is."""
    _require_version(request)
    progress = await _progress(store, token)
    headers = _FIXED | _told(progress) | {"Upload-Length": str(progress.length)}
    return Response(status_code=200, headers=headers)


async def patch(request: Request, store: Store, token: str) -> Response:
    """PATCH: more bytes."""
    _require_version(request)
    if request.headers.get("content-type") != CONTENT:
        raise HTTPException(415, f"expected the content type {CONTENT}")
    progress = await _progress(store, token)
    progress = await _appended(request, store, token, _number(request, "upload-offset"), progress.length)
    return Response(status_code=204, headers=_FIXED | _told(progress))


async def delete(request: Request, store: Store, token: str) -> Response:
    """DELETE: the client does not want it any more."""
    _require_version(request)
    try:
        await store.drop(token)
    except Busy as error:
        raise HTTPException(423, BUSY) from error
    return Response(status_code=204, headers=_FIXED)


def metadata_of(header: str) -> dict[str, str]:
    """Pairs of a key and a value in base64, parted by commas."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True)
        except binascii.Error as error:
            raise HTTPException(400, f"Upload-Metadata: the value of {key[:40]!r} is no base64") from error
        found[key] = text.decode("utf-8", "surrogateescape")
    return found


async def _progress(store: Store, token: str) -> Progress:
    try:
        return await store.progress(token)
    except Busy as error:
        raise HTTPException(423, BUSY) from error


async def _appended(request: Request, store: Store, token: str, offset: int, length: int) -> Progress:
    if offset + int(request.headers.get("content-length", "0") or 0) > length:
        raise HTTPException(413, "the body is longer than what is left of the upload")
    try:
        return await store.append(token, offset, _body(request, length - offset))
    except WrongOffset as error:
        raise HTTPException(409, "Upload-Offset is not the size of the upload; ask for it") from error
    except Busy as error:
        raise HTTPException(423, BUSY) from error


async def _body(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body, to its end or to where the connection broke: what came is kept."""
    try:
        async for piece in request.stream():
            most -= len(piece)
            if most < 0:
                raise HTTPException(413, "the body is longer than what is left of the upload")
            yield piece
    except ClientDisconnect:
        return


def _told(progress: Progress) -> dict[str, str]:
    expires = format_datetime(progress.expires_at, usegmt=True)
    return {"Upload-Offset": str(progress.offset), "Upload-Expires": expires}


def _require_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise HTTPException(412, f"expected Tus-Resumable: {VERSION}", {"Tus-Version": VERSION})


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _LARGEST):
        raise HTTPException(400, f"{name}: expected a number of bytes")
    return int(text)
