"""A request's time in a room, and what goes wrong there in the words of the house."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from innkeeper.actions.actors import Caller
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.files.presence import RoomEnded
from innkeeper.files.refusals import refusal_of
from innkeeper.files.room import Room


@asynccontextmanager
async def in_room(rooms: KeptRooms, caller: Caller, path: str) -> AsyncIterator[Room]:
    """The caller's room. What the disk says about this path is raised as a refusal.

    A request that is cancelled because its room ended gets RoomEnded, which can still be answered.
    """
    async with rooms.by_caller(caller) as room:
        try:
            yield room
        except OSError as error:
            raise refusal_of(error, path) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if room.ended is None or task is None:
                raise
            task.uncancel()
            raise RoomEnded(room.ended) from None
