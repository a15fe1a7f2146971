"""Groups, memberships and nesting."""

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, update

from innkeeper.domain.errors import Stale
from innkeeper.domain.groups import Group, Membership
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.words import GroupId, Source, SubjectKind
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import groups_in, subjects_in
from innkeeper.store.tables import groups, memberships
from innkeeper.store.unit import Unit

MEMBERSHIP = tuple(column.name for column in memberships.c)
MEMBERSHIP_OF = attrgetter(*MEMBERSHIP)
BY_NAMES = "groups.by_name"
UPDATE = update(groups).where(
    groups.c.id == bindparam("row_id"), groups.c.version == bindparam("row_version")
)
OF_MEMBER = select(memberships).where(memberships.c.member_id.in_(bindparam("ids", expanding=True)))


def one(unit: Unit, scope: Scope, group_id: GroupId) -> Group | None:
    """The group with this id within the scope."""
    row = unit.row(select(groups).where(groups.c.id == group_id, groups_in(scope, groups.c.id)))
    return group_of(row) if row else None


def by_name(unit: Unit, scope: Scope, name: str) -> Group | None:
    """The group of this name, whatever its case."""
    known: dict[str, Group] = unit.memo.setdefault((BY_NAMES, scope), {})
    key = name.casefold()
    if key not in known:
        row = unit.row(select(groups).where(groups.c.name_key == key, groups_in(scope, groups.c.id)))
        if row is None:
            return None
        known[key] = group_of(row)
    return known[key]


def many(unit: Unit, scope: Scope, group_ids: Iterable[str]) -> dict[str, Group]:
    """Groups by id."""
    wanted = list(group_ids)
    query = select(groups).where(groups.c.id.in_(wanted), groups_in(scope, groups.c.id))
    return {row.id: group_of(row) for row in (unit.rows(query) if wanted else ())}


def named(unit: Unit, scope: Scope, names: Iterable[str]) -> dict[str, Group]:
    """Groups by their name without case, remembered for `by_name`."""
    known: dict[str, Group] = unit.memo.setdefault((BY_NAMES, scope), {})
    keys = {name.casefold() for name in names}
    missing = keys - set(known)
    if missing:
        query = select(groups).where(groups.c.name_key.in_(missing), groups_in(scope, groups.c.id))
        known.update({row.name_key: group_of(row) for row in unit.rows(query)})
    return {key: known[key] for key in keys if key in known}


def page(
    unit: Unit, scope: Scope, *, text: str = "", limit: int = 50, cursor: str | None = None
) -> Page[Group]:
    """Groups by name."""
    query = select(groups).where(groups_in(scope, groups.c.id))
    if text:
        query = query.where(groups.c.name_key.contains(text.casefold(), autoescape=True))
    if cursor:
        query = query.where(groups.c.name_key > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(groups.c.name_key).limit(limit + 1))
    shown = rows[:limit]
    return Page(
        [group_of(row) for row in shown], encode_cursor((shown[-1].name_key,)) if len(rows) > limit else None
    )


def member_counts(unit: Unit, group_ids: Iterable[str]) -> dict[str, int]:
    """How many direct members each group has."""
    query = (
        select(memberships.c.group_id, func.count().label("number"))
        .where(memberships.c.group_id.in_(list(group_ids)))
        .group_by(memberships.c.group_id)
    )
    return {row.group_id: row.number for row in unit.rows(query)}


def insert_group(unit: Unit, permit: Permit, group: Group) -> None:
    """Add a group; raises Duplicate if the name is taken."""
    unit.insert(permit, groups, _row(group))
    _forget(unit)


def save(unit: Unit, permit: Permit, group: Group) -> Group:
    """Store a changed group under the next version; raises Stale."""
    saved = replace(group, version=group.version + 1, updated_at=unit.now)
    values = _row(saved)
    del values["id"]
    if unit.change(permit, UPDATE.values(values), {"row_id": group.id, "row_version": group.version}) != 1:
        raise Stale(
            "group %(group)s was changed by someone else meanwhile; look again", group=repr(group.name)
        )
    _forget(unit)
    return saved


def remove(unit: Unit, permit: Permit, group_id: GroupId) -> None:
    """Delete a group, and its place in other groups."""
    unit.change(permit, delete(memberships).where(memberships.c.member_id == group_id))
    unit.change(permit, delete(groups).where(groups.c.id == group_id))
    _forget(unit)


def _forget(unit: Unit) -> None:
    for key in [key for key in unit.memo if isinstance(key, tuple) and key[0] == BY_NAMES]:
        del unit.memo[key]


def membership(unit: Unit, group_id: GroupId, member_id: str) -> Membership | None:
    """One membership, if it exists. The caller has taken group or member within its scope."""
    row = unit.row(
        select(memberships).where(memberships.c.group_id == group_id, memberships.c.member_id == member_id)
    )
    return membership_of(row) if row else None


def memberships_of(unit: Unit, member_ids: Iterable[str]) -> list[Membership]:
    """Every direct membership of these users or groups."""
    wanted = list(member_ids)
    return [membership_of(row) for row in (unit.rows(OF_MEMBER, {"ids": wanted}) if wanted else ())]


def members(
    unit: Unit, scope: Scope, group_id: GroupId, *, limit: int = 100, cursor: str | None = None
) -> Page[Membership]:
    """Who is in a group, by id of the member."""
    query = select(memberships).where(
        memberships.c.group_id == group_id, subjects_in(scope, memberships.c.member_id)
    )
    if cursor:
        query = query.where(memberships.c.member_id > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(memberships.c.member_id).limit(limit + 1))
    shown = [membership_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].member_id,)) if len(rows) > limit else None)


def page_of_memberships(
    unit: Unit, scope: Scope, *, limit: int = 100, cursor: str | None = None
) -> Page[Membership]:
    """All memberships in groups within the scope."""
    query = select(memberships).where(groups_in(scope, memberships.c.group_id))
    if cursor:
        group_id, member_id = decode_cursor(cursor, 2)
        here = memberships.c
        query = query.where(
            (here.group_id > group_id) | ((here.group_id == group_id) & (here.member_id > member_id))
        )
    rows = unit.rows(query.order_by(memberships.c.group_id, memberships.c.member_id).limit(limit + 1))
    shown = [membership_of(row) for row in rows[:limit]]
    is_more = len(rows) > limit
    return Page(shown, encode_cursor((shown[-1].group_id, shown[-1].member_id)) if is_more else None)


def insert_membership(unit: Unit, permit: Permit, entry: Membership) -> None:
    """Add a member."""
    unit.insert(permit, memberships, _membership_row(entry))


def save_membership(unit: Unit, permit: Permit, entry: Membership) -> None:
    """Store a changed membership."""
    values = {"is_admin": entry.is_admin, "starts_at": entry.starts_at, "ends_at": entry.ends_at}
    unit.change(permit, update(memberships).where(*_is(entry.group_id, entry.member_id)).values(values))


def remove_membership(unit: Unit, permit: Permit, group_id: GroupId, member_id: str) -> None:
    """Take a member out."""
    unit.change(permit, delete(memberships).where(*_is(group_id, member_id)))


def parents(unit: Unit) -> dict[str, list[Membership]]:
    """Which groups lie in which: the memberships whose member is a group, by member."""
    nested: dict[str, list[Membership]] = {}
    for row in unit.rows(select(memberships).where(memberships.c.member_kind == SubjectKind.GROUP.value)):
        nested.setdefault(row.member_id, []).append(membership_of(row))
    return nested


def users_below(unit: Unit, group_id: GroupId) -> list[str]:
    """Ids of every user in a group or in the groups nested in it."""
    below = select(bindparam("root", group_id, type_=memberships.c.group_id.type).label("id")).cte(
        "below", recursive=True
    )
    below = below.union(
        select(memberships.c.member_id)
        .join(below, memberships.c.group_id == below.c.id)
        .where(memberships.c.member_kind == SubjectKind.GROUP.value)
    )
    query = select(memberships.c.member_id).where(
        memberships.c.member_kind == SubjectKind.USER.value, memberships.c.group_id.in_(select(below.c.id))
    )
    return [row.member_id for row in unit.rows(query.distinct())]


def _is(group_id: GroupId, member_id: str) -> tuple[Any, Any]:
    return memberships.c.group_id == group_id, memberships.c.member_id == member_id


def _row(group: Group) -> dict[str, Any]:
    row = {column.name: getattr(group, column.name) for column in groups.c if column.name != "name_key"}
    return row | {"name_key": group.name.casefold()}


def group_of(row: Row[Any]) -> Group:
    values = dict(row._mapping)
    del values["name_key"]
    values["protocols"] = None if row.protocols is None else tuple(row.protocols)
    values["allowed_ips"] = tuple(row.allowed_ips)
    values["source"] = Source(row.source)
    return Group(**values)


def _membership_row(entry: Membership) -> dict[str, Any]:
    row = dict(zip(MEMBERSHIP, MEMBERSHIP_OF(entry), strict=True))
    row["member_kind"] = entry.member_kind.value
    return row


def membership_of(row: Row[Any]) -> Membership:
    values = dict(row._mapping)
    values["member_kind"] = SubjectKind(row.member_kind)
    return Membership(**values)
