"""What the doors need beside the desk: a place for file reports, and which folders may not be moved."""

import asyncio
import bisect
import contextlib
from collections import deque
from collections.abc import Sequence

import structlog

from innkeeper.actions import files
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.files import Reported
from innkeeper.domain.words import UserId
from innkeeper.files.reports import FileReport, Report

FLUSH_SECONDS = 0.1
BATCH = 500
CALLER = Caller("system", system_name="doors")
LOGGER = structlog.get_logger()


class KnownPaths:
    """The paths of all folders with grants, fences or notes, as last read from the store."""

    def __init__(self) -> None:
        self._paths: list[str] = []

    def set(self, paths: Sequence[str]) -> None:
        """Put the paths of now in place."""
        self._paths = sorted(paths)

    def reach_into(self, folder: str) -> bool:
        """True when the folder itself or one below it is known."""
        paths, below = self._paths, folder.rstrip("/") + "/"
        if folder in paths[bisect.bisect_left(paths, folder) :][:1]:
            return True
        return any(path.startswith(below) for path in paths[bisect.bisect_left(paths, below) :][:1])


class Activity:
    """Gathers the reports of file operations and writes them to the log, many in one unit.

    A crash can lose the reports of the last moment (`FLUSH_SECONDS`); never the files.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._waiting: deque[Reported] = deque()
        self._is_over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def reporter(self, user_id: str, username: str, interface: str, address: str) -> Report:
        """A function for one room that takes its reports, from any thread."""

        def report(done: FileReport) -> None:
            self._waiting.append(Reported(UserId(user_id), username, interface, address, done))

        return report

    async def start(self) -> None:
        """Begin to write."""
        self._is_over.clear()
        self._task = asyncio.create_task(self._write_for_ever())

    async def stop(self) -> None:
        """Write what waits, and stop."""
        self._is_over.set()
        if self._task is not None:
            await self._task
        await self._flush()

    async def _write_for_ever(self) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self._is_over.wait()
            try:
                await self._flush()
            except Exception:
                LOGGER.exception("file activity could not be written and waits")

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting[i] for i in range(min(BATCH, len(self._waiting)))]
            await self._calls.write(CALLER, files.report, batch)
            for _ in batch:
                self._waiting.popleft()
