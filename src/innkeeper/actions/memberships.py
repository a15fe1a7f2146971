"""Who is in which group, as member or administrator, from when until when."""

from dataclasses import replace
from datetime import datetime

from innkeeper.actions.call import Call, group_target
from innkeeper.actions.grants import check_window
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, Problem
from innkeeper.domain.events import Kind
from innkeeper.domain.groups import Group, Membership
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.words import GroupId, SubjectKind, UserId
from innkeeper.kit.paging import Page
from innkeeper.store import groups


def page(call: Call, *, limit: int = 100, cursor: str | None = None) -> Page[Membership]:
    """All memberships in groups that the actor may see."""
    return groups.page_of_memberships(call.unit, call.scope(Right.GROUP_READ), limit=limit, cursor=cursor)


def of_group(
    call: Call, group_id: GroupId, *, limit: int = 100, cursor: str | None = None
) -> Page[Membership]:
    """A page of the direct members of a group."""
    call.take_group(group_id, Right.GROUP_READ)
    scope = call.scope(Right.USER_READ)
    return groups.members(call.unit, scope, group_id, limit=limit, cursor=cursor)


def of_user(call: Call, user_id: UserId) -> list[Membership]:
    """The direct memberships of a user."""
    call.take_user(user_id, Right.USER_READ)
    return groups.memberships_of(call.unit, [user_id])


def add(
    call: Call,
    group_id: GroupId,
    member_kind: SubjectKind,
    member_id: str,
    *,
    is_admin: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Membership:
    """Put a user or group into a group, or change how they are in it. Raises Invalid for a circle."""
    group, permit = call.take_group(group_id, Right.MEMBERSHIP_EDIT)
    name = _name_of(call, group, member_kind, member_id)
    check_window(starts_at, ends_at)
    entry = Membership(
        group_id=group_id,
        member_kind=member_kind,
        member_id=member_id,
        is_admin=is_admin,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    known = groups.membership(call.unit, group_id, member_id)
    if known is None:
        groups.insert_membership(call.unit, permit, entry)
        _record(call, Kind.MEMBERSHIP_ADDED, group, entry, name)
    elif known != entry:
        groups.save_membership(call.unit, permit, entry)
        _record(call, Kind.MEMBERSHIP_EDITED, group, entry, name, before=known)
    return entry


def put(
    call: Call, permit: Permit, group: Group, member_id: str, kind: SubjectKind, member_name: str
) -> None:
    """Put someone into a known group where they are known not to be yet; raises Forbidden."""
    if not call.may_change_group(group.id, Right.MEMBERSHIP_EDIT):
        raise Forbidden("you may not change who is in the group %(group)s", group=repr(group.name))
    entry = Membership(group_id=group.id, member_kind=kind, member_id=member_id)
    groups.insert_membership(call.unit, permit, entry)
    _record(call, Kind.MEMBERSHIP_ADDED, group, entry, member_name)


def remove(call: Call, group_id: GroupId, member_id: str) -> None:
    """Take a member out of a group; raises NotFound if they are not in it."""
    group, permit = call.take_group(group_id, Right.MEMBERSHIP_EDIT)
    known = groups.membership(call.unit, group_id, member_id)
    if known is None:
        raise NotFound("membership", f"{group_id}/{member_id}")
    groups.remove_membership(call.unit, permit, group_id, member_id)
    _record(call, Kind.MEMBERSHIP_REMOVED, group, replace(known, is_admin=False), "", before=known)


def _name_of(call: Call, group: Group, kind: SubjectKind, member_id: str) -> str:
    if kind is SubjectKind.USER:
        return call.take_user(UserId(member_id), Right.USER_READ)[0].username
    member, _ = call.take_group(GroupId(member_id), Right.GROUP_READ)
    if group.id in _below(call, GroupId(member_id)):
        raise Invalid(Problem("member_id", member.name, "a group that does not contain this one", "circle"))
    return member.name


def _below(call: Call, group_id: GroupId) -> set[str]:
    """The group and all groups nested in it."""
    inside: dict[str, list[str]] = {}
    for member, entries in groups.parents(call.unit).items():
        for entry in entries:
            inside.setdefault(entry.group_id, []).append(member)
    found: set[str] = set()
    waiting: list[str] = [group_id]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(inside.get(one, ()))
    return found


def _record(
    call: Call, kind: Kind, group: Group, entry: Membership, name: str, *, before: Membership | None = None
) -> None:
    call.record(
        kind,
        group_target(group),
        user_id=entry.member_id if entry.member_kind is SubjectKind.USER else None,
        before=_picture(before) if before else {},
        after={} if kind is Kind.MEMBERSHIP_REMOVED else _picture(entry),
        data={"member_kind": entry.member_kind.value, "member_id": entry.member_id, "member": name},
    )


def _picture(entry: Membership) -> dict[str, object]:
    return {
        "is_admin": entry.is_admin,
        "starts_at": plain(entry.starts_at),
        "ends_at": plain(entry.ends_at),
    }
