"""Desktop connections: clients without a browser that a signed-in user lets in (RFC 8628)."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from innkeeper.domain.scopes import KeyScope
from innkeeper.domain.words import DeviceGrantId, SessionId, UserId

ACCESS_PREFIX, REFRESH_PREFIX = "inkd_", "inkr_"
ACCESS_LIFE = timedelta(minutes=15)
CODE_LIFE = timedelta(minutes=10)
INTERVAL_SECONDS = 5
# A client whose answer was lost on the way asks again within seconds.
GRACE = timedelta(seconds=30)
# RFC 8628 §6.1: no vowels, so no words; and nothing that looks like something else.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8
CLIENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()@+-]{0,79}")


class GrantState(StrEnum):
    """How far a device's request has come."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    SPENT = "spent"


class TokenError(StrEnum):
    """Why there are no tokens, in the words of RFC 6749 §5.2 and RFC 8628 §3.5."""

    INVALID_GRANT = "invalid_grant"
    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    DENIED = "access_denied"
    EXPIRED = "expired_token"


class TokenKind(StrEnum):
    """What a stored digest belongs to. A series is what all refresh tokens of a connection begin with."""

    ACCESS = "access"
    REFRESH = "refresh"
    SERIES = "series"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGrant:
    """A device's request to be let in. Approval makes the session, the device's next question its tokens."""

    id: DeviceGrantId
    device_digest: str = field(repr=False)
    user_code: str = field(repr=False)
    client_name: str
    scopes: frozenset[str] = frozenset()
    address: str
    state: GrantState = GrantState.PENDING
    user_id: UserId | None = None
    session_id: SessionId | None = None
    interval_seconds: int = INTERVAL_SECONDS
    last_polled_at: datetime | None = None
    created_at: datetime
    expires_at: datetime

    def is_waiting(self, now: datetime) -> bool:
        """Nobody has answered it yet, and it is not too old."""
        return self.state is GrantState.PENDING and now < self.expires_at

    def is_impatient(self, now: datetime) -> bool:
        """The device asks again before its interval is over."""
        interval = timedelta(seconds=self.interval_seconds)
        return self.last_polled_at is not None and now < self.last_polled_at + interval


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token that was given out. Without scopes it may all that its user may."""

    token_digest: str = field(repr=False)
    session_id: SessionId
    kind: TokenKind
    scopes: frozenset[str] = frozenset()
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_long_spent(self, now: datetime) -> bool:
        """Used before, and not just a moment ago, so that its answer cannot have been lost."""
        return self.used_at is not None and now >= self.used_at + GRACE


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets; shown once. The refresh token is good for one use."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int = int(ACCESS_LIFE.total_seconds())
    scopes: frozenset[str] = frozenset()


def is_client_name(name: str) -> bool:
    """A name that people can read, and that cannot pretend to be something else by odd characters."""
    return CLIENT_NAME.fullmatch(name) is not None


def are_scopes(names: Iterable[str]) -> bool:
    """Scopes as API keys have them, which a device can ask for instead of all that its user may."""
    return set(names) <= {scope.value for scope in KeyScope}


def new_user_code() -> str:
    """34 random bits that can be typed, good for a few minutes and held against guessing by the gate."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def user_code_in(text: str) -> str:
    """What was typed, as it is stored: case and all that is between the letters do not count."""
    return "".join(letter for letter in text[:80].upper() if letter in LETTERS)


def shown_code(code: str) -> str:
    """`WDJBMJHT` as people read it: `WDJB-MJHT`."""
    return f"{code[:4]}-{code[4:]}"


def series_of(refresh_token: str) -> str:
    """What the refresh tokens of one connection have in common; empty for what is none."""
    series, _, secret = refresh_token.partition(".")
    is_whole = series.startswith(REFRESH_PREFIX) and secret != ""
    return series.removeprefix(REFRESH_PREFIX) if is_whole else ""
