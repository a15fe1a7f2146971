"""Who is in at the moment, and the work that must be finished even after they are gone."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import structlog

T = TypeVar("T")
logger = structlog.get_logger(__name__)

_POLL = 0.02


class Guest(Protocol):
    """One connection."""

    @property
    def is_transferring(self) -> bool:
        """True while a file is open."""
        ...

    def send_away(self, reason: str) -> None:
        """End the connection."""
        ...


class Guests:
    """Keeps connections and tasks until they are done."""

    def __init__(self) -> None:
        self._present: set[Guest] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    def arrive(self, guest: Guest) -> None:
        self._present.add(guest)

    def depart(self, guest: Guest) -> None:
        self._present.discard(guest)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Have this done, whatever becomes of the connection it came from."""
        self.begin(work).add_done_callback(_report)

    def begin(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """The same for work whose outcome somebody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def clear(self, *, patience: float, reason: str) -> None:
        """Give open transfers so many seconds, send everyone away, and finish the work."""
        await _until(lambda: not any(guest.is_transferring for guest in self._present), patience)
        for guest in list(self._present):
            guest.send_away(reason)
        await _until(lambda: not self._present, 2)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("The end of a connection could not be recorded.", exc_info=error)


async def _until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(_POLL)
