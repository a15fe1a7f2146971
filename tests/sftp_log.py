"""What happened at an SFTP door, read from the site's own log."""

from collections.abc import Callable

from innkeeper.actions import connections, events
from innkeeper.actions.calls import Calls
from innkeeper.domain.events import Recorded
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.sessions import Connection
from tests.conftest import SYSTEM


class SiteLog:
    """Asks through actions, oldest first. `flush` has the reports that wait in memory written."""

    def __init__(self, calls: Calls, flush: Callable[[], None]) -> None:
        self._calls = calls
        self._flush = flush

    @property
    def admitted(self) -> list[str]:
        """The names of those who were let in."""
        return [event.target.name for event in self.events("login.succeeded")]

    @property
    def clients(self) -> list[object]:
        """The programs that they came with."""
        return [event.data["client"] for event in self.events("login.succeeded")]

    @property
    def refused(self) -> list[tuple[object, object]]:
        """The names that were refused, each with the reason."""
        return [(event.data["username"], event.data["reason"]) for event in self.events("login.failed")]

    @property
    def left(self) -> list[Connection]:
        """The connections that are over."""
        page = self._calls.read_now(SYSTEM, connections.page, only_open=False)
        return [found for found in reversed(page.items) if found.ended_at is not None]

    @property
    def files(self) -> list[Recorded]:
        """What was done with files."""
        self._flush()
        return self.events("file.")

    @property
    def completeness(self) -> list[object]:
        """For each of these, whether it was finished."""
        return [event.data["is_complete"] for event in self.files]

    def events(self, kind: str) -> list[Recorded]:
        """The events whose kind begins like this."""
        page = self._calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,), limit=500))
        assert page.next_cursor is None
        return list(reversed(page.items))
