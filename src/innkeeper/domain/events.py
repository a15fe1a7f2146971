"""What happened: the log from which every consequence and the activity page follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Values = Mapping[str, object]


class Kind(StrEnum):
    """Past tense, `noun.verb`. Stored; never rename one."""

    SITE_SET_UP = "site.set_up"
    SETTINGS_EDITED = "settings.edited"
    USER_CREATED = "user.created"
    USER_EDITED = "user.edited"
    USER_SUSPENDED = "user.suspended"
    USER_REACTIVATED = "user.reactivated"
    USER_UNLOCKED = "user.unlocked"
    USER_LOCKED = "user.locked"
    USER_DELETED = "user.deleted"
    USER_RESTORED = "user.restored"
    PASSWORD_CHANGED = "password.changed"
    PASSWORD_RESET = "password.reset"
    PASSWORD_RESET_ASKED = "password.reset_asked"
    PASSWORD_EXPIRING = "password.expiring"
    USER_INVITED = "user.invited"
    FACTOR_ADDED = "factor.added"
    FACTOR_EDITED = "factor.edited"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_REMOVAL_ASKED = "factor.removal_asked"
    FACTOR_DOUBTED = "factor.doubted"
    FACTORS_RESET = "factor.reset"
    RECOVERY_CODES_MADE = "recovery_code.made"
    RECOVERY_CODE_USED = "recovery_code.used"
    DEVICE_TRUSTED = "device.trusted"
    DEVICE_FORGOTTEN = "device.forgotten"
    GROUP_CREATED = "group.created"
    GROUP_EDITED = "group.edited"
    GROUP_DELETED = "group.deleted"
    MEMBERSHIP_ADDED = "membership.added"
    MEMBERSHIP_EDITED = "membership.edited"
    MEMBERSHIP_REMOVED = "membership.removed"
    FOLDER_CREATED = "folder.created"
    FOLDER_EDITED = "folder.edited"
    FOLDER_DELETED = "folder.deleted"
    GRANT_ADDED = "grant.added"
    GRANT_EDITED = "grant.edited"
    GRANT_REMOVED = "grant.removed"
    SSH_KEY_ADDED = "ssh_key.added"
    SSH_KEY_EDITED = "ssh_key.edited"
    SSH_KEY_REMOVED = "ssh_key.removed"
    API_KEY_CREATED = "api_key.created"
    API_KEY_EDITED = "api_key.edited"
    API_KEY_REVOKED = "api_key.revoked"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    SESSION_PROVED = "session.proved"
    SESSION_ENDED = "session.ended"
    DESKTOP_APPROVED = "desktop.approved"
    DESKTOP_DENIED = "desktop.denied"
    DESKTOP_TOKEN_REUSED = "desktop.token_reused"
    MAIL_QUEUED = "mail.queued"
    MAIL_FAILED = "mail.failed"
    NOTIFICATION_ADDED = "notification.added"
    NOTIFICATION_EDITED = "notification.edited"
    NOTIFICATION_REMOVED = "notification.removed"
    NOTIFICATION_REFUSED = "notification.refused"
    CONNECTION_OPENED = "connection.opened"
    CONNECTION_ENDED = "connection.ended"
    CONNECTION_END_ASKED = "connection.end_asked"
    FILE_UPLOADED = "file.uploaded"
    FILE_DOWNLOADED = "file.downloaded"
    FILE_DELETED = "file.deleted"
    FILE_MOVED = "file.moved"
    FILE_FOLDER_MADE = "file.folder_made"
    FILE_FOLDER_REMOVED = "file.folder_removed"
    IMPORT_PLANNED = "import.planned"
    IMPORT_STARTED = "import.started"
    IMPORT_FINISHED = "import.finished"
    IMPORT_STOPPED = "import.stopped"


@dataclass(frozen=True, slots=True)
class Target:
    """What an event is about. The name is kept as it was then."""

    kind: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry. `position` and `at` are given when it is written; before/after never hold secrets."""

    kind: Kind
    target: Target
    user_id: str | None = None
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    data: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it stands in the log: who caused it, through which interface, from where.

    `user_id` is the user that the event concerns (the member, the key's owner); `commit_order` and
    `position` together are its place in the log.
    """

    position: int
    commit_order: int
    at: datetime
    kind: Kind
    actor_kind: str
    actor_id: str | None
    actor_name: str
    interface: str
    address: str
    target: Target
    user_id: str | None
    before: Values
    after: Values
    data: Values


def difference(before: Values, after: Values) -> tuple[dict[str, object], dict[str, object]]:
    """Only the names whose values differ, from both sides."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
