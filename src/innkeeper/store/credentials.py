"""SSH keys and API keys."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from innkeeper.domain.credentials import ApiKey, SshKey
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.words import ApiKeyId, SshKeyId, UserId
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import api_keys, ssh_keys
from innkeeper.store.unit import Unit

SSH_KEY = tuple(column.name for column in ssh_keys.c)
SSH_KEY_OF = attrgetter(*SSH_KEY)
KEYS_OF = select(ssh_keys).where(ssh_keys.c.user_id.in_(bindparam("ids", expanding=True)))
BY_DIGEST = select(api_keys).where(api_keys.c.token_digest == bindparam("digest"))


def ssh_key(unit: Unit, scope: Scope, key_id: SshKeyId) -> SshKey | None:
    """One SSH key of a user within the scope."""
    row = unit.row(select(ssh_keys).where(ssh_keys.c.id == key_id, users_in(scope, ssh_keys.c.user_id)))
    return SshKey(**row._mapping) if row else None


def ssh_keys_of(unit: Unit, user_ids: Iterable[str]) -> list[SshKey]:
    """Every SSH key of these users. The caller has taken them within its scope."""
    wanted = list(user_ids)
    return [SshKey(**row._mapping) for row in (unit.rows(KEYS_OF, {"ids": wanted}) if wanted else ())]


def page_of_ssh_keys(
    unit: Unit,
    scope: Scope,
    *,
    user_id: UserId | None = None,
    fingerprint: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[SshKey]:
    """SSH keys by id, narrowed to a user or a fingerprint."""
    query = select(ssh_keys).where(users_in(scope, ssh_keys.c.user_id))
    for column, wanted in ((ssh_keys.c.user_id, user_id), (ssh_keys.c.fingerprint, fingerprint)):
        if wanted is not None:
            query = query.where(column == wanted)
    if cursor:
        query = query.where(ssh_keys.c.id > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(ssh_keys.c.id).limit(limit + 1))
    shown = [SshKey(**row._mapping) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def insert_ssh_key(unit: Unit, permit: Permit, key: SshKey) -> None:
    """Add a key; raises Duplicate if the user has it."""
    unit.insert(permit, ssh_keys, dict(zip(SSH_KEY, SSH_KEY_OF(key), strict=True)))


def remove_ssh_key(unit: Unit, permit: Permit, key_id: SshKeyId) -> None:
    """Take a key away."""
    unit.change(permit, delete(ssh_keys).where(ssh_keys.c.id == key_id))


def note_ssh_key_use(unit: Unit, key_id: str, now: datetime) -> None:
    """Remember the last use of a key."""
    unit.keep_books(update(ssh_keys).where(ssh_keys.c.id == key_id).values(last_used_at=now))


def api_key(unit: Unit, scope: Scope, key_id: ApiKeyId) -> ApiKey | None:
    """One API key of a user within the scope."""
    row = unit.row(select(api_keys).where(api_keys.c.id == key_id, users_in(scope, api_keys.c.user_id)))
    return api_key_of(row) if row else None


def api_key_by_digest(unit: Unit, digest: str) -> ApiKey | None:
    """The key whose token has this digest: the way in, before any scope is known."""
    row = unit.row(BY_DIGEST, {"digest": digest})
    return api_key_of(row) if row else None


def page_of_api_keys(
    unit: Unit,
    scope: Scope,
    *,
    user_id: UserId | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ApiKey]:
    """API keys by id, narrowed to a user."""
    query = select(api_keys).where(users_in(scope, api_keys.c.user_id))
    if user_id is not None:
        query = query.where(api_keys.c.user_id == user_id)
    if cursor:
        query = query.where(api_keys.c.id > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(api_keys.c.id).limit(limit + 1))
    shown = [api_key_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def insert_api_key(unit: Unit, permit: Permit, key: ApiKey) -> None:
    """Add a key."""
    unit.insert(permit, api_keys, {column.name: getattr(key, column.name) for column in api_keys.c})


def remove_api_key(unit: Unit, permit: Permit, key_id: ApiKeyId) -> None:
    """Revoke a key."""
    unit.change(permit, delete(api_keys).where(api_keys.c.id == key_id))


def note_api_key_use(unit: Unit, key_id: str, now: datetime) -> None:
    """Remember the last use of a key."""
    unit.keep_books(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


def api_key_of(row: Row[Any]) -> ApiKey:
    lists = {"allowed_ips": tuple(row.allowed_ips), "scopes": tuple(row.scopes)}
    return ApiKey(**{**row._mapping, **lists})
