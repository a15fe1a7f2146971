"""New users from checked values, changed users, and the picture of a user that goes into the log."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.users import LifecycleBypass, User
from innkeeper.domain.words import Source, UserId
from innkeeper.kit.passwords import Password

Checked = Mapping[str, Any]

# Set through actions of their own, which record events of their own.
ELSEWHERE = frozenset(
    {
        "groups",
        "ssh_keys",
        "grants",
        "password",
        "imported_password_hash",
        "disabled",
        "primary_group",
    }
)
HIDDEN = frozenset(
    {
        "password_hash",
        "version",
        "updated_at",
        "created_at",
        "failed_logins",
        "last_login_at",
        "last_active_at",
        "sessions_valid_after",
        "second_factor_due_at",
    }
)
PICTURED = tuple(field.name for field in fields(User) if field.name not in HIDDEN)
PICTURED_OF = attrgetter(*PICTURED)


def new_user(user_id: UserId, checked: Checked, *, source: Source, now: datetime) -> User:
    """A user out of checked values; raises Invalid without a user name."""
    if not checked.get("username"):
        raise Invalid(Problem("username", None, "a user name", "missing"))
    values = {name: value for name, value in checked.items() if name not in ELSEWHERE}
    return User(id=user_id, source=source, created_at=now, updated_at=now, **values)


def changed_user(user: User, checked: Checked) -> User:
    """The user with the checked values in place."""
    values = {name: value for name, value in checked.items() if name not in ELSEWHERE}
    return replace(user, **values)


def with_password(user: User, password: Password, *, now: datetime) -> User:
    """The user with a new password."""
    return replace(user, password_hash=password.hash, password_changed_at=now)


def picture(user: User) -> dict[str, Any]:
    """The user as plain JSON values for the log: no secrets, no bookkeeping, empty values left out."""
    return {name: plain(value) for name, value in zip(PICTURED, PICTURED_OF(user), strict=True) if value}


def full_picture(user: User) -> dict[str, Any]:
    """The same with empty values, to compare two states field by field."""
    return {name: plain(value) for name, value in zip(PICTURED, PICTURED_OF(user), strict=True)}


def plain(value: object) -> object:
    """A domain value as JSON has it."""
    if type(value) is str:
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, LifecycleBypass):
        return {"reason": value.reason, "until": plain(value.until)}
    return value
