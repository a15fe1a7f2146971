"""A reader's way to their files."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from starlette.responses import Response

from innkeeper.actions.file_visits import in_room
from innkeeper.files.room import Room
from innkeeper.interfaces.console.visits import Visit


def room_of(visit: Visit, path: str) -> AbstractAsyncContextManager[Room]:
    """The reader's room, for what the page is about to do with this path."""
    assert visit.console.rooms is not None
    return in_room(visit.console.rooms, visit.caller, path)


async def held(
    visit: Visit, path: str, make: Callable[[Room, AsyncExitStack], Awaitable[Response]]
) -> Response:
    """An answer that may take the room with it until its last byte."""
    async with AsyncExitStack() as hold:
        return await make(await hold.enter_async_context(room_of(visit, path)), hold)
