"""Files and folders of the site, as far as the caller may see and use them."""

import mimetypes
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from starlette.requests import ClientDisconnect

from innkeeper.actions.file_visits import in_room
from innkeeper.domain.errors import Refused, Stale
from innkeeper.domain.paths import name
from innkeeper.domain.texts import N_
from innkeeper.files import pages, trees
from innkeeper.files.answers import RoomStream, file_answer
from innkeeper.files.archives import archive
from innkeeper.files.arrivals import put_file
from innkeeper.files.room import Room
from innkeeper.files.storage import Entry
from innkeeper.files.trees import Found
from innkeeper.interfaces.rest.answers import PREFIX, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.file_documents import (
    FileDocument,
    FileMove,
    FolderPage,
    NewFolder,
    WantedPath,
    file_document,
    folder_page,
)
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.visits import Here, Visit
from innkeeper.kit.http_ranges import FAILED, verdict
from innkeeper.kit.threads import in_thread

router = APIRouter(prefix="/files", tags=["files"], route_class=Route)
BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"*/*": BYTES}},
    206: {"description": "The range of it.", "content": {"*/*": BYTES}},
    304: {"description": "It is the one you have."},
}
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": FileDocument}}
ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The archive.", "content": {"application/zip": BYTES}}
}
SENT: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/octet-stream": BYTES}}}


@router.get("", response_model=FolderPage, responses=refusals(400, 404, 409))
async def list_folder_content(
    visit: Here,
    path: WantedPath,
    sort: Annotated[str, Query(pattern="^-?(name|size|modified)$")] = "name",
    text: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List a folder, folders first; of a folder that is closed to you, only the way to others."""
    async with _room(visit, path) as room:
        folder = room.resolve(path)
        wanted = {"limit": limit, "cursor": cursor, "sort": sort, "text": text}
        page = await in_thread(pages.page, room, folder, **wanted)  # type: ignore[arg-type]
        items = [file_document(found) for found in page.items]
        shown = PageDocument[FileDocument](items=items, next_cursor=page.next_cursor)
        return folder_page(folder, room.abilities(folder), shown)


@router.get("/stat", response_model=FileDocument, responses=refusals(404))
async def show_file(visit: Here, path: WantedPath) -> Any:
    """Show size, time and version of a file or folder."""
    async with _room(visit, path) as room:
        return file_document(await in_thread(_found, room, path))


@router.get("/content", response_class=Response, responses=CONTENT | refusals(404, 409, 412, 416))
async def download_file(visit: Here, request: Request, path: WantedPath) -> Response:
    """Send a file, or a range of it. Knows `Range`, `If-Range`, `If-Match`, `If-None-Match` and the like."""
    return await _held(visit, path, lambda room, hold: file_answer(room, hold, request, path, _saved(path)))


@router.head("/content", response_class=Response, responses=CONTENT | refusals(404, 409, 412))
async def measure_file(visit: Here, request: Request, path: WantedPath) -> Response:
    """Answer what a download would, without the file."""
    return await _held(visit, path, lambda room, hold: file_answer(room, hold, request, path, _saved(path)))


@router.put(
    "/content",
    response_model=FileDocument,
    responses=CREATED | refusals(404, 409, 412, 507),
    openapi_extra=SENT,
)
async def upload_file(
    visit: Here, request: Request, path: WantedPath, modified_at: Annotated[Moment | None, Query()] = None
) -> Response:
    """Put a file there; it appears when it is complete, all at once. 201 if nothing had the name.

    `If-None-Match: *` never replaces a file, `If-Match` only the version that it names.
    """
    if "content-range" in request.headers:
        raise HTTPException(400, "a part of a file is sent as a resumable upload")
    try:
        async with _room(visit, path) as room:
            modified = modified_at.timestamp() if modified_at else None
            is_new = await _uploaded(room, request, path, modified)
            document = file_document(await in_thread(_found, room, path))
    except ClientDisconnect:
        return nothing()
    headers = {"ETag": document.etag}
    if is_new:
        headers["Location"] = f"{PREFIX}/files/content?path={document.encoded_path}"
    return _json(document, 201 if is_new else 200, headers)


@router.delete("", status_code=204, responses=refusals(404, 409))
async def delete_file(
    visit: Here,
    path: WantedPath,
    recursive: Annotated[bool, Query(description="A folder with all it holds.")] = False,
) -> Response:
    """Delete a file, or a folder, which must be empty unless `recursive`."""
    async with _room(visit, path) as room:
        await in_thread(trees.delete if recursive else _delete_one, room, path)
    return nothing()


@router.post("/folders", status_code=201, response_model=FileDocument, responses=refusals(404, 409, 507))
async def make_file_folder(visit: Here, wanted: NewFolder) -> Response:
    """Make a folder on the disk."""
    async with _room(visit, wanted.path) as room:
        await in_thread(room.make_folder, wanted.path)
        return _json(file_document(await in_thread(_found, room, wanted.path)), 201, {})


@router.post("/move", response_model=FileDocument, responses=refusals(404, 409))
async def move_file(visit: Here, wanted: FileMove) -> Any:
    """Move or rename a file or folder."""
    async with _room(visit, wanted.path) as room:
        move = room.replace if wanted.overwrite else room.rename
        await in_thread(move, wanted.path, wanted.new_path)
        return file_document(await in_thread(_found, room, wanted.new_path))


@router.post("/copy", response_model=FileDocument, responses=refusals(404, 409, 507))
async def copy_file(visit: Here, wanted: FileMove) -> Any:
    """Copy a file, or a folder with all that you may read of it; a folder's new name must be free."""
    async with _room(visit, wanted.path) as room:
        await in_thread(_copy, room, wanted)
        return file_document(await in_thread(_found, room, wanted.new_path))


@router.get(
    "/archive",
    response_class=Response,
    responses=ZIP | refusals(404),
)
async def download_archive(visit: Here, path: WantedPath) -> Response:
    """Send a folder with all that you may read of it as a ZIP archive, made while it is sent."""

    async def make(room: Room, hold: AsyncExitStack) -> Response:
        await in_thread(room.stat, path)
        top = name(room.resolve(path)) or "files"
        said = _saved(f"{top}.zip") | {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return RoomStream(room, hold.pop_all(), archive(room, [path]), headers=said)

    return await _held(visit, path, make)


def _room(visit: Visit, path: str) -> AbstractAsyncContextManager[Room]:
    assert visit.rest.rooms is not None
    return in_room(visit.rest.rooms, visit.caller, path)


async def _held(
    visit: Visit, path: str, make: Callable[[Room, AsyncExitStack], Awaitable[Response]]
) -> Response:
    """An answer that may take the room with it until its last byte."""
    async with AsyncExitStack() as hold:
        return await make(await hold.enter_async_context(_room(visit, path)), hold)


async def _uploaded(room: Room, request: Request, path: str, modified: float | None) -> bool:
    """True if the file is new."""
    if await in_thread(_condition_fails, room, request, path):
        raise Stale(N_("the file is not the one in the condition of the request"))
    is_exclusive = request.headers.get("if-none-match", "").strip() == "*"
    return await put_file(room, path, request.stream(), is_exclusive=is_exclusive, modified=modified)


def _condition_fails(room: Room, request: Request, path: str) -> bool:
    if not {"if-match", "if-none-match", "if-unmodified-since"} & set(request.headers):
        return False
    try:
        status = room.stat(path)
    except (Refused, OSError):  # whatever hides it: for this caller there is none
        return verdict("PUT", request.headers, None) == FAILED
    return verdict("PUT", request.headers, status) == FAILED


def _found(room: Room, path: str) -> Found:
    path = room.resolve(path)
    return Found(path, Entry(name(path), room.stat(path)))


def _delete_one(room: Room, path: str) -> None:
    if _found(room, path).is_folder:
        room.remove_folder(path)
    else:
        room.delete(path)


def _copy(room: Room, wanted: FileMove) -> None:
    if _found(room, wanted.path).is_folder:
        trees.copy(room, wanted.path, wanted.new_path)
    else:
        room.copy(wanted.path, wanted.new_path, may_replace=wanted.overwrite)


def _saved(path: str) -> dict[str, str]:
    """What makes a browser save it, under the name that it has here."""
    own = name(path)
    kind = mimetypes.guess_type(own)[0] or "application/octet-stream"
    return {
        "Content-Type": kind,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(os.fsencode(own), safe='')}",
    }


def _json(document: FileDocument, status: int, headers: dict[str, str]) -> Response:
    return Response(msgspec.json.encode(plain(document)), status, headers, "application/json")
