"""A user as a row, and back."""

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Row,
)

from innkeeper.domain.fields import username_key
from innkeeper.domain.users import LifecycleBypass, User
from innkeeper.domain.words import AuthenticationMethod, Role, Source
from innkeeper.store.tables import users

# Fields that nothing is searched or sorted by live together in the `details` column.
DETAILS = (
    "notes",
    "header_text",
    "password_validity_days",
    "user_root",
    "user_home",
    "protocols",
    "allowed_ips",
    "bypass_site_allowed_ips",
    "require_2fa",
    "notification_preferences",
    "external_ids",
    "attributes",
)
DEFAULTS: dict[str, Any] = {
    "notes": "",
    "header_text": "",
    "password_validity_days": None,
    "user_root": "/",
    "user_home": "/",
    "protocols": None,
    "allowed_ips": (),
    "bypass_site_allowed_ips": False,
    "require_2fa": None,
    "notification_preferences": {},
    "external_ids": {},
    "attributes": {},
}
USUAL = tuple(DEFAULTS[name] for name in DETAILS)
PLAIN = tuple(
    column.name
    for column in users.c
    if column.name
    not in {"username_key", "sort_name", "email_key", "search_text", "tags", "roles", "details"}
)
PLAIN_OF = attrgetter(*PLAIN)
DETAILS_OF = attrgetter(*DETAILS)


def row_of(user: User) -> dict[str, Any]:
    """A user as a row."""
    row: dict[str, Any] = dict(zip(PLAIN, PLAIN_OF(user), strict=True))
    row["authentication_method"] = user.authentication_method.value
    row["source"] = user.source.value
    row["username_key"] = username_key(user.username)
    row["sort_name"] = (user.name or user.username).casefold()
    row["email_key"] = user.email.lower()
    row["search_text"] = f"{user.username} {user.name} {user.email} {user.company}".lower()
    row["tags"] = f" {' '.join(user.tags)} " if user.tags else ""
    row["roles"] = " ".join(user.roles)
    row["details"] = _details(user)
    return row


def _details(user: User) -> dict[str, Any]:
    """Only what differs from a new user's value: most rows keep an empty object."""
    stored = DETAILS_OF(user)
    details: dict[str, Any] = {}
    if stored != USUAL:
        pairs = zip(DETAILS, stored, USUAL, strict=True)
        details = {name: value for name, value, usual in pairs if value != usual}
    bypass = user.bypass_lifecycle_rules
    if bypass is not None:
        until = bypass.until.isoformat() if bypass.until else None
        details["bypass_lifecycle_rules"] = {"reason": bypass.reason, "until": until}
    return details


def user_of(row: Row[Any]) -> User:
    """A row as a user."""
    stored = row._mapping
    values: dict[str, Any] = {name: stored[name] for name in PLAIN}
    details = dict(stored["details"])
    bypass = details.pop("bypass_lifecycle_rules", None)
    values |= details
    for name in ("protocols", "allowed_ips"):
        if details.get(name) is not None:
            values[name] = tuple(details[name])
    values["authentication_method"] = AuthenticationMethod(values["authentication_method"])
    values["source"] = Source(values["source"])
    values["tags"] = tuple(stored["tags"].split())
    values["roles"] = tuple(Role(role) for role in stored["roles"].split())
    values["bypass_lifecycle_rules"] = _bypass(bypass)
    return User(**values)


def _bypass(stored: Mapping[str, Any] | None) -> LifecycleBypass | None:
    if stored is None:
        return None
    until = datetime.fromisoformat(stored["until"]) if stored["until"] else None
    return LifecycleBypass(stored["reason"], until)
