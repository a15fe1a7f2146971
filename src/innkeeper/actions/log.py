"""The event log as subscribers read it: in order, from a place on."""

from innkeeper.actions.call import Call
from innkeeper.domain.events import Recorded
from innkeeper.domain.rights import Right
from innkeeper.store import events
from innkeeper.store.events import START, Place

__all__ = ["START", "Place", "after", "last_place", "read_position", "save_position"]


def after(call: Call, place: Place, *, limit: int = 500) -> list[Recorded]:
    """The next events behind a place, oldest first."""
    call.permit_for_site(Right.EVENT_READ)
    return events.after(call.unit, place, limit)


def last_place(call: Call) -> Place:
    """Where the log ends now."""
    return events.last_place(call.unit)


def read_position(call: Call, subscriber: str) -> Place | None:
    """How far a subscriber has read; None if it never has."""
    return events.read_position(call.unit, subscriber)


def save_position(call: Call, subscriber: str, place: Place) -> None:
    """Remember how far a subscriber has read."""
    call.permit_for_site(Right.EVENT_READ)
    events.save_position(call.unit, subscriber, place)
