"""Rooms of clients that show who they are with each request: kept between requests, and ended like any other.

What they show is checked when the room is opened. From then on the kill path watches over it, as it does over
the connections of every door, so that a request in a kept room needs no look at the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

import structlog

from innkeeper.actions import access, connections
from innkeeper.actions.actors import Caller, belonging
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.actions.logins import DOOR_SESSION, EVERYONE
from innkeeper.actions.reception import Newcomer, Reception
from innkeeper.actions.rooms import open_room
from innkeeper.actions.under_way import UnderWay
from innkeeper.domain.access import NOTHING, Ability, Access
from innkeeper.domain.errors import Forbidden, Unauthenticated
from innkeeper.domain.logins import Proof
from innkeeper.domain.rights import Right
from innkeeper.domain.scopes import file_abilities
from innkeeper.domain.sessions import Connection, Session
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User
from innkeeper.domain.words import SessionId
from innkeeper.files.live import Live
from innkeeper.files.room import Room
from innkeeper.files.storage import Storage
from innkeeper.kit.ids import digest, new_id
from innkeeper.store import sessions, users

IDLE_SECONDS = 60.0
SWEEP_SECONDS = 5.0
logger = structlog.get_logger(__name__)


@dataclass(eq=False)
class _Kept:
    """One kept room, with the requests that are in it."""

    room: Room
    last_used_at: float
    visitors: set["asyncio.Task[object]"] = field(default_factory=set)


class KeptRooms:
    """Finds the room of a request, opens it for the first, and leaves it after a minute without any."""

    def __init__(self, calls: Calls, desk: Desk, reception: Reception, root: Storage, live: Live) -> None:
        self._calls = calls
        self._desk = desk
        self._reception = reception
        self._root = root
        self._live = live
        self._kept: dict[str, _Kept] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._sweeper: asyncio.Task[None] | None = None
        self.under_way = UnderWay()

    async def start(self) -> None:
        """Begin to leave rooms that nobody uses."""
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        """Leave all of them."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for key in list(self._kept):
            await self._leave(key)

    @asynccontextmanager
    async def by_password(self, who: Newcomer, username: str, secret: str) -> AsyncIterator[Room]:
        """The room of whoever shows this user name and secret.

        Raises Unauthenticated, or TurnedAway and TooBusy before anything was checked. A request that is in
        the room when it ends is cancelled.
        """

        async def enter() -> Room:
            ticket = self._reception.gate.enter(who.address)
            try:
                room = await self._reception.sign_in(who, username, secret)
            finally:
                self._reception.gate.leave(ticket)
            if room is None:
                raise Unauthenticated
            return room

        key = digest("\n".join((who.interface, who.address, who.client, username, secret)))
        async with self._visit(key, enter) as room:
            yield room

    @asynccontextmanager
    async def by_caller(self, caller: Caller) -> AsyncIterator[Room]:
        """The room of a browser session, an API key or a desktop connection.

        Raises Unauthenticated, and Forbidden for a key whose scopes have nothing to do with files.
        """

        async def enter() -> Room:
            opened = await self._calls.write(caller, _open, self._desk.node)
            return open_room(self._desk.admission(*opened[:3], most=opened[3]), self._root, self._live)

        token = caller.session_token or caller.api_key or ""
        key = digest("\n".join((caller.interface, caller.address, caller.client, token)))
        async with self._visit(key, enter) as room:
            yield room

    @asynccontextmanager
    async def _visit(self, key: str, enter: Callable[[], Awaitable[Room]]) -> AsyncIterator[Room]:
        kept = await self._find(key, enter)
        task = asyncio.current_task()
        assert task is not None
        kept.visitors.add(task)
        try:
            yield kept.room
        finally:
            kept.visitors.discard(task)
            kept.last_used_at = asyncio.get_running_loop().time()

    async def _find(self, key: str, enter: Callable[[], Awaitable[Room]]) -> _Kept:
        """One request opens the room, others with the same credential wait for it."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            kept = self._kept.get(key)
            if kept is not None and kept.room.ended is not None:
                await self._leave(key)
                kept = None
            if kept is None:
                kept = self._keep(key, await enter())
            kept.last_used_at = asyncio.get_running_loop().time()
            return kept

    def _keep(self, key: str, room: Room) -> _Kept:
        loop = asyncio.get_running_loop()
        kept = self._kept[key] = _Kept(room, loop.time())

        def close(_: str) -> None:
            loop.call_soon_threadsafe(_cancel, kept)

        room.on_end(close)
        return kept

    async def _leave(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        _cancel(kept)
        try:
            await self._reception.leave(kept.room)
        except Exception:
            logger.exception("The end of a connection could not be recorded.")

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            too_old = asyncio.get_running_loop().time() - IDLE_SECONDS
            for key, kept in list(self._kept.items()):
                is_idle = not kept.visitors and kept.last_used_at < too_old
                if is_idle or kept.room.ended is not None:
                    await self._leave(key)


def _cancel(kept: _Kept) -> None:
    for visitor in kept.visitors:
        visitor.cancel()


def _open(call: Call, node: str) -> tuple[User, Connection, Access, Ability]:
    """A connection for a caller with a good credential, and what it leaves of the user's rights."""
    if call.actor.user_id is None:
        raise Unauthenticated
    most = file_abilities(call.actor.scopes, is_read_only=call.actor.is_read_only)
    if most == NOTHING:
        raise Forbidden(N_("this key has no scope for files"))
    user = users.one(call.unit, EVERYONE, call.actor.user_id)
    if user is None or call.actor.owes:
        raise Unauthenticated
    # What a read-only key leaves is in `most`; a connection is no change of anything.
    call.actor = replace(call.actor, is_read_only=False)
    session = _session_of(call, user)
    # At the door of the session: a desktop client talks to the API, yet is shut out with desktop clients.
    connection = connections.open_link(call, session, node)
    return user, connection, access.of_user(call.unit, user, belonging(call.unit, user.id)), most


def _session_of(call: Call, user: User) -> Session:
    """The caller's own session; a key has none, and gets one for this connection."""
    if call.actor.session_id is not None:
        return sessions.sessions_by_id(call.unit, [call.actor.session_id])[call.actor.session_id]
    session = Session(
        id=SessionId(new_id()),
        user_id=user.id,
        interface=call.interface,
        credential=Proof.API_KEY.value,
        credential_id=call.actor.id,
        address=call.address,
        client=call.client,
        created_at=call.now,
        last_used_at=call.now,
        expires_at=call.now + DOOR_SESSION,
    )
    sessions.insert_session(call.unit, call.permit(Right.SESSION_OPEN), session)
    return session
