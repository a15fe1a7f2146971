"""Tidies what WebDAV noted about files that went, or moved, through another door."""

from collections.abc import Sequence

from innkeeper.actions import dav
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.events import Kind, Recorded

_GONE = frozenset({Kind.FILE_DELETED, Kind.FILE_FOLDER_REMOVED})
_OWN_DOOR = "webdav"


class DavNotes:
    """Follows files that are deleted or moved. WebDAV itself has done so before it answered."""

    name = "dav"
    remembers = True

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._caller = Caller("system", system_name="dav")

    async def handle(self, events: Sequence[Recorded]) -> None:
        changes = [change for event in events if (change := _change(event)) is not None]
        if changes:
            await self._calls.write(self._caller, dav.follow, changes)


def _change(event: Recorded) -> tuple[str, str | None] | None:
    if event.interface == _OWN_DOOR:
        return None
    if event.kind is Kind.FILE_MOVED:
        return event.target.name, str(event.data.get("new_path", ""))
    return (event.target.name, None) if event.kind in _GONE else None
