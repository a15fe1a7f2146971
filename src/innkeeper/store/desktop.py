"""Devices that ask to be let in, and the tokens of those that were. Only digests are stored."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from innkeeper.domain.desktop import DeviceGrant, GrantState, StoredToken, TokenKind
from innkeeper.domain.sessions import Session
from innkeeper.domain.words import DeviceGrantId, SessionId, UserId
from innkeeper.store.sessions import session_of
from innkeeper.store.sign_in_tables import device_grants as grants
from innkeeper.store.sign_in_tables import session_tokens as tokens
from innkeeper.store.tables import sessions
from innkeeper.store.unit import Unit

# So long a device can still be told that its code is too old.
REMEMBERED = timedelta(hours=1)
BY_DIGEST = select(tokens).where(
    tokens.c.token_digest == bindparam("digest"),
    tokens.c.kind == bindparam("kind"),
    tokens.c.expires_at > bindparam("now"),
)
BY_ID = select(sessions).where(sessions.c.id == bindparam("id"))


def token(unit: Unit, digest: str, kind: TokenKind) -> StoredToken | None:
    """A token that is not too old: asked before any scope is known."""
    row = unit.row(BY_DIGEST, {"digest": digest, "kind": kind, "now": unit.now})
    return _token_of(row) if row else None


def session(unit: Unit, session_id: SessionId) -> Session | None:
    """The session that a token belongs to."""
    row = unit.row(BY_ID, {"id": session_id})
    return session_of(row) if row else None


def hold_session(unit: Unit, session_id: SessionId) -> Session | None:
    """The session, held against other writers until the unit ends."""
    row = unit.row(BY_ID.with_for_update(), {"id": session_id})
    return session_of(row) if row else None


def add_grant(unit: Unit, grant: DeviceGrant) -> None:
    """Keep a request until it is answered or old; those of everyone that are old go."""
    unit.keep_books(delete(grants).where(grants.c.expires_at < unit.now - REMEMBERED))
    unit.keep_books(insert(grants).values(_row(grant)))


def grant_by_device(unit: Unit, digest: str) -> DeviceGrant | None:
    """The request of the device with this code, held against other writers until the unit ends."""
    row = unit.row(select(grants).where(grants.c.device_digest == digest).with_for_update())
    return _grant_of(row) if row else None


def grant_by_code(unit: Unit, user_code: str) -> DeviceGrant | None:
    """The request that shows this code to people."""
    row = unit.row(select(grants).where(grants.c.user_code == user_code))
    return _grant_of(row) if row else None


def hold_grant_by_code(unit: Unit, user_code: str) -> DeviceGrant | None:
    """The same, held against other writers until the unit ends."""
    row = unit.row(select(grants).where(grants.c.user_code == user_code).with_for_update())
    return _grant_of(row) if row else None


def decide(
    unit: Unit, grant_id: DeviceGrantId, state: GrantState, *, user_id: UserId, session_id: SessionId | None
) -> None:
    """How a request stands now, by whom, and the session that came of it."""
    values = {"state": state, "user_id": user_id, "session_id": session_id}
    unit.keep_books(update(grants).where(grants.c.id == grant_id).values(values))


def note_poll(unit: Unit, grant_id: DeviceGrantId, interval_seconds: int) -> None:
    """The device has asked, and may ask again after the interval."""
    values = {"last_polled_at": unit.now, "interval_seconds": interval_seconds}
    unit.keep_books(update(grants).where(grants.c.id == grant_id).values(values))


def add_token(unit: Unit, entry: StoredToken) -> None:
    """Keep the digest of a token that is given out."""
    values = {column.name: getattr(entry, column.name) for column in tokens.c}
    unit.keep_books(insert(tokens).values(values | {"scopes": _line(entry.scopes)}))


def refresh_tokens_of(unit: Unit, session_id: SessionId) -> list[StoredToken]:
    """The refresh token that is good, and the one before it. The caller holds the session."""
    found = select(tokens).where(tokens.c.session_id == session_id, tokens.c.kind == TokenKind.REFRESH)
    return [_token_of(row) for row in unit.rows(found)]


def spend(unit: Unit, entry: StoredToken) -> None:
    """A refresh token was used; those spent before it, and what has expired, go."""
    mine = tokens.c.session_id == entry.session_id
    unit.keep_books(delete(tokens).where(mine, tokens.c.used_at.is_not(None)))
    unit.keep_books(delete(tokens).where(mine, tokens.c.expires_at <= unit.now))
    spent = update(tokens).where(tokens.c.token_digest == entry.token_digest)
    unit.keep_books(spent.values(used_at=unit.now))


def drop_given_since(unit: Unit, session_id: SessionId, moment: datetime) -> None:
    """Make worthless what was given out from this moment on."""
    given = (TokenKind.ACCESS, TokenKind.REFRESH)
    since = delete(tokens).where(
        tokens.c.session_id == session_id,
        tokens.c.kind.in_(given),
        tokens.c.used_at.is_(None),
        tokens.c.created_at >= moment,
    )
    unit.keep_books(since)


def extend(unit: Unit, session_id: SessionId, *, address: str, expires_at: datetime) -> None:
    """The client has come again: where from, and how long it may rest now."""
    values = {"address": address, "last_used_at": unit.now, "expires_at": expires_at}
    unit.keep_books(update(sessions).where(sessions.c.id == session_id).values(values))
    series = update(tokens).where(tokens.c.session_id == session_id, tokens.c.kind == TokenKind.SERIES)
    unit.keep_books(series.values(expires_at=expires_at))


def _row(grant: DeviceGrant) -> dict[str, Any]:
    values = {column.name: getattr(grant, column.name) for column in grants.c}
    return values | {"scopes": _line(grant.scopes)}


def _grant_of(row: Row[Any]) -> DeviceGrant:
    state, scopes = GrantState(row.state), frozenset(row.scopes.split())
    return DeviceGrant(**{**row._mapping, "state": state, "scopes": scopes})


def _token_of(row: Row[Any]) -> StoredToken:
    kind, scopes = TokenKind(row.kind), frozenset(row.scopes.split())
    return StoredToken(**{**row._mapping, "kind": kind, "scopes": scopes})


def _line(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))
