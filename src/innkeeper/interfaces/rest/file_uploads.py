"""Uploads that go on after a broken connection: tus 1.0.0 (https://tus.io/protocols/resumable-upload)."""

from typing import Any

from fastapi import APIRouter, Request, Response

from innkeeper.actions.file_uploads import FileUploads
from innkeeper.actions.file_visits import in_room
from innkeeper.interfaces.rest.answers import PREFIX
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here, Visit
from innkeeper.kit import tus

router = APIRouter(prefix="/uploads", tags=["uploads"], route_class=Route)
METADATA = "Pairs of a key and base64: `path`, and if you like `is_exclusive` (`true`) and `modified_at`."


def _headers(**described: str) -> list[dict[str, Any]]:
    """Headers that the protocol itself checks, with its own statuses."""
    return [
        {"name": name.replace("_", "-"), "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in {"Tus_Resumable": "`1.0.0`", **described}.items()
    ]


SENT: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {tus.CONTENT: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.options("", status_code=204)
async def describe_uploads(visit: Here) -> Response:
    """Tell which version and extensions of the protocol are spoken here."""
    assert visit.rest.rooms is not None
    async with in_room(visit.rest.rooms, visit.caller, ""):
        return tus.options()


@router.post(
    "",
    status_code=201,
    responses=refusals(404, 409, 412, 423, 507),
    openapi_extra=SENT
    | {"parameters": _headers(Upload_Length="The size of the file in bytes.", Upload_Metadata=METADATA)},
)
async def begin_upload(visit: Here, request: Request) -> Response:
    """Begin an upload; `Location` is its address for 24 hours, for you alone."""
    return await tus.create(request, _uploads(visit), f"{PREFIX}/uploads")


@router.head(
    "/{token}",
    response_class=Response,
    responses=refusals(404, 412, 423),
    openapi_extra={"parameters": _headers()},
)
async def measure_upload(visit: Here, request: Request, token: str) -> Response:
    """Tell how much of it is there, in `Upload-Offset`."""
    return await tus.head(request, _uploads(visit), token)


@router.patch(
    "/{token}",
    status_code=204,
    responses=refusals(404, 409, 412, 415, 423, 507),
    openapi_extra=SENT | {"parameters": _headers(Upload_Offset="Where this part begins.")},
)
async def continue_upload(visit: Here, request: Request, token: str) -> Response:
    """Send more of it. With the last byte the file takes its place."""
    return await tus.patch(request, _uploads(visit), token)


@router.delete(
    "/{token}", status_code=204, responses=refusals(404, 412, 423), openapi_extra={"parameters": _headers()}
)
async def drop_upload(visit: Here, request: Request, token: str) -> Response:
    """Give it up; what has come is forgotten."""
    return await tus.delete(request, _uploads(visit), token)


def _uploads(visit: Visit) -> FileUploads:
    rest = visit.rest
    assert rest.rooms is not None
    assert rest.calls.vault is not None
    return FileUploads(rest.rooms, rest.calls.vault, visit.caller, rest.clock())
