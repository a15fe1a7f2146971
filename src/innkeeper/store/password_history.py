"""The hashes of passwords that users had before, so that they are not taken again."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from innkeeper.domain.rights import Permit
from innkeeper.domain.words import UserId
from innkeeper.kit.ids import new_id
from innkeeper.store.sign_in_tables import password_history as history
from innkeeper.store.unit import Unit


def add(unit: Unit, permit: Permit, user_id: UserId, password_hash: str) -> None:
    """Keep a password that is one no more."""
    row = {"id": new_id(), "user_id": user_id, "password_hash": password_hash, "created_at": unit.now}
    unit.insert(permit, history, row)


def newest(unit: Unit, user_id: UserId, limit: int) -> list[str]:
    """The hashes of a user's last passwords, the newest first."""
    query = select(history.c.password_hash).where(history.c.user_id == user_id)
    return [row.password_hash for row in unit.rows(query.order_by(history.c.id.desc()).limit(limit))]


def of_users(unit: Unit, user_ids: Iterable[str], limit: int) -> dict[str, list[str]]:
    """The same for many users, by id."""
    wanted = list(user_ids)
    query = select(history).where(history.c.user_id.in_(wanted)).order_by(history.c.id.desc())
    found: dict[str, list[str]] = {}
    for row in unit.rows(query) if wanted and limit > 0 else ():
        hashes = found.setdefault(row.user_id, [])
        if len(hashes) < limit:
            hashes.append(row.password_hash)
    return found


def keep_newest(unit: Unit, user_id: UserId, limit: int) -> None:
    """Forget all but a user's last ones."""
    kept = select(history.c.id).where(history.c.user_id == user_id)
    kept = kept.order_by(history.c.id.desc()).limit(limit)
    unit.keep_books(delete(history).where(history.c.user_id == user_id, history.c.id.not_in(kept)))
