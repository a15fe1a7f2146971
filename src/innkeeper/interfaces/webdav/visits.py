"""A visit: one request in the room of whoever makes it, and what all verbs share."""

import stat
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from os import stat_result
from typing import Concatenate, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from innkeeper.actions import dav
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import NotFound, Refused, Stale
from innkeeper.domain.paths import above
from innkeeper.domain.texts import N_
from innkeeper.domain.words import UserId
from innkeeper.files.room import Room
from innkeeper.interfaces.webdav import conditions, xml
from innkeeper.interfaces.webdav.addresses import ElsewhereError, path_at, path_of
from innkeeper.kit.http_ranges import etag
from innkeeper.kit.threads import in_thread

P = ParamSpec("P")
T = TypeVar("T")
XML_TYPE = "application/xml; charset=utf-8"


class Answer(Exception):
    """Ends a request early, with this status and precondition."""

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass
class Visit:
    """One request. `hold` keeps the room until the answer is sent."""

    calls: Calls
    room: Room
    request: Request
    hold: AsyncExitStack
    path: str = ""
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = path_of(self.request.scope["raw_path"].decode("latin-1"))

    @property
    def user_id(self) -> UserId:
        return UserId(self.room.user_id)

    @property
    def site_path(self) -> str:
        return self.site(self.path)

    def site(self, path: str) -> str:
        """The same path seen from the root of the site."""
        return above(path, self.room.stay.user_root)

    def header(self, name: str, default: str = "") -> str:
        return self.request.headers.get(name, default).strip()

    async def read(self, action: Callable[Concatenate[Call, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action that only reads, in the name of this door."""
        return await self.calls.read(self._caller, action, *args, **kwargs)

    async def write(self, action: Callable[Concatenate[Call, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action in the name of this door."""
        return await self.calls.write(self._caller, action, *args, **kwargs)

    @property
    def _caller(self) -> Caller:
        return Caller("webdav", self.room.stay.address, system_name="webdav")

    async def status(self, path: str) -> stat_result | None:
        """What is there, as far as this user may know."""
        try:
            return await in_thread(self.room.stat, path)
        except (NotFound, FileNotFoundError, NotADirectoryError):
            return None

    async def check_if(self) -> None:
        """Note the tokens of `If`, and raise Stale if none of its lists is true."""
        header = self.header("if")
        if not header:
            return
        lists = conditions.parse_if(header)
        self.tokens = conditions.tokens_of(lists)
        if not await conditions.holds(lists, self._state):
            raise Stale(N_("the file is not the one in the condition of the request"))

    async def need_free(self, path: str, *, names_change: bool, is_deep: bool = False) -> None:
        """Raises Locked if the request shows no token for a lock that stands against it."""
        await self.read(
            dav.need_free,
            self.site(path),
            self.user_id,
            self.tokens,
            names_change=names_change,
            is_deep=is_deep,
        )

    async def body(self) -> bytes:
        """The XML of the request. Answers 413 beyond a megabyte."""
        data = bytearray()
        async for piece in self.request.stream():
            data += piece
            if len(data) > xml.MOST_BYTES:
                raise Answer(413)
        return bytes(data)

    async def _state(self, address: str | None) -> tuple[set[str], str | None]:
        try:
            path = self.path if address is None else path_at(address, self.header("host"))
            status = await self.status(path)
        except (ElsewhereError, Refused):
            return set(), None
        locks = await self.read(dav.covering, self.site(path))
        return {lock.token for lock in locks}, etag(status) if status is not None else None


def is_folder(status: stat_result) -> bool:
    """True for what WebDAV calls a collection."""
    return stat.S_ISDIR(status.st_mode)


def answer_xml(status: int, body: str) -> Response:
    """An answer with an XML body."""
    return Response(body.encode(), status, media_type=XML_TYPE)
