"""What a user's page shows, tab by tab, gathered at one moment. One's own account uses the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from innkeeper.actions import (
    access,
    connections,
    devices,
    events,
    factors,
    groups,
    key_lists,
    mandates,
    memberships,
    sessions,
    settings,
    users,
)
from innkeeper.actions.call import Call
from innkeeper.domain.access import Ability
from innkeeper.domain.errors import NotFound
from innkeeper.domain.passwords import days_left
from innkeeper.domain.queries import EventQuery, KeyQuery
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId, Status, UserId

TABS = ("profile", "security", "access", "activity", "connections")
ACTIVITY_DAYS = 30
SOON = timedelta(days=30)
EDITING = {
    "edit": Right.USER_EDIT,
    "suspend": Right.USER_SUSPEND,
    "delete": Right.USER_DELETE,
    "reset": Right.PASSWORD_RESET,
    "factors": Right.FACTOR_RESET,
    "credentials": Right.CREDENTIAL_EDIT,
    "members": Right.MEMBERSHIP_EDIT,
    "grants": Right.GRANT_EDIT,
    "sessions": Right.SESSION_END,
    "create": Right.USER_CREATE,
}


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every tab."""

    user: User
    status: Status
    is_expiring: bool
    is_self: bool
    may: Mapping[str, bool]


def read(call: Call, /, user_id: UserId, tab: str, **asked: Any) -> tuple[Head, dict[str, Any]]:
    """The head and the facts of one tab."""
    user = users.show(call, user_id)
    return _head(call, user), TAB_READERS[tab](call, user, **asked)


def _head(call: Call, user: User) -> Head:
    is_self = user.id == call.actor.user_id
    ends = user.access_expires_at
    return Head(
        user,
        user.status(call.now),
        ends is not None and call.now < ends < call.now + SOON,
        is_self,
        {name: _may(call, user, right) for name, right in EDITING.items()},
    )


def _may(call: Call, user: User, right: Right) -> bool:
    """Whether to offer something; the action decides again when it is tried."""
    if call.actor.is_read_only:
        return False
    far = reach(call.actor, right)
    return (
        far is Reach.ANYONE
        or (far is Reach.GROUPS and not user.roles)
        or (far is Reach.SELF and user.id == call.actor.user_id)
    )


def profile(call: Call, user: User) -> dict[str, Any]:
    """Person, preferences, lifecycle."""
    primary = _group_name(call, user.primary_group)
    return {"primary_group": primary, "site": settings.public(call)}


def security(call: Call, user: User) -> dict[str, Any]:
    """Keys and the rules of signing in."""
    return {
        "ssh_keys": key_lists.ssh_keys(call, KeyQuery(user_id=user.id)).items,
        "api_keys": key_lists.api_keys(call, KeyQuery(user_id=user.id)).items,
        "factors": factors.page(call, user_id=user.id).items,
        "codes_left": factors.recovery_codes_left(call, user.id),
        "needs_factor": factors.must_have_one(call, user),
        "password_days_left": days_left(user, call.site, call.now),
        "devices": devices.of_user(call, user.id),
        "mandates": mandates.of_user(call, user.id),
        "site": settings.public(call),
    }


def access_of(call: Call, user: User, *, path: str = "") -> dict[str, Any]:
    """Groups, grants and what they add up to."""
    compiled, grants, belongs = access.show(call, user.id)
    names = {group.id: group.name for group in belongs.groups}
    return {
        "memberships": [
            (entry, _group_name(call, entry.group_id)) for entry in memberships.of_user(call, user.id)
        ],
        "inherited": sorted(names.values()),
        "grants": [(grant, names.get(GroupId(grant.subject_id), "")) for grant in grants],
        "effective": [
            (folder, _names(compiled.abilities(folder)))
            for folder in sorted({grant.path for grant in grants})
        ],
        "tried": path,
        "abilities": access.try_path(call, user.id, path) if path.startswith("/") else None,
        "groups": _choosable_groups(call),
    }


def activity(
    call: Call, user: User, *, days: Sequence[datetime] = (), cursor: str | None = None
) -> dict[str, Any]:
    """Events of and about the user."""
    query = EventQuery(user_id=user.id, limit=20, cursor=cursor)
    offset = _offset(days[-1]) if days else 0
    per_day = (
        events.per_day(call, EventQuery(user_id=user.id), days[0], offset_minutes=offset) if days else {}
    )
    return {"events": events.page(call, query), "per_day": per_day}


def links(call: Call, user: User) -> dict[str, Any]:
    """Browsers and desktop clients that are signed in, and open protocol links."""
    return {
        "browser_sessions": sessions.page(call, user_id=user.id, interface="web").items,
        "desktop_sessions": sessions.page(call, user_id=user.id, interface="desktop").items,
        "connections": connections.page(call, user_id=user.id).items,
        "own_session": call.actor.session_id,
    }


TAB_READERS: dict[str, Callable[..., dict[str, Any]]] = {
    "profile": profile,
    "security": security,
    "access": access_of,
    "activity": activity,
    "connections": links,
}


def _names(abilities: Ability) -> list[str]:
    return [ability.name.lower() for ability in abilities if ability.name]


def _group_name(call: Call, group_id: GroupId | None) -> str:
    if group_id is None or reach(call.actor, Right.GROUP_READ) is Reach.NOBODY:
        return ""
    try:
        return groups.show(call, group_id).name
    except NotFound:
        return ""


def _choosable_groups(call: Call) -> list[Any]:
    if reach(call.actor, Right.MEMBERSHIP_EDIT) is Reach.NOBODY:
        return []
    return list(groups.page(call, limit=200).items)


def _offset(moment: datetime) -> int:
    return int((moment.utcoffset() or timedelta()).total_seconds() // 60)
