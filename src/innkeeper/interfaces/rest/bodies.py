"""Bodies on their way in: how large they may be, and which JSON is taken."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec
from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innkeeper.domain.errors import Invalid, Problem, Unauthenticated
from innkeeper.domain.storable import unstorable

LARGEST_JSON = 1024 * 1024
# Under this keyword a schema says which name it wants among the components of the OpenAPI document.
NAME = "x-name"
BOM = b"\xef\xbb\xbf"


class BadBody(HTTPException):
    """The body is no JSON, or no JSON that can be stored."""

    def __init__(self, expected: str) -> None:
        super().__init__(400, f"the body cannot be read: expected {expected}")
        self.expected = expected


class BodyTooLarge(HTTPException):
    """The body is larger than this address takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"the body is too large: expected at most {limit} bytes")


class StrictRequest(Request):
    """A request whose JSON can be stored as it is: no NUL, no lone surrogates, no numbers without end."""

    async def json(self) -> Any:
        return parse(await self.body())


class Route(APIRoute):
    """A route that asks for a credential before it looks at anything else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if not request.headers.get("authorization"):
                raise Unauthenticated
            refuse_bad_address(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return handler


class SizeLimit:
    """ASGI middleware: stops reading a body that is too large. `larger`: path → its own limit.

    Below `endless` lie addresses that take files, however large, and never hold a body in memory.
    """

    def __init__(self, app: ASGIApp, *, larger: Mapping[str, int], endless: tuple[str, ...] = ()) -> None:
        self.app = app
        self.larger = larger
        self.endless = endless

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(self.endless):
            receive = limited(receive, self.larger.get(scope["path"], LARGEST_JSON))
        await self.app(scope, receive, send)


def limited(receive: Receive, limit: int) -> Receive:
    """The same body, as long as it stays within the limit; raises BodyTooLarge beyond."""
    taken = 0

    async def receive_some() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge(limit)
        return message

    return receive_some


def refuse_bad_address(request: Request) -> None:
    """No id and no text to search for has a NUL character; PostgreSQL would not even look."""
    if "\x00" in request.url.path:
        raise HTTPException(404)
    if b"%00" in request.scope["query_string"]:
        raise Invalid(Problem("query", None, "text without NUL characters"))


def parse(body: bytes) -> Any:
    """JSON by the letter of RFC 8259; raises BadBody."""
    try:
        value = msgspec.json.decode(body.removeprefix(BOM))
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise BadBody("JSON (RFC 8259) in UTF-8") from error
    expected = unstorable(value)
    if expected is not None:
        raise BadBody(expected)
    return value


class DocumentedBy:
    """Marks a plain object that a model describes to readers, while the domain checks it.

    So every problem is named at once and in the same words as in a CSV file or at the command line.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(self.model.__pydantic_core_schema__) | {NAME: self.model.__name__}


Values = dict[str, Any]
