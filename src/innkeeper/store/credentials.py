"""SSH keys and API keys, one by one and of a user; lists of them are in `key_lists`."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Table, bindparam, delete, or_, select, update

from innkeeper.domain.credentials import ApiKey, SshKey
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.sessions import SESSION_TOUCH_INTERVAL
from innkeeper.domain.words import ApiKeyId, SshKeyId
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import api_keys, sessions, ssh_keys
from innkeeper.store.unit import Unit

SSH_KEY = tuple(column.name for column in ssh_keys.c)
SSH_KEY_OF = attrgetter(*SSH_KEY)
KEYS_OF = select(ssh_keys).where(ssh_keys.c.user_id.in_(bindparam("ids", expanding=True)))
BY_DIGEST = select(api_keys).where(api_keys.c.token_digest == bindparam("digest"))
NOTE_INTERVAL = timedelta(hours=1)
SSH_EDITABLE = ("label", "expires_at")
API_EDITABLE = ("name", "expires_at", "allowed_ips", "scopes")


def ssh_key(unit: Unit, scope: Scope, key_id: SshKeyId) -> SshKey | None:
    """One SSH key of a user within the scope."""
    row = unit.row(select(ssh_keys).where(ssh_keys.c.id == key_id, users_in(scope, ssh_keys.c.user_id)))
    return SshKey(**row._mapping) if row else None


def ssh_key_for_change(unit: Unit, key_id: SshKeyId) -> SshKey | None:
    """A key that the caller has seen, held against other writers; None when it has gone meanwhile."""
    row = unit.row(select(ssh_keys).where(ssh_keys.c.id == key_id).with_for_update())
    return SshKey(**row._mapping) if row else None


def ssh_keys_of(unit: Unit, user_ids: Iterable[str]) -> list[SshKey]:
    """Every SSH key of these users. The caller has taken them within its scope."""
    wanted = list(user_ids)
    return [SshKey(**row._mapping) for row in (unit.rows(KEYS_OF, {"ids": wanted}) if wanted else ())]


def insert_ssh_key(unit: Unit, permit: Permit, key: SshKey) -> None:
    """Add a key; raises Duplicate if the user has it."""
    unit.insert(permit, ssh_keys, dict(zip(SSH_KEY, SSH_KEY_OF(key), strict=True)))


def save_ssh_key(unit: Unit, permit: Permit, key: SshKey) -> None:
    """Store what can be edited of a key."""
    _save(unit, permit, ssh_keys, key, SSH_EDITABLE)


def remove_ssh_key(unit: Unit, permit: Permit, key_id: SshKeyId) -> None:
    """Take a key away."""
    unit.change(permit, delete(ssh_keys).where(ssh_keys.c.id == key_id))


def note_ssh_key_use(unit: Unit, key_id: str, now: datetime, interface: str) -> None:
    """Remember the last use of a key, and the door."""
    used = {"last_used_at": now, "last_used_interface": interface}
    unit.keep_books(update(ssh_keys).where(ssh_keys.c.id == key_id).values(used))


def ssh_key_by_id(unit: Unit, key_id: str) -> SshKey | None:
    """The key that opened a session, for the recheck of open connections."""
    row = unit.row(select(ssh_keys).where(ssh_keys.c.id == key_id))
    return ssh_key_of(row) if row else None


def note_keys_in_use(unit: Unit, session_ids: Sequence[str]) -> None:
    """Remember, once an hour, that the keys which opened these sessions are still in use."""
    opened = select(sessions.c.credential_id).where(sessions.c.id.in_(session_ids))
    is_due = ssh_keys.c.id.in_(opened), ssh_keys.c.last_used_at <= unit.now - NOTE_INTERVAL
    unit.keep_books(update(ssh_keys).where(*is_due).values(last_used_at=unit.now))
    is_due = api_keys.c.id.in_(opened), api_keys.c.last_used_at <= unit.now - NOTE_INTERVAL
    unit.keep_books(update(api_keys).where(*is_due).values(last_used_at=unit.now))


def api_key(unit: Unit, scope: Scope, key_id: ApiKeyId) -> ApiKey | None:
    """One API key of a user within the scope."""
    row = unit.row(select(api_keys).where(api_keys.c.id == key_id, users_in(scope, api_keys.c.user_id)))
    return api_key_of(row) if row else None


def api_key_for_change(unit: Unit, key_id: ApiKeyId) -> ApiKey | None:
    """A key that the caller has seen, held against other writers; None when it has gone meanwhile."""
    row = unit.row(select(api_keys).where(api_keys.c.id == key_id).with_for_update())
    return api_key_of(row) if row else None


def api_key_by_digest(unit: Unit, digest: str) -> ApiKey | None:
    """The key whose token has this digest: the way in, before any scope is known."""
    row = unit.row(BY_DIGEST, {"digest": digest})
    return api_key_of(row) if row else None


def api_key_by_id(unit: Unit, key_id: str) -> ApiKey | None:
    """The key that opened a session, for the recheck of open connections."""
    row = unit.row(select(api_keys).where(api_keys.c.id == key_id))
    return api_key_of(row) if row else None


def insert_api_key(unit: Unit, permit: Permit, key: ApiKey) -> None:
    """Add a key."""
    unit.insert(permit, api_keys, {column.name: getattr(key, column.name) for column in api_keys.c})


def save_api_key(unit: Unit, permit: Permit, key: ApiKey) -> None:
    """Store what can be edited of a key."""
    _save(unit, permit, api_keys, key, API_EDITABLE)


def remove_api_key(unit: Unit, permit: Permit, key_id: ApiKeyId) -> None:
    """Revoke a key."""
    unit.change(permit, delete(api_keys).where(api_keys.c.id == key_id))


def note_api_key_use(unit: Unit, key_id: str, now: datetime, interface: str) -> None:
    """Remember the last use of a key, and the door: at most once a minute, however many ask at once."""
    last = api_keys.c.last_used_at
    is_due = or_(last.is_(None), last <= now - SESSION_TOUCH_INTERVAL)
    used = {"last_used_at": now, "last_used_interface": interface}
    unit.keep_books(update(api_keys).where(api_keys.c.id == key_id, is_due).values(used))


def ssh_key_of(row: Row[Any]) -> SshKey:
    """A row as a key; columns that come along from elsewhere are left out."""
    return SshKey(**{name: getattr(row, name) for name in SSH_KEY})


def api_key_of(row: Row[Any]) -> ApiKey:
    """A row as a key; columns that come along from elsewhere are left out."""
    values = {column.name: getattr(row, column.name) for column in api_keys.c}
    return ApiKey(**values | {"allowed_ips": tuple(row.allowed_ips), "scopes": tuple(row.scopes)})


def _save(unit: Unit, permit: Permit, table: Table, key: SshKey | ApiKey, names: Sequence[str]) -> None:
    values = {name: getattr(key, name) for name in names}
    unit.change(permit, update(table).where(table.c.id == key.id).values(values))
