"""The one rights table: which role may do what, and how far it reaches."""

from dataclasses import dataclass
from enum import IntEnum

from innkeeper.domain.actors import Actor
from innkeeper.domain.scopes import rights_of
from innkeeper.domain.words import GroupId, Role, UserId
from innkeeper.domain.words import Right as Right


class Reach(IntEnum):
    """How far a right goes: nowhere, the actor, the members of their groups, anyone."""

    NOBODY = 0
    SELF = 1
    GROUPS = 2
    ANYONE = 3


READING = frozenset(right for right in Right if right.value.endswith(".read"))
# A browser session may do these only soon after its user has shown who they are.
SENSITIVE = frozenset(
    {
        Right.USER_DELETE,
        Right.USER_ROLES,
        Right.CREDENTIAL_EDIT,
        Right.PASSWORD_RESET,
        Right.FACTOR_RESET,
        Right.SETTINGS_EDIT,
    }
)
# All that a session may do which still owes a new password or a second factor, and only for its own user.
WHILE_OWING = frozenset(
    {Right.USER_READ, Right.CREDENTIAL_READ, Right.CREDENTIAL_EDIT, Right.SESSION_READ, Right.SESSION_END}
)

_GROUP_ADMINISTRATOR = {
    Right.USER_READ: Reach.GROUPS,
    Right.USER_CREATE: Reach.GROUPS,
    Right.USER_EDIT: Reach.GROUPS,
    Right.USER_SUSPEND: Reach.GROUPS,
    Right.CREDENTIAL_READ: Reach.GROUPS,
    Right.CREDENTIAL_EDIT: Reach.GROUPS,
    Right.PASSWORD_RESET: Reach.GROUPS,
    Right.FACTOR_RESET: Reach.GROUPS,
    Right.GROUP_READ: Reach.GROUPS,
    Right.MEMBERSHIP_EDIT: Reach.GROUPS,
    Right.GRANT_READ: Reach.GROUPS,
    Right.SESSION_READ: Reach.GROUPS,
    Right.SESSION_END: Reach.GROUPS,
    Right.EVENT_READ: Reach.GROUPS,
    Right.NOTIFICATION_READ: Reach.GROUPS,
    Right.NOTIFICATION_EDIT: Reach.GROUPS,
}
_USER = {
    Right.USER_READ: Reach.SELF,
    Right.USER_EDIT: Reach.SELF,
    Right.CREDENTIAL_READ: Reach.SELF,
    Right.CREDENTIAL_EDIT: Reach.SELF,
    Right.GROUP_READ: Reach.SELF,
    Right.GRANT_READ: Reach.SELF,
    Right.SESSION_OPEN: Reach.SELF,
    Right.SESSION_READ: Reach.SELF,
    Right.SESSION_END: Reach.SELF,
    Right.EVENT_READ: Reach.SELF,
    Right.NOTIFICATION_READ: Reach.SELF,
    Right.NOTIFICATION_EDIT: Reach.SELF,
}

RIGHTS: dict[Role, dict[Right, Reach]] = {
    Role.SITE_ADMINISTRATOR: dict.fromkeys(Right, Reach.ANYONE),
    Role.READ_ONLY_ADMINISTRATOR: dict.fromkeys(READING, Reach.ANYONE),
    Role.GROUP_ADMINISTRATOR: _GROUP_ADMINISTRATOR,
    Role.USER: _USER,
}

SELF_FIELDS = frozenset({"name", "language", "time_zone", "notification_preferences"})
GROUP_ADMINISTRATOR_FIELDS = SELF_FIELDS | frozenset(
    {
        "username",
        "email",
        "company",
        "notes",
        "tags",
        "header_text",
        "password",
        "authentication_method",
        "require_password_change",
        "access_expires_at",
        "require_login_by",
        "ssh_keys",
        "groups",
        "primary_group",
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a finder may return: minted by an action from the rights table, asked of every finder."""

    reach: Reach
    user_id: UserId | None = None
    groups: frozenset[GroupId] = frozenset()


@dataclass(frozen=True, slots=True)
class Permit:
    """Proof that the rights table was asked; every saver demands one."""

    right: Right
    actor: Actor


def reach(actor: Actor, right: Right) -> Reach:
    """How far the actor's roles, taken together, carry this right."""
    if actor.is_read_only and right not in READING:
        return Reach.NOBODY
    if actor.scopes and right not in rights_of(actor.scopes):
        return Reach.NOBODY
    if actor.owes and right not in WHILE_OWING:
        return Reach.NOBODY
    known = max((RIGHTS[role].get(right, Reach.NOBODY) for role in actor.roles), default=Reach.NOBODY)
    return min(known, Reach.SELF) if actor.owes else known


def scope_of(actor: Actor, right: Right) -> Scope:
    """The reach, with the actor and groups that it is measured from."""
    return Scope(reach(actor, right), actor.user_id, actor.groups)


def editable_fields(right_reach: Reach) -> frozenset[str] | None:
    """The user fields this reach may set; None means all."""
    if right_reach is Reach.ANYONE:
        return None
    return GROUP_ADMINISTRATOR_FIELDS if right_reach is Reach.GROUPS else SELF_FIELDS
