"""What lists can be narrowed to and in which order they come."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper.domain.lifetimes import KeyView
from innkeeper.domain.words import GroupId, Status, UserId

# The orders a list of users can have; '-' before one turns it round.
USER_SORTS = ("name", "username", "created", "last_active", "access_expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQuery:
    """What a list of users is narrowed to; None and '' mean no narrowing.

    `sort` is one of USER_SORTS, with '-' first for down.
    """

    text: str = ""
    statuses: tuple[Status, ...] = ()
    groups: tuple[GroupId, ...] = ()
    sources: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    email: str = ""
    expires_before: datetime | None = None
    sort: str = "name"
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """What a list of events is narrowed to. `user_id`: events of or about that user."""

    user_id: str | None = None
    actor_id: str | None = None
    target_id: str | None = None
    kinds: tuple[str, ...] = ()
    interface: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuery:
    """What a list of SSH or API keys is narrowed to. `text`: words in its owner's or its own name."""

    user_id: UserId | None = None
    fingerprint: str | None = None
    text: str = ""
    view: KeyView = KeyView.ALL
    limit: int = 100
    cursor: str | None = None
