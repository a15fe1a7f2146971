"""Feeds the event log to subscribers: woken by commits here and elsewhere, with polling behind."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

import structlog

from innkeeper.actions import log
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.events import Recorded

POLL_SECONDS = 1.0
RETRY_SECONDS = 1.0
BATCH = 500
LOGGER = structlog.get_logger()


class Subscriber(Protocol):
    """Something that follows from events. `remembers`: goes on after a restart where it stopped."""

    name: str
    remembers: bool

    async def handle(self, events: Sequence[Recorded]) -> None:
        """Do what follows. May see an event twice after a crash, so doing it again must do no harm."""
        ...


class Runner:
    """One task for each subscriber, each with its own place in the log."""

    def __init__(self, calls: Calls, subscribers: Sequence[Subscriber]) -> None:
        self._calls = calls
        self._subscribers = subscribers
        self._caller = Caller("system", system_name="subscribers")
        self._wakes: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to read: from the end of the log, or from where a remembering subscriber stopped."""
        loop = asyncio.get_running_loop()
        for subscriber in self._subscribers:
            wake = asyncio.Event()
            self._wakes.append(wake)
            place = await self._first_place(subscriber)
            self._tasks.append(loop.create_task(self._follow(subscriber, wake, place), name=subscriber.name))
        self._calls.database.on_commit(lambda: loop.call_soon_threadsafe(self.wake))

    def wake(self) -> None:
        """There may be new events."""
        for wake in self._wakes:
            wake.set()

    async def stop(self) -> None:
        """Stop reading; what was handled is remembered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _first_place(self, subscriber: Subscriber) -> log.Place:
        if subscriber.remembers:
            known = await self._calls.read(self._caller, log.read_position, subscriber.name)
            return known or log.START
        return await self._calls.read(self._caller, log.last_place)

    async def _follow(self, subscriber: Subscriber, wake: asyncio.Event, place: log.Place) -> None:
        while True:
            wake.clear()
            try:
                place = await self._catch_up(subscriber, place)
            except Exception:
                LOGGER.exception("a subscriber failed and tries again", subscriber=subscriber.name)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            await _wait(wake)

    async def _catch_up(self, subscriber: Subscriber, place: log.Place) -> log.Place:
        while events := await self._calls.read(self._caller, log.after, place, limit=BATCH):
            await subscriber.handle(events)
            place = (events[-1].commit_order, events[-1].position)
            if subscriber.remembers:
                await self._calls.write(self._caller, log.save_position, subscriber.name, place)
        return place


async def _wait(wake: asyncio.Event) -> None:
    """Not by `wait_for`, which in Python 3.11 swallows a cancellation that comes together with the wake."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(POLL_SECONDS):
            await wake.wait()
