"""A user with everything that the field names promise: groups, grants and keys beside their own values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

from innkeeper.actions import users
from innkeeper.actions.call import Call
from innkeeper.domain.credentials import SshKey
from innkeeper.domain.errors import NotFound, Unauthenticated
from innkeeper.domain.fields import WantedGrant
from innkeeper.domain.groups import Group
from innkeeper.domain.passwords import expires_at
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.users import User
from innkeeper.domain.words import Source, UserId
from innkeeper.kit.paging import Page
from innkeeper.store import credentials, folders, groups

P = ParamSpec("P")
COMPANIONS = ("groups", "primary_group", "grants", "ssh_keys")


@dataclass(frozen=True, slots=True)
class Portrait:
    """A user, and what the reader may see of the groups, grants and keys that belong to them.

    `password_expires_at`: when the password must be changed at the latest, by their own rule or the site's.
    """

    user: User
    groups: tuple[str, ...] = ()
    primary_group: str | None = None
    grants: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()
    password_expires_at: datetime | None = None


def show(call: Call, user_id: UserId) -> Portrait:
    """One user by id."""
    return _portraits(call, [users.show(call, user_id)])[0]


def own(call: Call) -> Portrait:
    """The user in whose name this call is made; raises Unauthenticated when there is none."""
    if call.actor.user_id is None:
        raise Unauthenticated
    return show(call, call.actor.user_id)


def page(call: Call, query: UserQuery) -> Page[Portrait]:
    """A page of users."""
    found = users.page(call, query)
    return Page(_portraits(call, found.items), found.next_cursor)


def named(call: Call, username: str) -> Page[Portrait]:
    """The page that holds the user of this name, or nobody."""
    call.scope(Right.USER_READ)
    try:
        return Page(_portraits(call, [users.find(call, username)]))
    except NotFound:
        return Page([])


def create(call: Call, values: Mapping[str, Any], *, source: Source) -> Portrait:
    """Make a user and show them. Who came with nothing has nothing that must be looked up."""
    user = users.create(call, values, source=source)
    return _portraits(call, [user])[0] if any(map(values.get, COMPANIONS)) else _bare(call, user)


def after(
    call: Call, action: Callable[Concatenate[Call, P], User], *args: P.args, **kwargs: P.kwargs
) -> Portrait:
    """Run an action that answers a user, and show the user as it left them."""
    return _portraits(call, [action(call, *args, **kwargs)])[0]


def _portraits(call: Call, found: Sequence[User]) -> list[Portrait]:
    ids = [user.id for user in found]
    direct = _direct_groups(call, ids)
    primary = {user.primary_group for user in found if user.primary_group}
    named = _groups(call, primary.union(*direct.values()))
    held, keys = _grants(call, ids), _keys(call, ids)
    return [
        Portrait(
            user,
            groups=tuple(sorted(named[one].name for one in direct.get(user.id, ()) if one in named)),
            primary_group=_name(named, user.primary_group),
            grants=tuple(held.get(user.id, ())),
            ssh_keys=tuple(keys.get(user.id, ())),
            password_expires_at=expires_at(user, call.site),
        )
        for user in found
    ]


def _bare(call: Call, user: User) -> Portrait:
    return Portrait(user, password_expires_at=expires_at(user, call.site))


def _name(named: Mapping[str, Group], group_id: str | None) -> str | None:
    group = named.get(group_id) if group_id is not None else None
    return group.name if group is not None else None


def _direct_groups(call: Call, ids: Sequence[str]) -> dict[str, list[str]]:
    direct: dict[str, list[str]] = {}
    for entry in groups.memberships_of(call.unit, ids):
        direct.setdefault(entry.member_id, []).append(entry.group_id)
    return direct


def _groups(call: Call, ids: Iterable[str]) -> Mapping[str, Group]:
    wanted = set(ids)
    if not wanted or reach(call.actor, Right.GROUP_READ) is Reach.NOBODY:
        return {}
    return groups.many(call.unit, call.scope_to_see(Right.GROUP_READ), wanted)


def _grants(call: Call, ids: Sequence[str]) -> dict[str, list[str]]:
    if reach(call.actor, Right.GRANT_READ) is Reach.NOBODY:
        return {}
    held: dict[str, list[str]] = {}
    for grant in folders.grants_of(call.unit, ids):
        wanted = WantedGrant(grant.path, grant.level, grant.is_recursive)
        held.setdefault(grant.subject_id, []).append(str(wanted))
    return held


def _keys(call: Call, ids: Sequence[str]) -> dict[str, list[str]]:
    if reach(call.actor, Right.CREDENTIAL_READ) is Reach.NOBODY:
        return {}
    keys: dict[str, list[str]] = {}
    for key in credentials.ssh_keys_of(call.unit, ids):
        keys.setdefault(key.user_id, []).append(_line(key))
    return keys


def _line(key: SshKey) -> str:
    return f"{key.public_key} {key.label}".rstrip()
