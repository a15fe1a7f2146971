"""Work in a thread that is never left behind."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Like `asyncio.to_thread`, but whoever is cancelled meanwhile still waits for the thread.

    Otherwise they would close what it is about to write to, and it could write to what has the number next.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        # What went wrong in the thread is nobody's any more; asyncio would log it else.
        if not running.cancelled():
            running.exception()
        raise
