"""The scopes of API keys: which part of what its user may a key may do. Without any scope it is all."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from innkeeper.domain.access import ALL, NOTHING, READING, Ability
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.words import Right


class KeyScope(StrEnum):
    """A part of the rights, named `nouns:read` or `nouns:write`. Stored in keys; never rename one."""

    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    ROLES_WRITE = "roles:write"
    CREDENTIALS_READ = "credentials:read"
    CREDENTIALS_WRITE = "credentials:write"
    PASSWORDS_WRITE = "passwords:write"
    GROUPS_READ = "groups:read"
    GROUPS_WRITE = "groups:write"
    FOLDERS_READ = "folders:read"
    FOLDERS_WRITE = "folders:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    EVENTS_READ = "events:read"
    MAILS_READ = "mails:read"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    FILES_READ = "files:read"
    FILES_WRITE = "files:write"


# Whoever changes something has to look at it, and at the users and groups that it is about.
_USERS = frozenset({Right.USER_READ})
_GROUPS = frozenset({Right.GROUP_READ})
_FOLDERS = frozenset({Right.FOLDER_READ, Right.GRANT_READ})
_CREDENTIALS = frozenset({Right.CREDENTIAL_READ})
_SESSIONS = frozenset({Right.SESSION_READ})
_EDIT_USERS = _USERS | {Right.USER_CREATE, Right.USER_EDIT, Right.USER_SUSPEND, Right.USER_DELETE}
_EDIT_FOLDERS = _FOLDERS | {Right.FOLDER_EDIT, Right.GRANT_EDIT}
_NOTIFICATIONS = frozenset({Right.NOTIFICATION_READ})
_FILES = frozenset({Right.SESSION_OPEN})

SCOPES: dict[KeyScope, frozenset[Right]] = {
    KeyScope.USERS_READ: _USERS,
    KeyScope.USERS_WRITE: _EDIT_USERS,
    KeyScope.ROLES_WRITE: _USERS | {Right.USER_ROLES},
    KeyScope.CREDENTIALS_READ: _CREDENTIALS,
    KeyScope.CREDENTIALS_WRITE: _USERS | _CREDENTIALS | {Right.CREDENTIAL_EDIT},
    KeyScope.PASSWORDS_WRITE: _USERS | {Right.PASSWORD_RESET, Right.FACTOR_RESET},
    KeyScope.GROUPS_READ: _GROUPS,
    KeyScope.GROUPS_WRITE: _USERS
    | _GROUPS
    | {Right.GROUP_CREATE, Right.GROUP_EDIT, Right.GROUP_DELETE, Right.MEMBERSHIP_EDIT},
    KeyScope.FOLDERS_READ: _FOLDERS,
    KeyScope.FOLDERS_WRITE: _USERS | _GROUPS | _EDIT_FOLDERS,
    KeyScope.SESSIONS_READ: _SESSIONS,
    KeyScope.SESSIONS_WRITE: _USERS | _SESSIONS | {Right.SESSION_END},
    KeyScope.EVENTS_READ: frozenset({Right.EVENT_READ}),
    KeyScope.MAILS_READ: frozenset({Right.MAIL_READ}),
    KeyScope.NOTIFICATIONS_READ: _NOTIFICATIONS,
    KeyScope.NOTIFICATIONS_WRITE: _USERS | _GROUPS | _NOTIFICATIONS | {Right.NOTIFICATION_EDIT},
    KeyScope.IMPORTS_READ: frozenset({Right.IMPORT_READ}),
    # All that a row of a file can set.
    KeyScope.IMPORTS_WRITE: _EDIT_USERS
    | _GROUPS
    | _EDIT_FOLDERS
    | _CREDENTIALS
    | {Right.USER_ROLES, Right.CREDENTIAL_EDIT, Right.PASSWORD_RESET, Right.MEMBERSHIP_EDIT}
    | {Right.IMPORT_READ, Right.IMPORT_RUN},
    KeyScope.SETTINGS_READ: frozenset({Right.SETTINGS_READ}),
    KeyScope.SETTINGS_WRITE: frozenset({Right.SETTINGS_READ, Right.SETTINGS_EDIT}),
    KeyScope.FILES_READ: _FILES,
    KeyScope.FILES_WRITE: _FILES,
}


@cache
def rights_of(scopes: frozenset[str]) -> frozenset[Right]:
    """The rights that these scopes carry together; what is no scope carries none."""
    return frozenset().union(*(SCOPES[scope] for scope in KeyScope if scope.value in scopes))


def scopes_with(right: Right) -> tuple[KeyScope, ...]:
    """The scopes that carry a right, the narrowest first."""
    return tuple(
        sorted((scope for scope in SCOPES if right in SCOPES[scope]), key=lambda one: len(SCOPES[one]))
    )


def file_abilities(scopes: frozenset[str], *, is_read_only: bool) -> Ability:
    """What a key with these scopes may do with files, at most; a key without any scope may do all."""
    most = ALL if not scopes or KeyScope.FILES_WRITE.value in scopes else NOTHING
    if KeyScope.FILES_READ.value in scopes:
        most |= READING
    return most & READING if is_read_only else most


def abilities_with(key: ApiKey) -> Ability:
    """The same for an API key."""
    return file_abilities(frozenset(key.scopes), is_read_only=key.is_read_only)


def are_within(wanted: Iterable[str], held: Iterable[str]) -> bool:
    """True when whoever holds these scopes may hand out the wanted ones: writing includes reading."""
    names = set(held)
    return all(scope in names or scope.replace(":read", ":write") in names for scope in wanted)
