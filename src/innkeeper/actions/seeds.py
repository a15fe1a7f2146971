"""What comes along with a user's fields but lives elsewhere: groups, grants, SSH keys."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from innkeeper.actions import folders, grants, memberships, ssh_keys
from innkeeper.actions.call import Call
from innkeeper.domain.credentials import ParsedKey
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.fields import WantedGrant
from innkeeper.domain.folders import Grant
from innkeeper.domain.groups import Group
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import GrantId, SubjectKind
from innkeeper.kit.ids import new_id
from innkeeper.store import credentials, groups
from innkeeper.store import folders as folder_store

Values = Mapping[str, Any]
# What a clone brings along; never name, mail, secrets or keys.
CLONED = (
    "company",
    "tags",
    "language",
    "time_zone",
    "header_text",
    "authentication_method",
    "password_validity_days",
    "user_root",
    "user_home",
    "protocols",
    "allowed_ips",
    "bypass_site_allowed_ips",
    "require_2fa",
    "notification_preferences",
    "attributes",
)


def plant(call: Call, permit: Permit, user: User, checked: Values) -> None:
    """Give a new user their groups, grants and keys."""
    for group in named_groups(call, checked.get("groups", ())):
        memberships.put(call, permit, group, user.id, SubjectKind.USER, user.username)
    for wanted in checked.get("grants", ()):
        _grant(call, user, wanted)
    for key in checked.get("ssh_keys", ()):
        ssh_keys.put(call, permit, user, key, "")


def arrange(call: Call, permit: Permit, user: User, checked: Values) -> None:
    """Make groups, grants and keys of a known user what the values say, as far as the actor's rights go."""
    if "groups" in checked:
        _arrange_groups(call, permit, user, named_groups(call, checked["groups"]))
    if "grants" in checked:
        _arrange_grants(call, user, checked["grants"])
    if "ssh_keys" in checked:
        _arrange_keys(call, user, checked["ssh_keys"])


def named_groups(call: Call, names: Iterable[str]) -> list[Group]:
    """The groups of these names; raises Invalid for a name that no visible group has."""
    found: list[Group] = []
    for name in names:
        group = groups.by_name(call.unit, call.scope_to_see(Right.GROUP_READ), name)
        if group is None:
            raise Invalid(Problem("groups", name, "the name of a group that exists", "unknown_group"))
        found.append(group)
    return found


def with_primary_group(call: Call, user: User, checked: Values) -> User:
    """The user with `primary_group`, given by name, resolved."""
    if "primary_group" not in checked:
        return user
    name = checked["primary_group"]
    if not name:
        return replace(user, primary_group=None)
    group = groups.by_name(call.unit, call.scope_to_see(Right.GROUP_READ), name)
    if group is None:
        raise Invalid(Problem("primary_group", name, "the name of a group that exists", "unknown_group"))
    return replace(user, primary_group=group.id)


def copied_values(call: Call, model: User) -> dict[str, Any]:
    """The fields of a user that a clone starts with, as `create` takes them."""
    values = {name: getattr(model, name) for name in CLONED}
    direct = [entry.group_id for entry in groups.memberships_of(call.unit, [model.id])]
    named = groups.many(call.unit, call.scope_to_see(Right.GROUP_READ), direct)
    values["groups"] = sorted(group.name for group in named.values())
    values["grants"] = [str(wanted) for wanted in grants_of(call, model)]
    return values


def grants_of(call: Call, user: User) -> list[WantedGrant]:
    """A user's own grants in the form of the `grants` field."""
    own = folder_store.grants_of(call.unit, [user.id])
    return [WantedGrant(grant.path, grant.level, grant.is_recursive) for grant in own]


def _grant(call: Call, user: User, wanted: WantedGrant) -> None:
    folder = folders.ensure(call, wanted.path)
    entry = Grant(
        id=GrantId(new_id()),
        subject_kind=SubjectKind.USER,
        subject_id=user.id,
        folder_id=folder.id,
        path=folder.path,
        level=wanted.level,
        is_recursive=wanted.is_recursive,
        created_at=call.now,
    )
    grants.put(call, entry, folder, user.username)


def _arrange_groups(call: Call, permit: Permit, user: User, wanted: list[Group]) -> None:
    direct = [entry.group_id for entry in groups.memberships_of(call.unit, [user.id])]
    have = {group_id for group_id in direct if call.may_change_group(group_id, Right.MEMBERSHIP_EDIT)}
    want = {group.id: group for group in wanted}
    for group_id in have - set(want):
        memberships.remove(call, group_id, user.id)
    for group_id in set(want) - set(direct):
        memberships.put(call, permit, want[group_id], user.id, SubjectKind.USER, user.username)


def _arrange_grants(call: Call, user: User, wanted: Iterable[WantedGrant]) -> None:
    have = {
        WantedGrant(grant.path, grant.level, grant.is_recursive): grant
        for grant in folder_store.grants_of(call.unit, [user.id])
    }
    for gone in set(have) - set(wanted):
        grants.remove(call, have[gone].id)
    for missing in set(wanted) - set(have):
        _grant(call, user, missing)


def _arrange_keys(call: Call, user: User, wanted: Iterable[ParsedKey]) -> None:
    have = {key.fingerprint: key for key in credentials.ssh_keys_of(call.unit, [user.id])}
    want = {key.fingerprint: key for key in wanted}
    for fingerprint in set(have) - set(want):
        ssh_keys.remove(call, have[fingerprint].id)
    missing = [want[fingerprint] for fingerprint in set(want) - set(have)]
    if missing:
        _, permit = call.take_user(user.id, Right.CREDENTIAL_EDIT)
        for key in missing:
            ssh_keys.put(call, permit, user, key, "")
