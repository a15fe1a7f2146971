"""What files hold: downloads, uploads, and a look at text, images and PDF without leaving the page."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from innkeeper.domain import paths
from innkeeper.domain.errors import Invalid, Problem, Refused, Stale
from innkeeper.files.answers import RoomStream, file_answer
from innkeeper.files.archives import archive
from innkeeper.files.arrivals import put_file
from innkeeper.files.handles import Mode
from innkeeper.files.presence import RoomEnded
from innkeeper.files.room import Room
from innkeeper.interfaces.console.failures import STATUSES
from innkeeper.interfaces.console.file_paths import PATH, crumbs, path_of, to
from innkeeper.interfaces.console.file_rows import IMAGES, PDF, file_row, media_type_of
from innkeeper.interfaces.console.file_visits import held, room_of
from innkeeper.interfaces.console.pages.files import found_at, may_in
from innkeeper.interfaces.console.problems import headline
from innkeeper.interfaces.console.visits import Visit, signed_in
from innkeeper.kit.http_ranges import NotSatisfiable
from innkeeper.kit.threads import in_thread

LOOKED_AT = 256 * 1024
PIECE = 256 * 1024
# A sandbox keeps Chromium's own viewer of PDF from starting; without one, PDF runs nothing in this origin.
FOR_PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"


async def show(visit: Visit) -> Response:
    """One file: what is known of it, and a look inside where that is safe."""
    path = path_of(visit.request)
    async with room_of(visit, path) as room:
        found = await in_thread(found_at, room, path)
        if found.is_folder:
            return visit.go(to("", found.path))
        row, may = file_row(found), may_in(room, paths.parent(found.path))
        text = await in_thread(_beginning, room, found.path) if may["read"] and row.kind == "text" else None
    return visit.page(
        "file", row=row, may=may, text=text, crumbs=crumbs(row.path), is_cut=row.size > LOOKED_AT
    )


async def send(visit: Visit) -> Response:
    """The file itself: saved by the browser, or shown by it if it is asked to and knows how."""
    path = path_of(visit.request)
    is_inline = bool(visit.query("inline"))
    headers = _inline(path) if is_inline else _saved(paths.name(path), media_type_of(path))
    try:
        return await held(
            visit, path, lambda room, hold: file_answer(room, hold, visit.request, path, headers)
        )
    except Stale:
        return Response(status_code=412)
    except NotSatisfiable as error:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{error.size}"})


async def receive(visit: Visit) -> Response:
    """One file from the page's own script; what is wrong comes as one sentence."""
    path, request = path_of(visit.request), visit.request
    is_exclusive = request.headers.get("If-None-Match", "") == "*"
    try:
        async with room_of(visit, path) as room:
            is_new = await put_file(room, path, request.stream(), is_exclusive=is_exclusive)
    except ClientDisconnect:
        return Response(status_code=204)
    except Refused as refused:
        # Whoever still sends the body of a cut transfer would go on to its end.
        headers = {"Connection": "close"} if isinstance(refused, RoomEnded) else None
        return PlainTextResponse(headline(refused, visit.text), STATUSES.get(refused.code, 422), headers)
    return Response(status_code=201 if is_new else 200)


async def receive_form(visit: Visit) -> Response:
    """Files from the plain form."""
    folder, data = path_of(visit.request), await visit.form()
    sent = [file for file in data.getlist("file") if isinstance(file, UploadFile) and file.filename]
    if not sent:
        raise Invalid(Problem("file", None, "a file", "missing"))
    async with room_of(visit, folder) as room:
        for file in sent:
            path = paths.join(room.resolve(folder), _own_name(file))
            await put_file(room, path, _pieces(file), is_exclusive=not data.get("replace"))
    return visit.go(to("", folder), visit.text("%(number)s files are here now.", number=len(sent)))


async def send_archive(visit: Visit) -> Response:
    """A folder with all that the reader may read of it, as one archive."""
    path = path_of(visit.request)

    async def make(room: Room, hold: AsyncExitStack) -> Response:
        found = await in_thread(found_at, room, path)
        name = f"{paths.name(found.path) or 'files'}.zip"
        headers = _saved(name, "application/zip") | {"Cache-Control": "no-store"}
        return RoomStream(room, hold.pop_all(), archive(room, [found.path]), headers=headers)

    return await held(visit, path, make)


def _beginning(room: Room, path: str) -> str:
    """The first part of a text; what is no UTF-8 shows as such."""
    file = room.open(path, Mode.READ)
    try:
        data = file.read(0, LOOKED_AT)
        file.close()
    finally:
        file.abandon()
    return data.decode("utf-8", "replace")


def _saved(name: str, media_type: str) -> dict[str, str]:
    named = quote(os.fsencode(name), safe="")
    return {"Content-Type": media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{named}"}


def _inline(path: str) -> Mapping[str, str]:
    """What browsers may show; anything else is saved all the same."""
    media_type, name = media_type_of(path), paths.name(path)
    if media_type not in IMAGES | {PDF}:
        return _saved(name, media_type)
    shown_as = {"Content-Type": media_type, "Content-Disposition": "inline"}
    return shown_as | ({"Content-Security-Policy": FOR_PDF} if media_type == PDF else {})


def _own_name(file: UploadFile) -> str:
    """Some browsers send the whole path on the sender's disk."""
    name = (file.filename or "").replace("\\", "/")
    return paths.name(paths.normalize(f"/{name}"))


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece


ROUTES = [
    Route(f"{PATH}/file", signed_in(show)),
    Route(f"{PATH}/content", signed_in(send)),
    Route(f"{PATH}/content", signed_in(receive), methods=["PUT"]),
    Route(f"{PATH}/upload", signed_in(receive_form), methods=["POST"]),
    Route(f"{PATH}/archive", signed_in(send_archive)),
]
