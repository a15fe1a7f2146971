"""The closed vocabularies, by the names that API, CSV, YAML and CLI share, and the kinds of id."""

from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", str)
GroupId = NewType("GroupId", str)
FolderId = NewType("FolderId", str)
GrantId = NewType("GrantId", str)
SshKeyId = NewType("SshKeyId", str)
ApiKeyId = NewType("ApiKeyId", str)
SessionId = NewType("SessionId", str)
ConnectionId = NewType("ConnectionId", str)
PlanId = NewType("PlanId", str)
FactorId = NewType("FactorId", str)
DeviceId = NewType("DeviceId", str)
MailId = NewType("MailId", str)
NotificationId = NewType("NotificationId", str)
DeviceGrantId = NewType("DeviceGrantId", str)


class AuthenticationMethod(StrEnum):
    """How a user proves who they are."""

    PASSWORD = "password"
    EMAIL_SIGNUP = "email_signup"
    SSO = "sso"
    LDAP = "ldap"
    NONE = "none"
    PASSWORD_AND_SSH_KEY = "password_and_ssh_key"
    PASSWORD_WITH_IMPORTED_HASH = "password_with_imported_hash"


class Protocol(StrEnum):
    """A door that a user may be allowed or denied."""

    SFTP = "sftp"
    FTPS = "ftps"
    WEBDAV = "webdav"
    WEB = "web"
    API = "api"
    DESKTOP = "desktop"


class FactorKind(StrEnum):
    """What a second factor is: an app's code, a security key or passkey, a code by e-mail."""

    TOTP = "totp"
    WEBAUTHN = "webauthn"
    EMAIL = "email"


class Duty(StrEnum):
    """What a session owes before it may do anything else."""

    PASSWORD_CHANGE = "password_change"
    SECOND_FACTOR = "second_factor"


class Status(StrEnum):
    """What a user is at one moment; computed, never stored."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    INACTIVE = "inactive"
    LOCKED = "locked"
    DELETED = "deleted"


class Role(StrEnum):
    """What a user may do beyond their own account. Group administrators are made by membership."""

    SITE_ADMINISTRATOR = "site_administrator"
    READ_ONLY_ADMINISTRATOR = "read_only_administrator"
    GROUP_ADMINISTRATOR = "group_administrator"
    USER = "user"


class Level(StrEnum):
    """What a grant allows on a folder."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    UPLOAD = "upload"
    READWRITE = "readwrite"
    FULL = "full"
    SHARE = "share"
    HISTORY = "history"
    ADMIN = "admin"


class Source(StrEnum):
    """Where a user or group came from."""

    MANUAL = "manual"
    CSV = "csv"
    API = "api"
    REQUEST = "request"
    LDAP = "ldap"
    SCIM = "scim"
    SSO = "sso"
    YAML = "yaml"


class SubjectKind(StrEnum):
    """Who can hold a membership or a grant."""

    USER = "user"
    GROUP = "group"


class Right(StrEnum):
    """Something that may be done, named `noun.verb`."""

    USER_READ = "user.read"
    USER_CREATE = "user.create"
    USER_EDIT = "user.edit"
    USER_SUSPEND = "user.suspend"
    USER_DELETE = "user.delete"
    USER_ROLES = "user.roles"
    CREDENTIAL_READ = "credential.read"
    CREDENTIAL_EDIT = "credential.edit"
    PASSWORD_RESET = "password.reset"
    FACTOR_RESET = "factor.reset"
    GROUP_READ = "group.read"
    GROUP_CREATE = "group.create"
    GROUP_EDIT = "group.edit"
    GROUP_DELETE = "group.delete"
    MEMBERSHIP_EDIT = "membership.edit"
    FOLDER_READ = "folder.read"
    FOLDER_EDIT = "folder.edit"
    GRANT_READ = "grant.read"
    GRANT_EDIT = "grant.edit"
    SESSION_OPEN = "session.open"
    SESSION_READ = "session.read"
    SESSION_END = "session.end"
    EVENT_READ = "event.read"
    MAIL_READ = "mail.read"
    NOTIFICATION_READ = "notification.read"
    NOTIFICATION_EDIT = "notification.edit"
    IMPORT_RUN = "import.run"
    IMPORT_READ = "import.read"
    SETTINGS_READ = "settings.read"
    SETTINGS_EDIT = "settings.edit"
