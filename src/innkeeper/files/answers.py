"""Long answers over HTTP that are made of files: they hold their room to the last byte, and can be cut."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from innkeeper.domain.errors import Refused, Stale
from innkeeper.domain.texts import N_
from innkeeper.files.handles import Mode
from innkeeper.files.room import Room
from innkeeper.files.streams import sent
from innkeeper.kit.http_ranges import UNCHANGED, etag, http_date, verdict, wanted_range
from innkeeper.kit.threads import in_thread

# Whatever a file holds, a browser runs nothing of it and guesses nothing about it.
HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


async def file_answer(
    room: Room, hold: AsyncExitStack, request: Request, path: str, headers: Mapping[str, str]
) -> Response:
    """The file, or the range of it that was asked for, or that it is unchanged; takes over the hold.

    `headers` say what the file is and how it is shown. Raises Stale, NotSatisfiable, and what rooms raise.
    """
    status = await in_thread(room.stat, path)
    _require_file(status, path)
    said = {**HARMLESS, "Cache-Control": "private, no-cache", **headers, **_version(status)}
    found = verdict(request.method, request.headers, status)
    if found == UNCHANGED:
        return Response(status_code=UNCHANGED, headers=said)
    if found is not None:
        raise Stale(N_("the file is not the one in the condition of the request"))
    if request.method == "HEAD":
        return Response(headers={**said, "Content-Length": str(status.st_size)})
    return await _opened(room, hold, request, path, said)


async def _opened(
    room: Room, hold: AsyncExitStack, request: Request, path: str, said: Mapping[str, str]
) -> Response:
    file = await in_thread(room.open, path, Mode.READ)
    hold.callback(file.abandon)
    status = await in_thread(file.stat)
    part = wanted_range(request.headers, status)
    start, end = part or (0, status.st_size)
    headers = {**said, **_version(status), "Content-Length": str(end - start)}
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{status.st_size}"
    code = 200 if part is None else 206
    return RoomStream(room, hold.pop_all(), sent(file, start, end), status=code, headers=headers)


def _version(status: os.stat_result) -> dict[str, str]:
    modified = http_date(status.st_mtime)
    return {"ETag": etag(status), "Last-Modified": modified, "Accept-Ranges": "bytes"}


def _require_file(status: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


class RoomStream(Response):
    """Pieces as they come. When the room ends meanwhile, the answer is never completed.

    The server then closes the connection, so that the client sees a broken transfer and not a short file.
    """

    def __init__(
        self,
        room: Room,
        hold: AsyncExitStack,
        pieces: AsyncGenerator[bytes, None],
        *,
        status: int = 200,
        headers: Mapping[str, str],
    ) -> None:
        self.status_code = status
        self.background = None
        self._room = room
        self._hold = hold
        self._pieces = pieces
        self.init_headers(headers)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """The headers as they stand; nothing is added."""
        pairs = headers or {}
        self.raw_headers = [(key.lower().encode("latin-1"), pairs[key].encode("latin-1")) for key in pairs]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            async with self._hold, aclosing(self._pieces):
                await self._send(send, gone)
        except asyncio.CancelledError:
            if self._room.ended is None:
                raise
            _take_back_cancellation()
        except Refused:
            pass  # The room has ended, or the right was taken away: the connection is cut without a word.
        finally:
            gone.cancel()

    async def _send(self, send: Send, gone: "asyncio.Future[None]") -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        owed = int(dict(self.raw_headers).get(b"content-length", b"-1"))
        async for piece in self._pieces:
            if gone.done():
                return
            owed -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if owed <= 0:  # else someone has cut the file meanwhile, and the client must see it
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _take_back_cancellation() -> None:
    """The room cancelled the request; its server need not know, only close the connection."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
