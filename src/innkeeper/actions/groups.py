"""Create, edit and delete groups."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from innkeeper.actions.call import Call, group_target
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import NotFound, Stale
from innkeeper.domain.events import Kind, difference
from innkeeper.domain.groups import Group
from innkeeper.domain.other_fields import check
from innkeeper.domain.rights import Right
from innkeeper.domain.words import GroupId, Source
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.store import folders, groups, notifications

Values = Mapping[str, Any]
PICTURED = ("name", "notes", "protocols", "allowed_ips", "require_2fa")


def show(call: Call, group_id: GroupId) -> Group:
    """One group by id."""
    return call.take_group(group_id, Right.GROUP_READ)[0]


def find(call: Call, name: str) -> Group:
    """One group by name, whatever its case."""
    group = groups.by_name(call.unit, call.scope_to_see(Right.GROUP_READ), name)
    if group is None:
        raise NotFound("group", name)
    return group


def page(call: Call, *, text: str = "", limit: int = 50, cursor: str | None = None) -> Page[Group]:
    """A page of groups by name."""
    return groups.page(call.unit, call.scope(Right.GROUP_READ), text=text, limit=limit, cursor=cursor)


def member_counts(call: Call, group_ids: list[GroupId]) -> dict[str, int]:
    """How many direct members each of these groups has."""
    visible = groups.many(call.unit, call.scope(Right.GROUP_READ), group_ids)
    return groups.member_counts(call.unit, visible)


def create(call: Call, values: Values, *, source: Source = Source.MANUAL) -> Group:
    """Make a group; raises Invalid, or Duplicate if the name is taken."""
    permit = call.permit_for_site(Right.GROUP_CREATE)
    checked = check(values, is_new=True)
    group = Group(id=GroupId(new_id()), source=source, created_at=call.now, updated_at=call.now, **checked)
    groups.insert_group(call.unit, permit, group)
    call.record(Kind.GROUP_CREATED, group_target(group), after=_picture(group))
    return group


def edit(call: Call, group_id: GroupId, values: Values, *, version: int | None = None) -> Group:
    """Change some fields; raises Invalid, Duplicate, or Stale when `version` is given and has passed."""
    group, permit = call.take_group(group_id, Right.GROUP_EDIT)
    if version is not None and version != group.version:
        raise Stale(
            "group %(group)s is at version %(version)s, not %(seen)s; look again",
            group=repr(group.name),
            version=group.version,
            seen=version,
        )
    edited = replace(group, **check(values, is_new=False))
    before, after = difference(_picture(group), _picture(edited))
    if not after:
        return group
    edited = groups.save(call.unit, permit, edited)
    call.record(Kind.GROUP_EDITED, group_target(edited), before=before, after=after)
    return edited


def delete(call: Call, group_id: GroupId) -> None:
    """Delete a group with its memberships and grants; its members stay."""
    group, permit = call.take_group(group_id, Right.GROUP_DELETE)
    members = groups.users_below(call.unit, group_id)
    folders.remove_grants_of(call.unit, permit, group_id)
    notifications.remove_of_subject(call.unit, permit, group_id)
    groups.remove(call.unit, permit, group_id)
    data = {"members": members[:1000], "member_count": len(members)}
    call.record(Kind.GROUP_DELETED, group_target(group), before=_picture(group), data=data)


def _picture(group: Group) -> dict[str, Any]:
    return {name: plain(getattr(group, name)) for name in PICTURED}
