"""Mails. What becomes of one is bookkeeping: that it was queued, and that it failed, gets an event."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from innkeeper.domain.mails import HOLD, WAITING, Mail, MailKind, MailState
from innkeeper.domain.rights import Scope
from innkeeper.domain.texts import Text
from innkeeper.domain.words import MailId, UserId
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import users_in
from innkeeper.store.sign_in_tables import mails
from innkeeper.store.texts import from_column, to_column
from innkeeper.store.unit import Unit

LONGEST_ERROR = 1000


def add(unit: Unit, mail: Mail) -> bool:
    """Add a mail; False when its cause has made one before, maybe just now in another process."""
    insert = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    adding = insert(mails).values(_row(mail)).on_conflict_do_nothing(index_elements=["cause"])
    # Of inserts the number of rows is known only on demand.
    return unit.keep_books(adding.execution_options(preserve_rowcount=True)) == 1


def one(unit: Unit, scope: Scope, mail_id: MailId) -> Mail | None:
    """One mail to a user within the scope."""
    row = unit.row(select(mails).where(mails.c.id == mail_id, users_in(scope, mails.c.user_id)))
    return mail_of(row) if row else None


def page(
    unit: Unit,
    scope: Scope,
    *,
    user_id: UserId | None = None,
    states: Sequence[MailState] = (),
    text: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Mail]:
    """Mails, newest first."""
    query = select(mails).where(users_in(scope, mails.c.user_id))
    if user_id is not None:
        query = query.where(mails.c.user_id == user_id)
    if states:
        query = query.where(mails.c.state.in_([state.value for state in states]))
    if text:
        query = query.where(mails.c.to_address.icontains(text, autoescape=True))
    if cursor:
        query = query.where(mails.c.id < decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(mails.c.id.desc()).limit(limit + 1))
    shown = [mail_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def claim(unit: Unit, mail_id: MailId) -> bool:
    """Hold a mail that is due for one try; False when it is not, or when someone was faster."""
    due = and_(mails.c.id == mail_id, mails.c.state.in_(WAITING), mails.c.due_at <= unit.now)
    held = {"state": MailState.SENDING.value, "tries": mails.c.tries + 1, "due_at": unit.now + HOLD}
    return unit.keep_books(update(mails).where(due).values(held)) == 1


def settle(
    unit: Unit,
    mail_id: MailId,
    state: MailState,
    *,
    error: Text | None = None,
    due_at: datetime | None = None,
) -> None:
    """What became of a try. The secret goes unless there is a next one."""
    values: dict[str, Any] = {"state": state.value, "error": to_column(error, LONGEST_ERROR)}
    if due_at is None:
        values["sealed"] = None
    else:
        values["due_at"] = due_at
    if state is MailState.SENT:
        values["sent_at"] = unit.now
    unit.keep_books(update(mails).where(mails.c.id == mail_id).values(values))


def hasten(unit: Unit, mail_id: MailId) -> bool:
    """Let a mail that waits be tried now; False when it does not wait."""
    waits = and_(mails.c.id == mail_id, mails.c.state == MailState.QUEUED.value)
    return unit.keep_books(update(mails).where(waits).values(due_at=unit.now)) == 1


def waiting(unit: Unit, *, due_before: datetime, limit: int) -> list[Mail]:
    """The mails that should have been tried by then, the oldest first."""
    late = or_(*(and_(mails.c.state == state.value, mails.c.due_at < due_before) for state in WAITING))
    return [mail_of(row) for row in unit.rows(select(mails).where(late).order_by(mails.c.id).limit(limit))]


def known_causes(unit: Unit, causes: Iterable[str]) -> set[str]:
    """Those of the causes that have made a mail."""
    asked = list(causes)
    query = select(mails.c.cause).where(mails.c.cause.in_(asked))
    return {row.cause for row in (unit.rows(query) if asked else ())}


def is_made(unit: Unit, user_id: UserId, kind: MailKind, at: datetime) -> bool:
    """True when the same moment has made such a mail to this user."""
    query = select(mails.c.id).where(
        mails.c.user_id == user_id, mails.c.kind == kind.value, mails.c.created_at == at
    )
    return unit.row(query.limit(1)) is not None


def mail_of(row: Row[Any]) -> Mail:
    """A row as a mail."""
    kinds = {"kind": MailKind(row.kind), "state": MailState(row.state), "error": from_column(row.error)}
    return Mail(**{**row._mapping, **kinds})


def _row(mail: Mail) -> dict[str, Any]:
    row = {column.name: getattr(mail, column.name) for column in mails.c}
    return row | {"error": to_column(mail.error, LONGEST_ERROR)}
