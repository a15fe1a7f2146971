"""What the server answers, as frozen dataclasses. Times are aware; ids are text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleBypass:
    """Leaves a user out of lifecycle rules, with the reason, and until when."""

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user, by the field names that API, CSV, YAML and CLI share."""

    id: str
    status: str
    username: str
    name: str
    email: str
    company: str
    notes: str
    tags: tuple[str, ...]
    language: str
    time_zone: str
    header_text: str
    authentication_method: str
    has_password: bool
    password_changed_at: datetime | None
    require_password_change: bool
    password_validity_days: int | None
    access_expires_at: datetime | None
    require_login_by: datetime | None
    disabled: bool
    suspended_at: datetime | None
    suspend_reason: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    primary_group: str | None
    user_root: str
    user_home: str
    protocols: tuple[str, ...] | None
    allowed_ips: tuple[str, ...]
    bypass_site_allowed_ips: bool
    require_2fa: bool | None
    bypass_lifecycle_rules: LifecycleBypass | None
    notification_preferences: Mapping[str, Any]
    ssh_keys: tuple[str, ...]
    grants: tuple[str, ...]
    external_ids: Mapping[str, Any]
    attributes: Mapping[str, Any]
    source: str
    locked_until: datetime | None
    last_login_at: datetime | None
    last_active_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a user may do in a folder, and the names of grants and groups it comes from."""

    path: str
    abilities: tuple[str, ...]
    may_enter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSessions:
    """How many sessions were ended."""

    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A named set of users and of other groups."""

    id: str
    name: str
    notes: str
    protocols: tuple[str, ...] | None
    allowed_ips: tuple[str, ...]
    require_2fa: bool
    source: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user or group inside a group."""

    group_id: str
    member_kind: str
    member_id: str
    is_admin: bool
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder with settings of its own; a fence stops grants from above."""

    id: str
    path: str
    is_fenced: bool
    notes: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A permission for a user or group on a folder."""

    id: str
    subject_kind: str
    subject_id: str
    folder_id: str
    path: str
    level: str
    is_recursive: bool
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SshKey:
    """A public key of a user."""

    id: str
    user_id: str
    label: str
    algorithm: str
    public_key: str
    fingerprint: str
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A bearer token of a user; the token itself is shown only when it is made."""

    id: str
    user_id: str
    name: str
    prefix: str
    is_read_only: bool
    allowed_ips: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey(ApiKey):
    """A key that was just made, with the token that is never shown again."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in."""

    id: str
    user_id: str
    interface: str
    credential: str
    address: str
    client: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An open protocol link at a door."""

    id: str
    session_id: str
    user_id: str
    node: str
    interface: str
    address: str
    client: str
    credential: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: str
    bytes_in: int
    bytes_out: int
    current_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an event is about."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Who did what, through which door, from where, before and after."""

    position: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: str | None
    actor_name: str
    interface: str
    address: str
    target: Target
    user_id: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The site's settings."""

    site_name: str
    language: str
    time_zone: str
    protocols: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    password_minimum_length: int
    password_validity_days: int | None
    lockout_attempts: int
    lockout_minutes: int
    session_idle_minutes: int
    session_hours: int
    require_2fa: bool
    brake_percent: int
    brake_users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows of a plan came to which verdict, and what became of them."""

    rows: int
    new: int
    changed: int
    unchanged: int
    conflicting: int
    invalid: int
    suspended: int
    applied: int
    refused: int
    stale: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """Why a plan stops for a person: what it would do to how many, out of how many people."""

    action: str
    count: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Named changes that were worked out and can be applied."""

    id: str
    kind: str
    name: str
    state: str
    counts: Counts
    brake: Brake | None
    message: str
    created_by_name: str
    created_at: datetime
    planned_at: datetime | None
    applied_at: datetime | None
    rows_read: int
    rows_done: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of a plan."""

    number: int
    row_number: int
    verdict: str
    target_id: str | None
    target_name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    outcome: str
    outcome_reason: str
