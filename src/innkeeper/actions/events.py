"""Read the activity log."""

from datetime import datetime

from innkeeper.actions.call import Call
from innkeeper.domain.events import Recorded
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.rights import Right
from innkeeper.kit.paging import Page
from innkeeper.store import events


def page(call: Call, query: EventQuery) -> Page[Recorded]:
    """A page of events, newest first."""
    return events.page(call.unit, call.scope(Right.EVENT_READ), query)


def per_day(
    call: Call, query: EventQuery, since: datetime, *, offset_minutes: int = 0
) -> dict[tuple[str, str], int]:
    """How many events of each kind on each day: `{(day as YYYY-MM-DD, kind): number}`."""
    return events.per_day(call.unit, call.scope(Right.EVENT_READ), query, since, offset_minutes)
