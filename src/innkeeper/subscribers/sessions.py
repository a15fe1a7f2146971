"""The kill path: ends or re-grades open connections, whatever the event was that touched their user."""

import asyncio
from collections.abc import Iterable, Sequence

from innkeeper.actions import connections, files
from innkeeper.actions.activity import KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.connections import LEASE, Link, Standing
from innkeeper.domain.events import Recorded
from innkeeper.files.live import Live
from innkeeper.files.presence import Presence

CHUNK = 500
RENEW_SECONDS = 5.0
SWEEP_SECONDS = 0.25
CALLER = Caller("system", system_name="kill path")


class Sessions:
    """Watches over the rooms of this process."""

    name = "sessions"
    remembers = False

    def __init__(self, calls: Calls, live: Live, known_paths: KnownPaths) -> None:
        self._calls = calls
        self._live = live
        self._known_paths = known_paths
        self._tasks: list[asyncio.Task[None]] = []
        self._fresh: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to renew leases and to let the time pass in every room."""
        loop = asyncio.get_running_loop()
        self._known_paths.set(await self._calls.read(CALLER, files.known_paths))
        self._live.on_add(lambda room: loop.call_soon_threadsafe(self._look_at, room))
        self._tasks = [loop.create_task(self._renew_for_ever()), loop.create_task(self._sweep_for_ever())]

    async def stop(self) -> None:
        """Let go."""
        for task in (*self._tasks, *self._fresh):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._fresh, return_exceptions=True)

    async def handle(self, events: Sequence[Recorded]) -> None:
        """Look again at every room that an event may have touched."""
        if any(event.kind.value.startswith(("folder.", "grant.")) for event in events):
            self._known_paths.set(await self._calls.read(CALLER, files.known_paths))
        rooms = self._live.all()
        if rooms:
            await self._recheck(await self._touched(rooms, events))

    async def _touched(self, rooms: list[Presence], events: Sequence[Recorded]) -> list[Presence]:
        users: set[str] = set()
        for event in events:
            affected = await self._calls.read(CALLER, connections.affected, event)
            if affected is None:
                return rooms
            users.update(affected)
        return [room for room in rooms if room.user_id in users]

    async def _recheck(self, rooms: list[Presence]) -> None:
        for chunk in _chunks(rooms):
            links = [_link(room) for room in chunk]
            standings = await self._calls.read(CALLER, connections.recheck, links)
            for room in chunk:
                _apply(room, standings[room.connection_id])

    def _look_at(self, room: Presence) -> None:
        """Something may have happened between the log-in and the room: look once more."""
        task = asyncio.create_task(self._recheck([room]))
        self._fresh.add(task)
        task.add_done_callback(self._fresh.discard)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            for chunk in _chunks(self._live.all()):
                await self._renew(chunk)

    async def _renew(self, rooms: list[Presence]) -> None:
        links = [_link(room) for room in rooms]
        readings = [_reading(room) for room in rooms]
        until = self._calls.database.clock() + LEASE
        try:
            bad = await self._calls.write(CALLER, connections.renew, links, readings)
        except Exception:  # The leases run out by themselves if the database stays away.
            return
        for room in rooms:
            standing = bad.get(room.connection_id)
            if standing is not None:
                _apply(room, standing)
            else:
                room.renew(until)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._live.sweep(self._calls.database.clock())


def _apply(room: Presence, standing: Standing) -> None:
    if standing.problem is not None:
        room.end(standing.problem)
    elif standing.user_root != room.stay.user_root:
        room.end("user_root_changed")
    elif standing.access is not None:
        room.set_deadline(standing.deadline)
        room.regrade(standing.access)


def _link(room: Presence) -> Link:
    return Link(room.connection_id, room.session_id, room.user_id, room.interface, room.stay.address)


def _reading(room: Presence) -> dict[str, object]:
    return {
        "row_id": room.connection_id,
        "received": room.bytes_in,
        "sent": room.bytes_out,
        "path": room.current_path,
    }


def _chunks(rooms: list[Presence]) -> Iterable[list[Presence]]:
    for start in range(0, len(rooms), CHUNK):
        yield rooms[start : start + CHUNK]
