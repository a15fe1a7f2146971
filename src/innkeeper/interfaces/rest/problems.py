"""Every refusal as `application/problem+json` (RFC 9457): the one place where this interface translates."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from innkeeper.actions.idempotency import AlreadyDone
from innkeeper.domain.errors import (
    Duplicate,
    Forbidden,
    Invalid,
    NotFound,
    NotNow,
    Problem,
    ProofNeeded,
    Refused,
    Stale,
    TooManyAttempts,
    Unauthenticated,
    shorten,
)
from innkeeper.files.presence import RoomEnded
from innkeeper.files.refusals import AlreadyThere, NoSpace
from innkeeper.kit.gate import Gate, TurnedAway
from innkeeper.kit.http_ranges import NotSatisfiable
from innkeeper.kit.paging import BadCursor
from innkeeper.kit.passwords import TooBusy

MEDIA_TYPE = "application/problem+json"
STATUSES: dict[type[Refused], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Unauthenticated: 401,
    Duplicate: 409,
    Stale: 412,
    NotNow: 409,
    ProofNeeded: 403,
    AlreadyDone: 409,
    TooManyAttempts: 429,
    AlreadyThere: 409,
    NoSpace: 507,
    RoomEnded: 403,
}
HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    409: "wrong_offset",
    412: "wrong_tus_version",
    413: "too_large",
    415: "wrong_content_type",
    416: "range_not_satisfiable",
    423: "locked",
}
# Every code that `code` of a refusal can be, its status, and what it means.
CODES = (
    ("invalid", 422, "Some field holds a value that cannot be accepted; `problems` names each."),
    ("unauthenticated", 401, "The credential is missing, wrong or no longer valid."),
    ("forbidden", 403, "You may see the target, but not do this to it."),
    ("proof_needed", 403, "The session must show again who its user is; API keys never need to."),
    ("not_found", 404, "There is no such thing, or you may not know of it."),
    ("duplicate", 409, "Something else already has this unique value."),
    ("not_now", 409, "The state of the target does not allow it."),
    ("not_running", 409, "The plan was stopped or finished meanwhile."),
    ("already_there", 409, "A file or folder has this name already."),
    ("wrong_offset", 409, "The upload has another size than `Upload-Offset` says; ask for it."),
    ("connection_ended", 403, "The site ended your connection, or took a right away, in the middle."),
    ("no_space", 507, "The disk, or the quota of a folder, is full."),
    ("range_not_satisfiable", 416, "The range lies behind the end of the file."),
    ("wrong_tus_version", 412, "Resumable uploads are tus 1.0.0; send `Tus-Resumable`."),
    ("wrong_content_type", 415, "A part of an upload is `application/offset+octet-stream`."),
    ("locked", 423, "Another request writes this upload."),
    ("braked", 409, "The plan is large; send the count that its brake names as `confirm_count`."),
    ("already_done", 409, "The same request was carried out before, and its answer held a secret."),
    ("stale", 412, "The target has changed since the version in `If-Match`."),
    ("bad_cursor", 400, "This list did not give out this cursor."),
    ("bad_request", 400, "The body cannot be read."),
    ("method_not_allowed", 405, "The address does not take this method."),
    ("too_large", 413, "The body is larger than this address takes."),
    ("too_many_attempts", 429, "Too many wrong credentials came from your address; wait."),
    ("too_busy", 503, "Too many passwords are being hashed; try again in a few seconds."),
    ("broken", 500, "A defect of the server."),
)
PATIENCE = "5"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
SECRET = frozenset({"password", "imported_password_hash", "passphrase", "code"})


class FieldProblem(BaseModel):
    """One thing wrong with the input."""

    field: str = Field(examples=["email"])
    value: Any = Field(description="What was sent; null for secrets.", examples=["nope"])
    expected: str = Field(description="What would be right.")
    code: str = Field(examples=["invalid"])


class ProblemDocument(BaseModel):
    """Why a request was refused. `code` is stable; `detail` is for people."""

    type: str = Field(examples=["/api/docs#problem-invalid"])
    title: str
    status: int
    detail: str
    code: str
    problems: list[FieldProblem]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of refusals with these statuses."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def translate(app: FastAPI) -> None:
    """Teach an application how to answer each refusal."""
    app.add_exception_handler(Refused, answer_refused)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(BadCursor, answer_bad_cursor)
    app.add_exception_handler(NotSatisfiable, answer_not_satisfiable)
    app.add_exception_handler(TooBusy, answer_too_busy)
    app.add_exception_handler(Exception, answer_broken)


def answer_refused(request: Request, error: Exception) -> Response:
    """A refusal of the domain."""
    if isinstance(error, Unauthenticated):
        return _answer_unauthenticated(request, error)
    if not isinstance(error, Refused):
        raise error
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 409)
    # Whoever still sends the body of a cut transfer would go on to its end.
    headers = {"Connection": "close"} if isinstance(error, RoomEnded) else None
    return _problem(status, error.code, error.message, error.problems, headers)


def answer_invalid(_: Request, error: Exception) -> Response:
    """A parameter or body that has not the documented form."""
    if not isinstance(error, RequestValidationError):
        raise error
    problems = [_field_problem(entry) for entry in error.errors()]
    return _problem(422, Invalid.code, "; ".join(str(problem) for problem in problems), problems)


def answer_http(request: Request, error: Exception) -> Response:
    """An address or method that nothing answers, a body that cannot be read."""
    if not isinstance(error, HTTPException):
        raise error
    code = HTTP_CODES.get(error.status_code, "refused")
    detail = error.detail if error.status_code != 404 else f"there is nothing at {request.url.path}"
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return _problem(error.status_code, code, detail, headers=headers)


def answer_bad_cursor(_: Request, error: Exception) -> Response:
    """A page mark that this list did not give out."""
    problem = Problem("cursor", str(error), "the 'next_cursor' of a page of this list", "bad_cursor")
    return _problem(400, "bad_cursor", str(problem), [problem])


def answer_not_satisfiable(_: Request, error: Exception) -> Response:
    """A range behind the end of a file."""
    if not isinstance(error, NotSatisfiable):
        raise error
    detail = f"the file has {error.size} bytes"
    return _problem(416, "range_not_satisfiable", detail, headers={"Content-Range": f"bytes */{error.size}"})


def answer_too_busy(_: Request, __: Exception) -> Response:
    """More passwords wait to be hashed than is good."""
    detail = "too many passwords are being checked at the moment; try again in a few seconds"
    return _problem(503, "too_busy", detail, headers={"Retry-After": PATIENCE})


def answer_broken(_: Request, __: Exception) -> Response:
    """A defect of ours; the log has the rest."""
    return _problem(500, "broken", "something broke on the server; nothing was changed")


def _allowed(request: Request) -> str:
    """Every method of an address (RFC 9110 §15.5.6), whichever route has it; a fixed one has its own."""
    fixed = request.app.openapi()["paths"].get(request.url.path)
    if fixed is not None:
        return ", ".join(method for method in METHODS if method.lower() in fixed)
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    return ", ".join(
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    )


def _answer_unauthenticated(request: Request, error: Unauthenticated) -> Response:
    """401, or 429 for an address that keeps sending wrong credentials. A good key is never held up."""
    gate: Gate = request.app.state.gate
    address = request.client.host if request.client else ""
    if request.headers.get("authorization"):
        try:
            gate.leave(gate.enter(address))
        except TurnedAway as turned_away:
            detail = f"{turned_away}: too many wrong credentials came from this address"
            return _problem(429, TooManyAttempts.code, detail, headers={"Retry-After": PATIENCE})
        gate.failed(address, "")
    return _problem(401, error.code, error.message, headers={"WWW-Authenticate": "Bearer"})


def _field_problem(entry: dict[str, Any]) -> Problem:
    place = [str(part) for part in entry["loc"][1:]] or [str(entry["loc"][0])]
    code = {"missing": "missing", "extra_forbidden": "unknown_field"}.get(entry["type"], "invalid")
    value = None if SECRET.intersection(place) or code != "invalid" else entry.get("input")
    return Problem(".".join(place), value, _expected(entry), code)


def _expected(entry: dict[str, Any]) -> str:
    if entry["type"] == "missing":
        return "a value"
    if entry["type"] == "extra_forbidden":
        return "a field that is known here"
    message: str = entry["msg"]
    for opening in ("Input should be ", "Value error, expected ", "Value error, "):
        message = message.removeprefix(opening)
    return message[:1].lower() + message[1:]


def _problem(
    status: int,
    code: str,
    detail: str,
    problems: Sequence[Problem] = (),
    headers: Any = None,
) -> Response:
    document = {
        "type": f"/api/docs#problem-{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _tame(detail),
        "code": code,
        "problems": [
            {
                "field": _tame(problem.field),
                "value": _shown(problem.value),
                "expected": str(problem.expected),
                "code": problem.code,
            }
            for problem in problems
        ],
    }
    return Response(msgspec.json.encode(document), status, headers, MEDIA_TYPE)


def _shown(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) or (isinstance(value, str) and len(value) <= 80):
        return _tame(value) if isinstance(value, str) else value
    return _tame(shorten(value))


def _tame(text: str) -> str:
    """Text that can be written as UTF-8 whatever came in."""
    return text.encode("utf-8", "replace").decode()
