"""Lists of users: narrowed, sorted, paged, counted."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Scope
from innkeeper.domain.users import User
from innkeeper.domain.words import AuthenticationMethod, Status
from innkeeper.kit.paging import BadCursor, Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import memberships, users
from innkeeper.store.types import UtcTime
from innkeeper.store.unit import Unit
from innkeeper.store.user_rows import user_of

# Absent dates sort as very early or very late, so that a page mark can be compared with them.
BEGINNING = bindparam("beginning", datetime(1970, 1, 1, tzinfo=UTC), type_=UtcTime, unique=True)
END = bindparam("end", datetime(9999, 1, 1, tzinfo=UTC), type_=UtcTime, unique=True)
SORTS: dict[str, ColumnElement[Any]] = {
    "name": users.c.sort_name,
    "username": users.c.username_key,
    "created": users.c.id,
    "last_active": func.coalesce(users.c.last_active_at, BEGINNING),
    "access_expires": func.coalesce(users.c.access_expires_at, END),
}


def page(unit: Unit, scope: Scope, query: UserQuery) -> Page[User]:
    """One page in the order asked for, narrowed by the query."""
    key = SORTS[query.sort.lstrip("-")]
    is_down = query.sort.startswith("-")
    found = _narrowed(select(users), scope, query, unit.now)
    if query.cursor:
        found = found.where(_beyond(key, query.cursor, is_down=is_down))
    order = (key.desc(), users.c.id.desc()) if is_down else (key, users.c.id)
    rows = unit.rows(found.add_columns(key.label("sort_key")).order_by(*order).limit(query.limit + 1))
    shown = rows[: query.limit]
    is_more = len(rows) > query.limit
    cursor = encode_cursor((_plain(shown[-1].sort_key), shown[-1].id)) if is_more else None
    return Page([user_of(row) for row in shown], cursor)


def _beyond(key: ColumnElement[Any], cursor: str, *, is_down: bool) -> ColumnElement[bool]:
    mark, last_id = decode_cursor(cursor, 2)
    if isinstance(key.type, UtcTime):
        mark = _moment(mark)
    here, there = tuple_(key, users.c.id), tuple_(literal(mark, key.type), literal(last_id))
    return here < there if is_down else here > there


def _moment(mark: Any) -> Any:
    try:
        return datetime.fromisoformat(str(mark)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadCursor(str(mark)) from error


def _plain(mark: Any) -> Any:
    return mark.isoformat() if isinstance(mark, datetime) else mark


def counts(unit: Unit, scope: Scope, query: UserQuery) -> dict[Status, int]:
    """How many users the query finds in each state, whatever states it asks for."""
    state = status_case(unit.now)
    narrowed = _narrowed(select(users), scope, query, unit.now, any_status=True)
    grouped = narrowed.with_only_columns(state.label("status"), func.count().label("number")).group_by(state)
    return {Status(row.status): row.number for row in unit.rows(grouped)}


def status_case(now: datetime) -> ColumnElement[Any]:
    """`User.status` as SQL, branch by branch; a test holds the two together."""
    u = users.c
    return case(
        (u.deleted_at.is_not(None), Status.DELETED.value),
        (u.disabled.is_(True), Status.SUSPENDED.value),
        (and_(u.access_expires_at.is_not(None), u.access_expires_at <= now), Status.EXPIRED.value),
        (
            and_(u.require_login_by.is_not(None), u.require_login_by <= now, u.last_login_at.is_(None)),
            Status.INACTIVE.value,
        ),
        (and_(u.locked_until.is_not(None), u.locked_until > now), Status.LOCKED.value),
        (
            and_(
                u.authentication_method == AuthenticationMethod.EMAIL_SIGNUP.value,
                or_(u.password_hash.is_(None), u.password_hash == ""),
            ),
            Status.INVITED.value,
        ),
        else_=Status.ACTIVE.value,
    )


def _narrowed(
    found: Select[Any], scope: Scope, query: UserQuery, now: datetime, *, any_status: bool = False
) -> Select[Any]:
    clauses = [users_in(scope, users.c.id), *_clauses(query)]
    if not any_status:
        state = status_case(now)
        if query.statuses:
            clauses.append(state.in_([status.value for status in query.statuses]))
        else:
            clauses.append(users.c.deleted_at.is_(None))
    return found.where(*clauses)


def _clauses(query: UserQuery) -> list[ColumnElement[bool]]:
    u = users.c
    clauses: list[ColumnElement[bool]] = [
        u.search_text.contains(word, autoescape=True) for word in query.text.lower().split()
    ]
    for column, wanted in ((u.source, query.sources), (u.authentication_method, query.methods)):
        if wanted:
            clauses.append(column.in_(wanted))
    if query.groups:
        inside = select(memberships.c.member_id).where(memberships.c.group_id.in_(query.groups))
        clauses.append(u.id.in_(inside))
    if query.roles:
        clauses.append(or_(*(u.roles.contains(role, autoescape=True) for role in query.roles)))
    if query.tags:
        clauses.append(or_(*(u.tags.contains(f" {tag} ", autoescape=True) for tag in query.tags)))
    if query.email:
        clauses.append(u.email_key == query.email.lower())
    if query.expires_before:
        clauses.append(u.access_expires_at < query.expires_before)
    return clauses
