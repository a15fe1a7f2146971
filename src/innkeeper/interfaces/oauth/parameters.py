"""What a client sent: form parameters as RFC 6749 wants them, and refusals in its words."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 16 * 1024
NOT_TO_BE_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthError(Exception):
    """A refusal: one of the registered codes, and a sentence for the developer of the client."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


async def parameters(request: Request) -> dict[str, str]:
    """The parameters of the body; raises OAuthError. Without a value is left out (RFC 6749 §3.1)."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"the body has to be {FORM}")
    try:
        text = (await _body(request)).decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise OAuthError("invalid_request", "the body cannot be read as a form in UTF-8") from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise OAuthError("invalid_request", "a parameter came twice")
    return {name: value for name, value in pairs if value}


def needed(given: Mapping[str, str], name: str) -> str:
    """A parameter that has to be there; raises OAuthError."""
    if name not in given:
        raise OAuthError("invalid_request", f"{name} is missing")
    return given[name]


def said(document: Mapping[str, object], *, status: int = 200) -> Response:
    """An answer that no cache may keep."""
    return JSONResponse(document, status, headers=NOT_TO_BE_KEPT)


def refused(_: Request, error: Exception) -> Response:
    """An OAuthError as RFC 6749 §5.2 has it."""
    assert isinstance(error, OAuthError)
    answer = said({"error": error.code, "error_description": error.description}, status=error.status)
    if error.status == 429:
        answer.headers["Retry-After"] = "5"
    return answer


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise OAuthError("invalid_request", f"the body is larger than {LARGEST_BODY} bytes", status=413)
    return body
