"""Connections: open links at the doors, and those that are over."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One link at a door; the counters are some seconds old while it is open."""

    id: str
    session_id: str
    user_id: str
    node: str
    interface: str
    address: str
    client: str
    credential: str
    cipher: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: str
    bytes_in: int
    bytes_out: int
    current_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedConnections:
    """How many connections were open, and are told to end."""

    ended: int


class Connections(Noun[Way]):
    """Who is connected."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        interface: Protocol | None = None,
        address: str | None = None,
        only_open: bool = True,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Connection]]:
        """Answer a page of connections, newest first."""
        where = {"user_id": user_id, "interface": interface, "address": address}
        query = where | {"only_open": only_open, "limit": limit, "cursor": cursor}
        return ask_page(Connection, "/connections", query)

    iterate = Walk(list)

    @Verb
    def get(self, connection_id: str) -> Steps[Connection]:
        """Answer a connection by id."""
        return ask(Connection, "GET", at("connections", connection_id))

    @Verb
    def end(self, connection_id: str) -> Steps[None]:
        """End a connection, with its session so that it cannot come back on it."""
        return tell("DELETE", at("connections", connection_id))

    @Verb
    def end_all(
        self,
        *,
        user_id: str | None = None,
        interface: Protocol | None = None,
        address: str | None = None,
    ) -> Steps[int]:
        """End every open connection that fits; answers how many there were."""
        query = {"user_id": user_id, "interface": interface, "address": address}
        ended = yield from ask(EndedConnections, "DELETE", "/connections", query=query)
        return ended.ended
