"""The event log: appended in the transaction of the change, read by position.

On PostgreSQL positions can become visible out of order, because transactions commit in another order than
they drew their numbers. So a place in the log is (transaction, position), and readers see only transactions
below the oldest one still running.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, text, tuple_, update

from innkeeper.domain.actors import Actor
from innkeeper.domain.events import Event, Kind, Recorded, Target
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.rights import Reach, Scope
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import groups_in, users_in
from innkeeper.store.tables import events, subscriber_positions
from innkeeper.store.unit import Unit

Place = tuple[int, int]
START: Place = (-1, -1)
SETTLED = text("events.commit_order < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def append(unit: Unit, actor: Actor, interface: str, address: str, event: Event) -> None:
    """Add an event to the log, in this unit."""
    unit.record(
        {
            "at": unit.now,
            "kind": event.kind.value,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "interface": interface,
            "address": address,
            "target_kind": event.target.kind,
            "target_id": event.target.id,
            "target_name": event.target.name,
            "user_id": event.user_id,
            "details": {"before": event.before, "after": event.after, "data": event.data},
        }
    )


def page(unit: Unit, scope: Scope, query: EventQuery) -> Page[Recorded]:
    """Events, newest first."""
    found = select(events).where(_visible(scope), *_clauses(query))
    if query.cursor:
        found = found.where(events.c.position < decode_cursor(query.cursor, 1, int)[0])
    rows = unit.rows(found.order_by(events.c.position.desc()).limit(query.limit + 1))
    shown = [recorded_of(row) for row in rows[: query.limit]]
    return Page(shown, encode_cursor((shown[-1].position,)) if len(rows) > query.limit else None)


def per_day(
    unit: Unit, scope: Scope, query: EventQuery, since: datetime, offset_minutes: int
) -> dict[tuple[str, str], int]:
    """How many events of each kind there were on each day, days cut in a zone that many minutes off UTC."""
    day = _day(unit, offset_minutes)
    found = (
        select(day.label("day"), events.c.kind, func.count().label("number"))
        .where(events.c.at >= since, _visible(scope), *_clauses(query))
        .group_by(day, events.c.kind)
    )
    return {(str(row.day), row.kind): row.number for row in unit.rows(found)}


def _day(unit: Unit, offset_minutes: int) -> ColumnElement[Any]:
    if unit.dialect == "sqlite":
        return func.date(func.substr(events.c.at, 1, 19), f"{offset_minutes:+d} minutes")
    shifted = func.timezone("UTC", events.c.at) + text(f"interval '{int(offset_minutes)} minutes'")
    return func.to_char(shifted, "YYYY-MM-DD")


def after(unit: Unit, place: Place, limit: int) -> list[Recorded]:
    """The next events in the log behind a place, oldest first."""
    order = (events.c.commit_order, events.c.position)
    query = select(events).where(tuple_(*order) > tuple_(*place)).order_by(*order).limit(limit)
    if unit.dialect == "postgresql":
        query = query.where(SETTLED)
    return [recorded_of(row) for row in unit.rows(query)]


def between(unit: Unit, place: Place, end: Place, kinds: Iterable[Kind], limit: int) -> list[Recorded]:
    """The next events of these kinds behind a place and up to another, oldest first."""
    order = (events.c.commit_order, events.c.position)
    query = (
        select(events)
        .where(tuple_(*order) > tuple_(*place), tuple_(*order) <= tuple_(*end))
        .where(events.c.kind.in_([kind.value for kind in kinds]))
    )
    return [recorded_of(row) for row in unit.rows(query.order_by(*order).limit(limit))]


def last_place(unit: Unit) -> Place:
    """The place of the newest event that readers may see."""
    order = (events.c.commit_order, events.c.position)
    query = select(*order).order_by(*(column.desc() for column in order)).limit(1)
    if unit.dialect == "postgresql":
        query = query.where(SETTLED)
    row = unit.row(query)
    return (row.commit_order, row.position) if row else START


def read_position(unit: Unit, subscriber: str) -> Place | None:
    """How far a subscriber has read."""
    row = unit.row(select(subscriber_positions).where(subscriber_positions.c.subscriber == subscriber))
    return (row.commit_order, row.position) if row else None


def save_position(unit: Unit, subscriber: str, place: Place) -> None:
    """Remember how far a subscriber has read."""
    values = {"commit_order": place[0], "position": place[1], "updated_at": unit.now}
    mine = subscriber_positions.c.subscriber == subscriber
    if not unit.keep_books(update(subscriber_positions).where(mine).values(values)):
        unit.keep_books(subscriber_positions.insert().values(subscriber=subscriber, **values))


def _visible(scope: Scope) -> ColumnElement[bool]:
    mine = users_in(scope, events.c.user_id)
    if scope.reach is Reach.ANYONE:
        return mine
    return or_(mine, events.c.actor_id == scope.user_id, groups_in(scope, events.c.target_id))


def _clauses(query: EventQuery) -> list[ColumnElement[bool]]:
    e = events.c
    clauses: list[ColumnElement[bool]] = []
    if query.user_id:
        clauses.append(or_(e.user_id == query.user_id, e.actor_id == query.user_id))
    for column, value in ((e.actor_id, query.actor_id), (e.target_id, query.target_id)):
        if value:
            clauses.append(column == value)
    if query.kinds:
        clauses.append(or_(*(e.kind.startswith(kind, autoescape=True) for kind in query.kinds)))
    if query.interface:
        clauses.append(e.interface == query.interface)
    if query.text:
        names = e.target_name + " " + e.actor_name + " " + e.address
        clauses.append(names.icontains(query.text, autoescape=True))
    if query.since:
        clauses.append(e.at >= query.since)
    if query.until:
        clauses.append(e.at < query.until)
    return clauses


def recorded_of(row: Row[Any]) -> Recorded:
    """A row as an event."""
    details = row.details
    return Recorded(
        position=row.position,
        commit_order=row.commit_order,
        at=row.at,
        kind=Kind(row.kind),
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        interface=row.interface,
        address=row.address,
        target=Target(row.target_kind, row.target_id, row.target_name),
        user_id=row.user_id,
        before=details["before"],
        after=details["after"],
        data=details["data"],
    )
