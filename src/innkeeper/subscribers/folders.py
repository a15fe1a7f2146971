"""Makes the folders that grants and homes speak of: nobody is let into a folder that is not there."""

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from innkeeper.domain.events import Kind, Recorded
from innkeeper.domain.paths import ROOT
from innkeeper.files.storage import Storage

LOGGER = structlog.get_logger()


class Folders:
    """Follows the events that name a folder."""

    name = "folders"
    remembers = True

    def __init__(self, root: Storage) -> None:
        self._root = root

    async def handle(self, events: Sequence[Recorded]) -> None:
        """Make what is missing; a folder that is there stays as it is."""
        wanted = {path for event in events for path in named_folders(event)}
        if wanted:
            await asyncio.to_thread(self._make, sorted(wanted))

    def _make(self, paths: Iterable[str]) -> None:
        for path in paths:
            try:
                self._root.make_way(path)
            except OSError as error:
                LOGGER.warning("a folder could not be made", path=path, reason=error.strerror)


def named_folders(event: Recorded) -> Iterable[str]:
    """The folders that must exist after this event."""
    if event.kind is Kind.FOLDER_CREATED:
        return (event.target.name,)
    if event.kind in (Kind.USER_CREATED, Kind.USER_EDITED):
        named = (event.after.get("user_root"), event.after.get("user_home"))
        return [str(path) for path in named if path not in (None, ROOT)]
    return ()
