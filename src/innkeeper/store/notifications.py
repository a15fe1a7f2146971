"""Notifications, and the turns of their readers: how far each was told, and when the next batch is due.

Turns are bookkeeping. They move by comparison with where they stood, so that of two nodes one moves them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from innkeeper.domain.notifications import FileNews, Frequency, Notification, Place
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.words import NotificationId, SubjectKind, UserId
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.notification_tables import notification_turns as turns
from innkeeper.store.notification_tables import notifications
from innkeeper.store.scopes import subjects_in
from innkeeper.store.unit import Unit

OF_SUBJECTS = select(notifications).where(notifications.c.subject_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Turn:
    """A reader whose batch is due, and the place in the log up to which they were told."""

    notification_id: NotificationId
    user_id: UserId
    place: Place


def one(unit: Unit, scope: Scope, notification_id: NotificationId) -> Notification | None:
    """The notification, if its subject lies within the scope."""
    mine = and_(notifications.c.id == notification_id, subjects_in(scope, notifications.c.subject_id))
    row = unit.row(select(notifications).where(mine))
    return notification_of(row) if row else None


def page(
    unit: Unit,
    scope: Scope,
    *,
    subject_id: str | None = None,
    path: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Notification]:
    """Notifications within the scope, by id."""
    query = select(notifications).where(subjects_in(scope, notifications.c.subject_id))
    for column, wanted in ((notifications.c.subject_id, subject_id), (notifications.c.path, path)):
        if wanted is not None:
            query = query.where(column == wanted)
    if cursor:
        query = query.where(notifications.c.id > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(notifications.c.id).limit(limit + 1))
    shown = [notification_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def of_subjects(unit: Unit, subject_ids: Iterable[str]) -> list[Notification]:
    """Every notification for these users and groups."""
    wanted = list(subject_ids)
    return [notification_of(row) for row in (unit.rows(OF_SUBJECTS, {"ids": wanted}) if wanted else ())]


def of_groups(unit: Unit) -> list[Notification]:
    """Every notification for a group."""
    for_group = notifications.c.subject_kind == SubjectKind.GROUP.value
    return [notification_of(row) for row in unit.rows(select(notifications).where(for_group))]


def many(unit: Unit, ids: Iterable[NotificationId]) -> dict[NotificationId, Notification]:
    """These notifications, by id."""
    found = unit.rows(select(notifications).where(notifications.c.id.in_(sorted(set(ids)))))
    return {NotificationId(row.id): notification_of(row) for row in found}


def insert(unit: Unit, permit: Permit, entry: Notification) -> None:
    """Add a notification; raises Duplicate if its subject has one of this folder."""
    unit.insert(permit, notifications, _row(entry))


def save(unit: Unit, permit: Permit, entry: Notification) -> None:
    """Store a changed notification."""
    values = {name: value for name, value in _row(entry).items() if name != "id"}
    unit.change(permit, update(notifications).where(notifications.c.id == entry.id).values(values))


def remove(unit: Unit, permit: Permit, notification_id: NotificationId) -> None:
    """Take a notification away, with its turns."""
    unit.change(permit, delete(notifications).where(notifications.c.id == notification_id))


def remove_of_subject(unit: Unit, permit: Permit, subject_id: str) -> None:
    """Take away all of a user or group that is gone."""
    unit.change(permit, delete(notifications).where(notifications.c.subject_id == subject_id))


def readers(unit: Unit, notification_id: NotificationId) -> set[str]:
    """Ids of the users who have a turn, those included who refused."""
    query = select(turns.c.user_id).where(turns.c.notification_id == notification_id)
    return {row.user_id for row in unit.rows(query)}


def begin_turns(
    unit: Unit, notification_id: NotificationId, due: Sequence[tuple[UserId, datetime]], place: Place
) -> None:
    """Let users be told of what comes after this place; those who have a turn keep it."""
    insert_into = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    given = {"notification_id": notification_id, "commit_order": place[0], "position": place[1]}
    rows = [{**given, "user_id": user_id, "due_at": due_at} for user_id, due_at in due]
    if rows:
        unit.keep_books(insert_into(turns).on_conflict_do_nothing(), rows)


def turns_due(unit: Unit, limit: int) -> list[Turn]:
    """Turns whose batch is due, the longest overdue first."""
    due = and_(turns.c.due_at <= unit.now, turns.c.refused_at.is_(None))
    rows = unit.rows(select(turns).where(due).order_by(turns.c.due_at).limit(limit))
    return [Turn(row.notification_id, row.user_id, (row.commit_order, row.position)) for row in rows]


def move_turn(unit: Unit, turn: Turn, place: Place, due_at: datetime) -> bool:
    """Note how far a reader is told now; False when another node was faster, or they refused meanwhile."""
    stands = and_(
        turns.c.notification_id == turn.notification_id,
        turns.c.user_id == turn.user_id,
        turns.c.commit_order == turn.place[0],
        turns.c.position == turn.place[1],
        turns.c.due_at <= unit.now,
        turns.c.refused_at.is_(None),
    )
    moved = {"commit_order": place[0], "position": place[1], "due_at": due_at}
    return unit.keep_books(update(turns).where(stands).values(moved)) == 1


def reschedule(unit: Unit, notification_id: NotificationId, user_id: UserId, due_at: datetime) -> None:
    """Change when a reader's next batch is due; how far they were told stays."""
    mine = and_(turns.c.notification_id == notification_id, turns.c.user_id == user_id)
    unit.keep_books(update(turns).where(mine).values(due_at=due_at))


def refuse(unit: Unit, permit: Permit, notification_id: NotificationId, user_id: UserId) -> None:
    """Tell this reader no more."""
    mine = and_(turns.c.notification_id == notification_id, turns.c.user_id == user_id)
    unit.change(permit, update(turns).where(mine).values(refused_at=unit.now))


def refused_by(unit: Unit, user_id: UserId) -> set[str]:
    """The notifications for groups that this user does not want to be told."""
    mine = and_(turns.c.user_id == user_id, turns.c.refused_at.is_not(None))
    return {row.notification_id for row in unit.rows(select(turns.c.notification_id).where(mine))}


def _row(entry: Notification) -> dict[str, Any]:
    row = {column.name: getattr(entry, column.name) for column in notifications.c}
    return row | {
        "subject_kind": entry.subject_kind.value,
        "verbs": [verb.value for verb in entry.verbs],
        "frequency": entry.frequency.value,
    }


def notification_of(row: Row[Any]) -> Notification:
    """A row as a notification."""
    known = {
        "subject_kind": SubjectKind(row.subject_kind),
        "verbs": tuple(FileNews(verb) for verb in row.verbs),
        "frequency": Frequency(row.frequency),
    }
    return Notification(**{**row._mapping, **known})
