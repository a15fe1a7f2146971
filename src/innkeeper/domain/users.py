"""A user: who they are, how they sign in, until when, and what state that leaves them in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from innkeeper.domain.words import AuthenticationMethod, GroupId, Role, Source, Status, UserId

LOCKABLE = frozenset(
    {
        AuthenticationMethod.PASSWORD,
        AuthenticationMethod.EMAIL_SIGNUP,
        AuthenticationMethod.PASSWORD_AND_SSH_KEY,
        AuthenticationMethod.PASSWORD_WITH_IMPORTED_HASH,
    }
)


@dataclass(frozen=True, slots=True)
class LifecycleBypass:
    """Leaves a user out of lifecycle rules, with the reason, and until when (None: for good)."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person or machine account. Times are aware and in UTC."""

    id: UserId
    username: str
    name: str = ""
    email: str = ""
    company: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    time_zone: str = ""
    header_text: str = ""
    authentication_method: AuthenticationMethod = AuthenticationMethod.PASSWORD
    password_hash: str | None = field(default=None, repr=False)
    password_changed_at: datetime | None = None
    require_password_change: bool = False
    password_validity_days: int | None = None
    access_expires_at: datetime | None = None
    require_login_by: datetime | None = None
    disabled: bool = False
    suspended_at: datetime | None = None
    suspend_reason: str = ""
    roles: tuple[Role, ...] = ()
    primary_group: GroupId | None = None
    user_root: str = "/"
    user_home: str = "/"
    protocols: tuple[str, ...] | None = None
    allowed_ips: tuple[str, ...] = ()
    bypass_site_allowed_ips: bool = False
    require_2fa: bool | None = None
    bypass_lifecycle_rules: LifecycleBypass | None = None
    notification_preferences: Mapping[str, object] = field(default_factory=dict)
    external_ids: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    source: Source = Source.MANUAL
    failed_logins: int = 0
    locked_until: datetime | None = None
    last_login_at: datetime | None = None
    last_active_at: datetime | None = None
    sessions_valid_after: datetime | None = None
    second_factor_due_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    version: int = 1

    def status(self, now: datetime) -> Status:
        """The one word for the user's state; the most final one wins."""
        if self.deleted_at is not None:
            status = Status.DELETED
        elif self.disabled:
            status = Status.SUSPENDED
        elif self.access_expires_at is not None and now >= self.access_expires_at:
            status = Status.EXPIRED
        elif self.missed_first_login(now):
            status = Status.INACTIVE
        elif self.is_locked(now):
            status = Status.LOCKED
        elif self.is_invited:
            status = Status.INVITED
        else:
            status = Status.ACTIVE
        return status

    @property
    def is_invited(self) -> bool:
        """They have yet to choose their first password."""
        return self.authentication_method is AuthenticationMethod.EMAIL_SIGNUP and not self.password_hash

    @property
    def is_site_administrator(self) -> bool:
        return Role.SITE_ADMINISTRATOR in self.roles

    def is_locked(self, now: datetime) -> bool:
        """Too many wrong passwords; passwords are refused for a while, keys are not."""
        return self.locked_until is not None and now < self.locked_until

    def missed_first_login(self, now: datetime) -> bool:
        """They had to sign in by a date and have not signed in at all since the account was made."""
        return self.require_login_by is not None and now >= self.require_login_by and not self.last_login_at

    def deadline(self) -> datetime | None:
        """The moment at which access ends by itself, if any is set."""
        dates = [self.access_expires_at, None if self.last_login_at else self.require_login_by]
        return min((date for date in dates if date is not None), default=None)
