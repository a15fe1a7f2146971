"""Connections: open links at the doors, and those that are over."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from innkeeper.actions import connections
from innkeeper.domain.sessions import Connection
from innkeeper.domain.words import ConnectionId, UserId
from innkeeper.interfaces.rest.answers import nothing
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.sessions import At, OnlyOpen
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/connections", tags=["connections"], route_class=Route)
From = Annotated[str | None, Query(max_length=64, description="Only from this address.")]


class ConnectionDocument(BaseModel):
    """One link at a door; the counters are some seconds old while it is open."""

    id: str
    session_id: str
    user_id: str
    node: str
    interface: str
    address: str
    client: str
    credential: str
    cipher: str = Field(description="What the link is encrypted with, where the door does it itself.")
    started_at: datetime
    ended_at: datetime | None
    end_reason: str
    bytes_in: int
    bytes_out: int
    current_path: str = Field(description="The file in transfer, if any.")


class EndedConnections(BaseModel):
    """How many connections were open, and are told to end."""

    ended: int


@router.get("", response_model=PageDocument[ConnectionDocument], responses=refusals(400))
async def list_connections(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    interface: At = None,
    address: From = None,
    only_open: OnlyOpen = True,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List connections, newest first."""
    page = await visit.read(
        connections.page,
        user_id=UserId(user_id) if user_id is not None else None,
        interface=interface,
        address=address,
        only_open=only_open,
        limit=limit,
        cursor=cursor,
    )
    return PageDocument(items=[connection_document(one) for one in page.items], next_cursor=page.next_cursor)


@router.delete("", response_model=EndedConnections, responses=refusals(400))
async def end_connections(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    interface: At = None,
    address: From = None,
) -> EndedConnections:
    """End every open connection that fits, with its session so that it cannot come back on it."""
    ended = await visit.write(
        connections.end_all,
        user_id=UserId(user_id) if user_id is not None else None,
        interface=interface,
        address=address,
    )
    return EndedConnections(ended=ended)


@router.get("/{connection_id}", response_model=ConnectionDocument, responses=refusals(404))
async def show_connection(visit: Here, connection_id: str) -> Any:
    """Show a connection."""
    return connection_document(await visit.read(connections.show, ConnectionId(connection_id)))


@router.delete("/{connection_id}", status_code=204, responses=refusals(404))
async def end_connection(visit: Here, connection_id: str) -> Response:
    """End a connection, with its session so that it cannot come back on it."""
    await visit.write(connections.end, ConnectionId(connection_id))
    return nothing()


def connection_document(connection: Connection) -> ConnectionDocument:
    """A connection as the API shows it."""
    return ConnectionDocument(**{name: getattr(connection, name) for name in ConnectionDocument.model_fields})
