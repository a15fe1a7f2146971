"""The closed vocabularies that requests can use, and how a moment may be written."""

from datetime import datetime
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["invited", "active", "suspended", "expired", "inactive", "locked", "deleted"]
AuthenticationMethod: TypeAlias = Literal[
    "password",
    "email_signup",
    "sso",
    "ldap",
    "none",
    "password_and_ssh_key",
    "password_with_imported_hash",
]
Role: TypeAlias = Literal["site_administrator", "read_only_administrator"]
AnyRole: TypeAlias = Literal["site_administrator", "read_only_administrator", "group_administrator", "user"]
FactorKind: TypeAlias = Literal["totp", "webauthn", "email"]
Protocol: TypeAlias = Literal["sftp", "ftps", "webdav", "web", "api", "desktop"]
NewFactorKind: TypeAlias = Literal["totp", "email"]
KeyKind: TypeAlias = Literal["ed25519", "ecdsa", "rsa"]
KeyView: TypeAlias = Literal["all", "unused", "expiring", "old", "shared"]
KeyScope: TypeAlias = Literal[
    "users:read",
    "users:write",
    "roles:write",
    "credentials:read",
    "credentials:write",
    "passwords:write",
    "groups:read",
    "groups:write",
    "folders:read",
    "folders:write",
    "sessions:read",
    "sessions:write",
    "events:read",
    "mails:read",
    "notifications:read",
    "notifications:write",
    "imports:read",
    "imports:write",
    "settings:read",
    "settings:write",
    "files:read",
    "files:write",
]
Level: TypeAlias = Literal[
    "list", "read", "write", "upload", "readwrite", "full", "share", "history", "admin"
]
SubjectKind: TypeAlias = Literal["user", "group"]
Mode: TypeAlias = Literal["create_and_update", "create", "update"]
PlanState: TypeAlias = Literal["planning", "planned", "failed", "applying", "applied", "stopped"]
Verdict: TypeAlias = Literal["new", "changed", "unchanged", "conflicting", "invalid"]
Outcome: TypeAlias = Literal["none", "pending", "applied", "refused", "stale"]
MailState: TypeAlias = Literal["queued", "sending", "sent", "failed", "unsent"]
UserSort: TypeAlias = Literal[
    "name",
    "username",
    "created",
    "last_active",
    "access_expires",
    "-name",
    "-username",
    "-created",
    "-last_active",
    "-access_expires",
]
# A text is sent as it is: a date like 2027-03-31 (the end of that day) or a time with its offset.
Moment: TypeAlias = datetime | str


def iso(moment: Moment | None) -> str | None:
    """A moment as it is sent."""
    return moment.isoformat() if isinstance(moment, datetime) else moment
