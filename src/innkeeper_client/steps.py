"""What a verb does, without saying how: requests to send and pauses to make, one after the other.

A verb is a generator of steps. `transport.Now` and `transport.Later` walk through it, one blocking and one
awaiting; so retries, waiting for plans and reading answers are written once.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx

from innkeeper_client.errors import BadAnswer, CannotConnect, error_of
from innkeeper_client.reading import Page, read, read_page

T = TypeVar("T")
TRIES = 3
LONGEST_PAUSE = 10.0
PREFIX = "/api/v1"
BUSY = frozenset({502, 503, 504})
REPEATABLE = frozenset({"GET", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the server. `is_repeatable`: sending it twice has the effect of once."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None
    file: tuple[str, Any] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = False
    prefix: str = PREFIX


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


# What is sent back after a Request is its httpx.Response, after a Pause None.
Steps: TypeAlias = Generator[Request | Pause, Any, T]


def at(*parts: str) -> str:
    """The address of these parts, each made safe."""
    return "".join("/" + quote(part, safe="") for part in parts)


def ask(kind: type[T], method: str, path: str, **rest: Any) -> Steps[T]:
    """Send a request that is answered with one of these."""
    response = yield from exchange(_request(method, path, **rest))
    return read(kind, as_json(response))


def ask_page(kind: type[T], path: str, query: Mapping[str, Any]) -> Steps[Page[T]]:
    """Ask for a page of a list; what is None in the query is left out."""
    given = {name: value for name, value in query.items() if value is not None}
    response = yield from exchange(_request("GET", path, query=given))
    return read_page(kind, as_json(response))


def ask_bytes(path: str) -> Steps[bytes]:
    """Download a file."""
    response = yield from exchange(_request("GET", path))
    return response.content


def tell(method: str, path: str, **rest: Any) -> Steps[None]:
    """Send a request whose answer says no more than that it is done."""
    yield from exchange(_request(method, path, **rest))


def create(kind: type[T], path: str, body: Any) -> Steps[T]:
    """Make something, under a key by which the server knows the same request when it comes again."""
    headers = {"Idempotency-Key": str(uuid4())}
    return (yield from ask(kind, "POST", path, body=body, headers=headers, is_repeatable=True))


def change(kind: type[T], path: str, body: Any, version: int | None = None) -> Steps[T]:
    """Change something; with a version only if it is still that one."""
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return (yield from ask(kind, "PATCH", path, body=body, headers=headers))


def exchange(request: Request) -> Steps[httpx.Response]:
    """Send a request, again after a trouble if that can do no harm; raises InnkeeperError."""
    for attempt in range(1, TRIES + 1):
        last = attempt == TRIES
        try:
            response: httpx.Response = yield request
        except httpx.RequestError as error:
            if last or not _may_repeat(request, error):
                raise CannotConnect(_trouble(error), code="cannot_connect") from error
            yield Pause(0.2 * attempt)
        else:
            if _is_done(request, response, attempt):
                return response
            if last or not request.is_repeatable or response.status_code not in BUSY:
                raise _refusal(response)
            yield Pause(_patience(response, 0.2 * attempt))
    raise AssertionError("the last attempt answers or raises")


def as_json(response: httpx.Response) -> Any:
    """The answer's document; raises BadAnswer."""
    try:
        return response.json()
    except ValueError as error:
        raise BadAnswer("the server's answer is no JSON; is it Innkeeper?") from error


def _request(method: str, path: str, **rest: Any) -> Request:
    is_repeatable = rest.pop("is_repeatable", method in REPEATABLE)
    return Request(method, path, is_repeatable=is_repeatable, **rest)


def _may_repeat(request: Request, error: httpx.RequestError) -> bool:
    """Without a connection nothing was sent, so that anything may be sent again."""
    return request.is_repeatable or isinstance(error, httpx.ConnectError)


def _is_done(request: Request, response: httpx.Response, attempt: int) -> bool:
    """A DELETE that finds nothing the second time was done by the first, whose answer was lost."""
    was_gone = request.method == "DELETE" and attempt > 1 and response.status_code == 404
    return response.is_success or was_gone


def _trouble(error: httpx.RequestError) -> str:
    reason = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
    url = error.request.url
    return f"cannot reach {url.scheme}://{url.netloc.decode()}: {reason or type(error).__name__}"


def _patience(response: httpx.Response, otherwise: float) -> float:
    said = response.headers.get("Retry-After", "")
    return min(float(said), LONGEST_PAUSE) if said.isascii() and said.isdecimal() else otherwise


def _refusal(response: httpx.Response) -> Exception:
    try:
        document = response.json()
    except ValueError:
        document = None
    return error_of(response.status_code, document)
