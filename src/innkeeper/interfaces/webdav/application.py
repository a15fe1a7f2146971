"""The application: who asks, which verb, and what goes wrong in the words of the protocol."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innkeeper.actions.calls import Calls
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.actions.reception import Newcomer
from innkeeper.domain.dav import Locked
from innkeeper.domain.errors import Forbidden, Refused, Unauthenticated
from innkeeper.domain.paths import below
from innkeeper.files.presence import RoomEnded
from innkeeper.files.refusals import refusal_of
from innkeeper.files.room import Room
from innkeeper.interfaces.webdav import locks, properties, transfers, xml
from innkeeper.interfaces.webdav.addresses import ElsewhereError, href
from innkeeper.interfaces.webdav.visits import Answer, Visit, answer_xml
from innkeeper.kit.gate import TurnedAway
from innkeeper.kit.http_ranges import NotSatisfiable
from innkeeper.kit.passwords import TooBusy

Verb = Callable[[Visit], Awaitable[Response]]
VERBS: dict[str, Verb] = {
    "GET": transfers.get,
    "HEAD": transfers.get,
    "PUT": transfers.put,
    "DELETE": transfers.delete,
    "MKCOL": transfers.make_folder,
    "COPY": transfers.copy,
    "MOVE": transfers.move,
    "PROPFIND": properties.propfind,
    "PROPPATCH": properties.proppatch,
    "LOCK": locks.lock,
    "UNLOCK": locks.unlock,
}
ALLOW = ", ".join(["OPTIONS", *VERBS])
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Innkeeper", charset="UTF-8"'}
_LONGEST_ADDRESS = 16_000
_CODES = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "not_now": 409,
    "already_there": 412,
    "stale": 412,
    "no_space": 507,
}


def make_webdav(calls: Calls, rooms: KeptRooms) -> ASGIApp:
    """The door as an ASGI application, for addresses that begin with `/dav`."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answering = _Answering(scope, receive, send)
        try:
            await answering.run(calls, rooms)
        except (ClientDisconnect, RoomEnded):
            await answering.cut()

    return serve


class _Answering:
    """One request from its credentials to the last byte of its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._has_begun = False
        self._request = Request(scope, receive)

    async def run(self, calls: Calls, rooms: KeptRooms) -> None:
        if len(self._scope["raw_path"]) > _LONGEST_ADDRESS:
            await self._tell(Response(status_code=414))
            return
        try:
            username, secret = _credentials(self._request)
            async with rooms.by_password(_newcomer(self._request), username, secret) as room:
                await self._in_room(calls, room)
        except Unauthenticated as refusal:
            await self._tell(PlainTextResponse(refusal.message + "\n", 401, _CHALLENGE))
        except TurnedAway:
            await self._tell(Response(status_code=429, headers={"Retry-After": "30"}))
        except TooBusy:
            await self._tell(Response(status_code=503, headers={"Retry-After": "5"}))

    async def cut(self) -> None:
        """The room is no more: say so if nothing was said yet, else leave the answer incomplete."""
        if not self._has_begun:
            headers = {**_CHALLENGE, "Connection": "close"}
            await self._tell(Response(status_code=401, headers=headers))

    async def _in_room(self, calls: Calls, room: Room) -> None:
        try:
            async with AsyncExitStack() as hold:
                answer = await self._answer(calls, room, hold)
                await self._tell(answer)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if room.ended is None or task is None:
                raise
            task.uncancel()
            raise RoomEnded(room.ended) from None

    async def _answer(self, calls: Calls, room: Room, hold: AsyncExitStack) -> Response:
        method = self._request.method
        if method == "OPTIONS":
            return Response(headers={"DAV": "1, 2", "MS-Author-Via": "DAV", "Allow": ALLOW})
        try:
            if method not in VERBS:
                raise Answer(405)
            return await VERBS[method](Visit(calls, room, self._request, hold))
        except ElsewhereError:
            return Response(status_code=502)
        except NotSatisfiable as refusal:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{refusal.size}"})
        except Answer as early:
            return _early(early)
        except Locked as refusal:
            return _locked(refusal, room)
        except OSError as error:
            return _refused(refusal_of(error, ""))
        except RoomEnded:
            raise
        except Refused as refusal:
            return _refused(refusal)

    async def _tell(self, answer: Response) -> None:
        await answer(self._scope, self._receive, self._note)

    async def _note(self, message: Message) -> None:
        self._has_begun = True
        await self._send(message)


def _credentials(request: Request) -> tuple[str, str]:
    """User name and secret (RFC 7617): UTF-8, or Latin-1 from clients that know no better."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated
    try:
        data = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Unauthenticated from None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    username, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise Unauthenticated
    return username, secret


def _newcomer(request: Request) -> Newcomer:
    address = request.client.host if request.client else ""
    client = request.headers.get("user-agent", "").replace("\x00", "")[:200]
    return Newcomer("webdav", address, client)


def _early(early: Answer) -> Response:
    headers = {"Allow": ALLOW} if early.status == 405 else {}
    answer = answer_xml(early.status, early.body) if early.body else Response(status_code=early.status)
    answer.headers.update(headers)
    return answer


def _locked(refusal: Locked, room: Room) -> Response:
    there = href(below(refusal.path, room.stay.user_root), is_folder=False)
    condition = f"<D:lock-token-submitted><D:href>{there}</D:href></D:lock-token-submitted>"
    return answer_xml(423, xml.error(condition))


def _refused(refusal: Refused) -> Response:
    code = _CODES.get(refusal.code, 403 if isinstance(refusal, Forbidden) else 409)
    if code == 401:
        raise Unauthenticated
    return PlainTextResponse(refusal.message + "\n", code)
