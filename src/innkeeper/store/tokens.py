"""One-time tokens. They are bookkeeping: what they lead to is what gets an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from innkeeper.domain.tokens import OneTimeToken, Purpose
from innkeeper.domain.words import UserId
from innkeeper.store.sign_in_tables import one_time_tokens as tokens
from innkeeper.store.unit import Unit


def add(unit: Unit, token: OneTimeToken) -> None:
    """Keep a token until it is used or old; those of everyone that are old go."""
    unit.keep_books(delete(tokens).where(tokens.c.expires_at < unit.now))
    unit.keep_books(insert(tokens), _row(token))


def spend(unit: Unit, token: OneTimeToken) -> bool:
    """Note a token that was never kept as used; False when it was before."""
    insert_into = sqlite.insert if unit.dialect == "sqlite" else postgresql.insert
    spending = insert_into(tokens).values(_row(token) | {"used_at": unit.now}).on_conflict_do_nothing()
    return unit.keep_books(spending.execution_options(preserve_rowcount=True)) == 1


def find(unit: Unit, digest: str, purpose: Purpose) -> OneTimeToken | None:
    """The token with this digest, if it is for this purpose; it may be used up or too old."""
    found = select(tokens).where(tokens.c.token_digest == digest, tokens.c.purpose == purpose)
    row = unit.row(found)
    return OneTimeToken(**{**row._mapping, "purpose": Purpose(row.purpose)}) if row else None


def use(unit: Unit, digest: str) -> bool:
    """Use the token up; False when someone was faster."""
    unused = update(tokens).where(tokens.c.token_digest == digest, tokens.c.used_at.is_(None))
    return unit.keep_books(unused.values(used_at=unit.now)) == 1


def count_try(unit: Unit, digest: str) -> int:
    """Count one more wrong answer to it; the number so far."""
    same = tokens.c.token_digest == digest
    unit.keep_books(update(tokens).where(same).values(tries=tokens.c.tries + 1))
    return int(unit.scalar(select(tokens.c.tries).where(same)) or 0)


def keep_document(unit: Unit, digest: str, document: Mapping[str, Any]) -> None:
    """Replace what is known with the token."""
    unit.keep_books(update(tokens).where(tokens.c.token_digest == digest).values(document=document))


def drop(unit: Unit, user_id: UserId, purpose: Purpose) -> None:
    """Make a user's tokens of this kind worthless."""
    theirs = update(tokens).where(tokens.c.user_id == user_id, tokens.c.purpose == purpose)
    unit.keep_books(theirs.where(tokens.c.used_at.is_(None)).values(used_at=unit.now))


def count_since(unit: Unit, user_id: UserId, purpose: Purpose, since: datetime) -> int:
    """How many tokens of this kind a user was given of late."""
    query = select(func.count()).where(
        tokens.c.user_id == user_id, tokens.c.purpose == purpose, tokens.c.created_at > since
    )
    return int(unit.scalar(query) or 0)


def _row(token: OneTimeToken) -> dict[str, Any]:
    return {column.name: getattr(token, column.name) for column in tokens.c}
