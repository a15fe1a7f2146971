"""Sessions and connections."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, bindparam, delete, or_, select, update

from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.sessions import Connection, Session
from innkeeper.domain.words import ConnectionId, Duty, SessionId, UserId
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.door_tables import connections
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import sessions
from innkeeper.store.unit import Unit

BY_DIGEST = select(sessions).where(sessions.c.token_digest == bindparam("digest"))
FROM_ADDRESS = (
    select(sessions.c.id)
    .where(
        sessions.c.user_id == bindparam("user"),
        sessions.c.address == bindparam("from_there"),
        sessions.c.created_at > bindparam("since"),
    )
    .limit(1)
)
RENEW = (
    update(connections)
    .where(connections.c.id == bindparam("row_id"), connections.c.ended_at.is_(None))
    .values(
        lease_until=bindparam("lease"),
        bytes_in=bindparam("received"),
        bytes_out=bindparam("sent"),
        current_path=bindparam("path"),
    )
)


def session(unit: Unit, scope: Scope, session_id: SessionId) -> Session | None:
    """One session of a user within the scope."""
    row = unit.row(select(sessions).where(sessions.c.id == session_id, users_in(scope, sessions.c.user_id)))
    return session_of(row) if row else None


def session_by_digest(unit: Unit, digest: str) -> Session | None:
    """The session whose token has this digest: the way in, before any scope is known."""
    row = unit.row(BY_DIGEST, {"digest": digest})
    return session_of(row) if row else None


def sessions_by_id(unit: Unit, session_ids: Sequence[str]) -> dict[str, Session]:
    """Sessions by id, for the recheck of open connections."""
    rows = unit.rows(select(sessions).where(sessions.c.id.in_(session_ids))) if session_ids else ()
    return {row.id: session_of(row) for row in rows}


def page_of_sessions(
    unit: Unit,
    scope: Scope,
    *,
    user_id: UserId | None = None,
    interface: str | None = None,
    only_open: bool = True,
    web_since: datetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Session]:
    """Sessions, newest first; those of browsers only if they were used after `web_since`."""
    query = select(sessions).where(users_in(scope, sessions.c.user_id))
    if user_id is not None:
        query = query.where(sessions.c.user_id == user_id)
    if interface is not None:
        query = query.where(sessions.c.interface == interface)
    if only_open:
        query = query.where(sessions.c.ended_at.is_(None), sessions.c.expires_at > unit.now)
    if web_since is not None:
        query = query.where(or_(sessions.c.interface != "web", sessions.c.last_used_at > web_since))
    if cursor:
        query = query.where(sessions.c.id < decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(sessions.c.id.desc()).limit(limit + 1))
    shown = [session_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def insert_session(unit: Unit, permit: Permit, entry: Session) -> None:
    """Add a session."""
    unit.insert(permit, sessions, _row(sessions, entry) | {"owes": " ".join(sorted(entry.owes))})


def end_session(unit: Unit, permit: Permit, session_id: SessionId, reason: str) -> int:
    """Mark a session ended."""
    ended = {"ended_at": unit.now, "end_reason": reason}
    still_open = update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    return unit.change(permit, still_open.values(ended))


def note_session_use(unit: Unit, session_id: SessionId, now: datetime) -> None:
    """Remember the last use of a session."""
    unit.keep_books(update(sessions).where(sessions.c.id == session_id).values(last_used_at=now))


def was_here(unit: Unit, user_id: UserId, address: str, since: datetime) -> bool:
    """True if the user has signed in from this address of late."""
    return unit.row(FROM_ADDRESS, {"user": user_id, "from_there": address, "since": since}) is not None


def session_of(row: Row[Any]) -> Session:
    """A row as a session."""
    return Session(**{**row._mapping, "owes": frozenset(Duty(name) for name in row.owes.split())})


def keep_duties(unit: Unit, session_id: SessionId, owes: Iterable[Duty]) -> None:
    """What the session still owes."""
    text = " ".join(sorted(owes))
    unit.keep_books(update(sessions).where(sessions.c.id == session_id).values(owes=text))


def keep_proof(unit: Unit, session_id: SessionId, now: datetime) -> None:
    """Its user has just shown again who they are."""
    unit.keep_books(update(sessions).where(sessions.c.id == session_id).values(proved_at=now))


def connection(unit: Unit, scope: Scope, connection_id: ConnectionId) -> Connection | None:
    """One connection of a user within the scope."""
    query = select(connections).where(
        connections.c.id == connection_id, users_in(scope, connections.c.user_id)
    )
    row = unit.row(query)
    return Connection(**row._mapping) if row else None


def page_of_connections(
    unit: Unit,
    scope: Scope,
    *,
    user_id: UserId | None = None,
    interface: str | None = None,
    address: str | None = None,
    only_open: bool = True,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Connection]:
    """Connections, newest first; open means that the lease still runs."""
    query = select(connections).where(users_in(scope, connections.c.user_id))
    if user_id is not None:
        query = query.where(connections.c.user_id == user_id)
    if interface is not None:
        query = query.where(connections.c.interface == interface)
    if address is not None:
        query = query.where(connections.c.address == address)
    if only_open:
        query = query.where(connections.c.ended_at.is_(None), connections.c.lease_until > unit.now)
    if cursor:
        query = query.where(connections.c.id < decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(connections.c.id.desc()).limit(limit + 1))
    shown = [Connection(**row._mapping) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def insert_connection(unit: Unit, permit: Permit, entry: Connection) -> None:
    """Add an open connection."""
    unit.insert(permit, connections, _row(connections, entry))


def end_connection(unit: Unit, permit: Permit, entry: Connection) -> int:
    """Store how a connection ended; answers 0 if it had ended before."""
    values = {
        "ended_at": entry.ended_at,
        "end_reason": entry.end_reason,
        "bytes_in": entry.bytes_in,
        "bytes_out": entry.bytes_out,
        "current_path": "",
    }
    still_open = update(connections).where(connections.c.id == entry.id, connections.c.ended_at.is_(None))
    return unit.change(permit, still_open.values(values))


def renew_leases(unit: Unit, readings: Sequence[Mapping[str, object]], lease: timedelta) -> None:
    """Extend the leases of open connections and keep their counters."""
    if readings:
        until = unit.now + lease
        unit.keep_books(RENEW, [{**reading, "lease": until} for reading in readings])


def lost_connections(unit: Unit, before: datetime, limit: int) -> list[Connection]:
    """Connections that nobody has ended, with a lease that ran out before then."""
    query = select(connections).where(connections.c.ended_at.is_(None), connections.c.lease_until < before)
    return [Connection(**row._mapping) for row in unit.rows(query.limit(limit))]


def forget_sessions(unit: Unit, before: datetime, limit: int) -> int:
    """Remove sessions that were over before then, with their connections; answers how many."""
    is_over = or_(sessions.c.ended_at < before, sessions.c.expires_at < before)
    old = select(sessions.c.id).where(is_over).limit(limit)
    return unit.keep_books(delete(sessions).where(sessions.c.id.in_(old)))


def _row(table: Table, entry: object) -> dict[str, Any]:
    return {column.name: getattr(entry, column.name) for column in table.c}
