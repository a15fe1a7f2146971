"""Keeps the quotas of folders known to the disk, and measures what lies in them."""

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from innkeeper.actions import files
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.events import Recorded
from innkeeper.files.quotas import LimitedStorage, Quotas

MEASURE_SECONDS = 60.0
CALLER = Caller("system", system_name="quotas")
LOGGER = structlog.get_logger()


class QuotaWatch:
    """Follows the events about folders; measures new limits at once, and all of them every minute.

    Between two measurements a node knows what went through its own doors.
    """

    name = "quotas"
    remembers = False

    def __init__(self, calls: Calls, quotas: Quotas, storage: LimitedStorage) -> None:
        self._calls = calls
        self._quotas = quotas
        self._storage = storage
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learn the limits of now, and begin to measure."""
        await self._learn()
        self._task = asyncio.create_task(self._measure_for_ever())

    async def stop(self) -> None:
        """Let go."""
        if self._task is not None:
            self._task.cancel()

    async def handle(self, events: Sequence[Recorded]) -> None:
        """A folder may have a new limit."""
        if any(event.kind.value.startswith("folder.") for event in events):
            await self._learn()

    async def _learn(self) -> None:
        limits = await self._calls.read(CALLER, files.limits)
        await self._measure(self._quotas.set_limits(limits))

    async def _measure_for_ever(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_SECONDS)
            await self._measure(self._quotas.folders)

    async def _measure(self, folders: Iterable[str]) -> None:
        for folder in folders:
            try:
                await asyncio.to_thread(self._storage.measure, folder)
            except OSError as error:
                LOGGER.warning("a folder could not be measured", path=folder, reason=error.strerror)
