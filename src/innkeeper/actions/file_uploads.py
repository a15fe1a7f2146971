"""Uploads that go on after a broken connection. All that is known of one stands in its sealed address.

So nothing is stored for it but its bytes, which outlive the server, and any process can go on with it.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from innkeeper.actions.actors import Caller
from innkeeper.actions.file_visits import in_room
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.domain.errors import Invalid, NotFound, Problem
from innkeeper.files.room import Room
from innkeeper.files.streams import receive
from innkeeper.files.uploads import Upload
from innkeeper.kit.ids import digest, new_id
from innkeeper.kit.threads import in_thread
from innkeeper.kit.tus import Busy, Progress, WrongOffset
from innkeeper.kit.vault import Vault, VaultError

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """What an address says: a file of so many bytes, for one user's path, until then (seconds)."""

    id: str
    user: str
    path: str
    length: int
    is_exclusive: bool
    modified: float | None
    expires: int

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)

    def at(self, offset: int) -> Progress:
        return Progress(offset, self.length, self.expires_at)


class FileUploads:
    """The uploads of one caller: a store for `kit.tus`."""

    def __init__(self, rooms: KeptRooms, vault: Vault, caller: Caller, now: datetime) -> None:
        self._rooms = rooms
        self._vault = vault
        self._under_way = rooms.under_way
        self._caller = caller
        self._now = now

    async def begin(self, length: int, metadata: Mapping[str, str]) -> str:
        """Asks at once whether the file may be put there. `metadata`: path, is_exclusive, modified_at."""
        path = metadata.get("path", "")
        if not path:
            raise Invalid(Problem("path", None, "the path of the file, in Upload-Metadata", "missing"))
        async with in_room(self._rooms, self._caller, path) as room:
            ticket = _Ticket(
                id=new_id(),
                user=room.user_id,
                path=room.resolve(path),
                length=length,
                is_exclusive=metadata.get("is_exclusive") == "true",
                modified=_seconds(metadata.get("modified_at", "")),
                expires=int((self._now + KEPT).timestamp()),
            )
            upload = await in_thread(self._upload, room, ticket)
            await in_thread(upload.keep)
        return self._vault.seal(json.dumps([getattr(ticket, name) for name in _Ticket.__slots__]))

    async def progress(self, token: str) -> Progress:
        """How far it is; raises NotFound for addresses of others, and those that are over."""
        async with self._visit(token) as (room, ticket):
            name = digest(ticket.id)
            if name in self._under_way.complete:
                return ticket.at(ticket.length)
            if name in self._under_way.now:
                raise Busy
            upload = await in_thread(self._upload, room, ticket)
            await in_thread(upload.keep)
            return ticket.at(upload.size)

    async def append(self, token: str, offset: int, data: AsyncIterator[bytes]) -> Progress:
        """Go on; the file takes its place with its last byte."""
        async with self._visit(token) as (room, ticket):
            name = digest(ticket.id)
            if name in self._under_way.now:
                raise Busy
            if name in self._under_way.complete:
                raise WrongOffset
            self._under_way.now.add(name)
            try:
                return ticket.at(await self._appended(room, ticket, offset, data))
            finally:
                self._under_way.now.discard(name)

    async def drop(self, token: str) -> None:
        """Forget it and what has come."""
        async with self._visit(token) as (room, ticket):
            name = digest(ticket.id)
            if name in self._under_way.now:
                raise Busy
            self._under_way.drop(name)
            upload = await in_thread(self._upload, room, ticket)
            await in_thread(upload.abandon)

    async def _appended(self, room: Room, ticket: _Ticket, offset: int, data: AsyncIterator[bytes]) -> int:
        upload = await in_thread(self._upload, room, ticket)
        try:
            if upload.size != offset:
                raise WrongOffset
            await receive(upload, data)
            if upload.size == ticket.length:
                await in_thread(upload.commit, modified=ticket.modified)
                self._under_way.finish(digest(ticket.id))
        finally:
            await in_thread(upload.keep)
        return upload.size

    def _upload(self, room: Room, ticket: _Ticket) -> Upload:
        return room.upload(ticket.path, name=digest(ticket.id), is_exclusive=ticket.is_exclusive)

    @asynccontextmanager
    async def _visit(self, token: str) -> AsyncIterator[tuple[Room, _Ticket]]:
        """The room, with the caller's own upload; raises NotFound for all others, after Unauthenticated."""
        ticket = self._opened(token)
        async with in_room(self._rooms, self._caller, ticket.path if ticket else "") as room:
            if ticket is None or ticket.expires_at <= self._now or ticket.user != room.user_id:
                raise NotFound("upload", token)
            if digest(ticket.id) in self._under_way.dropped:
                raise NotFound("upload", token)
            yield room, ticket

    def _opened(self, token: str) -> _Ticket | None:
        try:
            return _Ticket(*json.loads(self._vault.open(token)))
        except (VaultError, ValueError, TypeError):
            return None


def _seconds(moment: str) -> float | None:
    if not moment:
        return None
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError):
        raise Invalid(Problem("modified_at", moment, "a time like 2027-03-31T18:00:00+02:00")) from None
