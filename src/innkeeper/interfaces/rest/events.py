"""The log of what happened."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from innkeeper.actions import events
from innkeeper.domain.events import Recorded
from innkeeper.domain.queries import EventQuery
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/events", tags=["events"], route_class=Route)
Id = Annotated[str | None, Query(max_length=200)]
Kinds = Annotated[
    list[str],
    Query(max_length=100, description="Kinds, or how they begin.", examples=[["user.", "password.reset"]]),
]


class TargetDocument(BaseModel):
    """What an event is about, under the name it had then."""

    kind: str
    id: str
    name: str


class EventDocument(BaseModel):
    """Something that happened: who caused it, through which interface, from where."""

    position: int
    at: datetime
    kind: str = Field(examples=["user.suspended"])
    actor_kind: str
    actor_id: str | None
    actor_name: str
    interface: str
    address: str
    target: TargetDocument
    user_id: str | None = Field(description="The user that it concerns.")
    before: dict[str, Any]
    after: dict[str, Any]
    data: dict[str, Any]


async def make_query(
    user_id: Annotated[Id, Query(description="Events by or about this user.")] = None,
    actor_id: Id = None,
    target_id: Id = None,
    kind: Kinds = [],  # noqa: B006
    interface: Annotated[str, Query(max_length=50)] = "",
    text: Annotated[str, Query(max_length=200, description="Part of a name or address.")] = "",
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EventQuery:
    """The query that these parameters spell."""
    return EventQuery(
        user_id=user_id,
        actor_id=actor_id,
        target_id=target_id,
        kinds=tuple(kind),
        interface=interface,
        text=text,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    )


@router.get("", response_model=PageDocument[EventDocument], responses=refusals(400))
async def list_events(visit: Here, query: Annotated[EventQuery, Depends(make_query)]) -> Any:
    """List events, newest first."""
    page = await visit.read(events.page, query)
    return PageDocument(items=[event_document(event) for event in page.items], next_cursor=page.next_cursor)


def event_document(event: Recorded) -> EventDocument:
    """An event as the API shows it."""
    target = TargetDocument(kind=event.target.kind, id=event.target.id, name=event.target.name)
    names = [name for name in EventDocument.model_fields if name != "target"]
    return EventDocument(target=target, **{name: getattr(event, name) for name in names})
