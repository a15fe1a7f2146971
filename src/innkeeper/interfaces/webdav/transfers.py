"""GET, HEAD and PUT, and the verbs that make, remove, copy and move."""

from collections.abc import Awaitable
from mimetypes import guess_type
from os import stat_result
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from innkeeper.actions import dav
from innkeeper.domain import paths
from innkeeper.domain.errors import NotFound
from innkeeper.files import trees
from innkeeper.files.answers import file_answer
from innkeeper.files.room import Room
from innkeeper.files.streams import receive
from innkeeper.interfaces.webdav.addresses import path_at
from innkeeper.interfaces.webdav.visits import Answer, Visit, is_folder
from innkeeper.kit.http_ranges import FAILED, etag, verdict
from innkeeper.kit.threads import in_thread


async def get(visit: Visit) -> Response:
    """The file or a range of it. Browsers that come to a folder are sent to the console."""
    status = await in_thread(visit.room.stat, visit.path)
    if is_folder(status):
        if "text/html" not in visit.header("accept"):
            raise Answer(405)
        return RedirectResponse("/files?path=" + quote(visit.path.encode("utf-8", "surrogateescape")), 302)
    kind = guess_type(paths.name(visit.path))[0] or "application/octet-stream"
    return await file_answer(visit.room, visit.hold, visit.request, visit.path, {"Content-Type": kind})


async def put(visit: Visit) -> Response:
    """Put a file there when all of it has come. 201 if it is new, 204 if it took another's place."""
    if visit.header("content-range"):
        raise Answer(400)  # RFC 9110, section 14.5: a part must not become the whole
    await visit.check_if()
    status = await visit.status(visit.path)
    if status is not None and is_folder(status):
        raise Answer(405)
    if verdict("PUT", visit.request.headers, status) == FAILED:
        raise Answer(412)
    await visit.need_free(visit.path, names_change=status is None)
    is_exclusive = visit.header("if-none-match") == "*"
    try:
        return await _receive(visit, is_exclusive=is_exclusive)
    except (NotFound, FileNotFoundError, NotADirectoryError):
        raise Answer(409) from None
    except FileExistsError:
        raise Answer(412) from None


async def make_folder(visit: Visit) -> Response:
    """MKCOL, without a body."""
    if await visit.body():
        raise Answer(415)
    await visit.check_if()
    if await visit.status(visit.path) is not None:
        raise Answer(405)
    await visit.need_free(visit.path, names_change=True)
    try:
        await in_thread(visit.room.make_folder, visit.path)
    except (NotFound, FileNotFoundError, NotADirectoryError):
        raise Answer(409) from None
    except FileExistsError:
        raise Answer(405) from None
    return Response(status_code=201)


async def delete(visit: Visit) -> Response:
    """A file, or a folder with all it holds."""
    await visit.check_if()
    status = await in_thread(visit.room.stat, visit.path)
    if is_folder(status) and visit.header("depth", "infinity").lower() != "infinity":
        raise Answer(400)
    if verdict("DELETE", visit.request.headers, status) == FAILED:
        raise Answer(412)
    await visit.need_free(visit.path, names_change=True, is_deep=True)
    await in_thread(trees.delete, visit.room, visit.path)
    await visit.write(dav.follow_delete, visit.site_path)
    return Response(status_code=204)


async def copy(visit: Visit) -> Response:
    """A file, or a folder with or without what it holds."""
    depth = visit.header("depth", "infinity").lower()
    if depth not in ("0", "infinity"):
        raise Answer(400)
    target, source_status, target_status = await _places(visit)
    is_shallow = depth == "0" and is_folder(source_status)
    await _make_way(visit, target, source_status, target_status)
    if is_shallow:
        await _there(in_thread(visit.room.make_folder, target))
    else:
        await _there(in_thread(_copy, visit.room, visit.path, target))
        await visit.write(dav.follow_copy, visit.site_path, visit.site(target))
    return Response(status_code=201 if target_status is None else 204)


async def move(visit: Visit) -> Response:
    """To another name or folder."""
    target, source_status, target_status = await _places(visit)
    await visit.need_free(visit.path, names_change=True, is_deep=True)
    await _make_way(visit, target, source_status, target_status)
    await _there(in_thread(visit.room.replace, visit.path, target))
    await visit.write(dav.follow_move, visit.site_path, visit.site(target))
    return Response(status_code=201 if target_status is None else 204)


async def _receive(visit: Visit, *, is_exclusive: bool) -> Response:
    upload = await in_thread(visit.room.upload, visit.path, is_exclusive=is_exclusive)
    modified = _modified(visit.header("x-oc-mtime"))
    try:
        await receive(upload, visit.request.stream())
        is_new = await in_thread(upload.commit, modified=modified)
    finally:
        await in_thread(upload.abandon)
    answer = Response(status_code=201 if is_new else 204)
    status = await visit.status(visit.path)
    if status is not None:
        answer.headers["ETag"] = etag(status)
    if modified is not None:
        answer.headers["X-OC-MTime"] = "accepted"
    return answer


def _modified(header: str) -> float | None:
    """When the client's file was changed, as ownCloud's clients and rclone tell it: seconds."""
    try:
        return float(header) if 0 <= float(header) < 2**33 else None
    except ValueError:
        return None


async def _places(visit: Visit) -> tuple[str, stat_result, stat_result | None]:
    """Where to, and what is at both ends."""
    destination = visit.header("destination")
    if not destination:
        raise Answer(400)
    target = path_at(destination, visit.header("host"))
    await visit.check_if()
    source_status = await in_thread(visit.room.stat, visit.path)
    if paths.is_within(target, visit.path) or target == visit.path:
        raise Answer(403)
    target_status = await visit.status(target)
    if target_status is not None and visit.header("overwrite", "T").upper() == "F":
        raise Answer(412)
    return target, source_status, target_status


async def _make_way(
    visit: Visit, target: str, source_status: stat_result, target_status: stat_result | None
) -> None:
    """Remove what is in the way; a file stays until a file takes its place."""
    await visit.need_free(target, names_change=True, is_deep=True)
    if paths.is_within(visit.path, target):
        raise Answer(403)  # the source would go with it
    if target_status is None:
        return
    if is_folder(target_status) or is_folder(source_status):
        await in_thread(trees.delete, visit.room, target)
        await visit.write(dav.follow_delete, visit.site(target))


def _copy(room: Room, path: str, target: str) -> None:
    if is_folder(room.stat(path)):
        trees.copy(room, path, target)
    else:
        room.copy(path, target, may_replace=True)


async def _there(work: Awaitable[object]) -> None:
    """What is not found now is the folder that the target should lie in."""
    try:
        await work
    except (NotFound, FileNotFoundError, NotADirectoryError):
        raise Answer(409) from None
