"""Answers kept for requests that come twice under one key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from innkeeper.store.tables import answers
from innkeeper.store.unit import Unit

FORGOTTEN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """What one request answered: the whole document, or only the id of what it made."""

    request_digest: str
    document: Mapping[str, Any] | None
    target_id: str


def reserve(unit: Unit, place: str, request_digest: str) -> bool:
    """Take a place; False when it is taken. A unit that is still taking it is waited for."""
    insert = sqlite.insert if unit.dialect == "sqlite" else postgresql.insert
    values = {"place": place, "request_digest": request_digest, "target_id": "", "created_at": unit.now}
    taking = insert(answers).values(values).on_conflict_do_nothing()
    return unit.keep_books(taking.execution_options(preserve_rowcount=True)) == 1


def find(unit: Unit, place: str) -> Kept | None:
    """What is kept at a place."""
    row = unit.row(select(answers).where(answers.c.place == place))
    return Kept(row.request_digest, row.document, row.target_id) if row else None


def keep(unit: Unit, place: str, *, document: Mapping[str, Any] | None = None, target_id: str = "") -> None:
    """Fill a reserved place."""
    values = {"document": document, "target_id": target_id}
    unit.keep_books(update(answers).where(answers.c.place == place).values(values))


def forget_before(unit: Unit, moment: datetime) -> None:
    """Drop some answers that are too old; nodes that do so at the same time step around each other."""
    old = select(answers.c.place).where(answers.c.created_at < moment).limit(FORGOTTEN_AT_ONCE)
    unit.keep_books(delete(answers).where(answers.c.place.in_(old.with_for_update(skip_locked=True))))
