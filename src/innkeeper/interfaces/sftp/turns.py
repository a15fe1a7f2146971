"""Work that is done to its end, one piece after the other, whatever the client does meanwhile.

asyncssh drops what it is doing when the client sends its next request, or hangs up. A guess would then go
unnoticed, and the time that a wrong one takes would cost nothing.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Begin(Protocol):
    """Starts work that nobody stops."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> "asyncio.Task[T]": ...


class Turns:
    """The turns of one connection."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._last: asyncio.Task[Any] | None = None

    async def take(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do this when everything before it is done. Whoever waits may be cancelled, the work is not."""
        task = self._last = self._begin(_after(self._last, work))
        return await asyncio.shield(task)


async def _after(before: "asyncio.Task[Any] | None", work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    if before is not None:
        await asyncio.wait([before])
    return await work()
