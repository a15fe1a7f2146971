"""Users: finders need a scope, savers a permit."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from innkeeper.domain.errors import Stale
from innkeeper.domain.fields import username_key
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.users import LifecycleBypass, User
from innkeeper.domain.words import AuthenticationMethod, Role, Source, Status, UserId
from innkeeper.kit.paging import BadCursor, Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import memberships, users
from innkeeper.store.types import UtcTime
from innkeeper.store.unit import Unit

# Fields that nothing is searched or sorted by live together in the `details` column.
DETAILS = (
    "notes",
    "header_text",
    "password_validity_days",
    "user_root",
    "user_home",
    "protocols",
    "allowed_ips",
    "bypass_site_allowed_ips",
    "require_2fa",
    "notification_preferences",
    "external_ids",
    "attributes",
)
PLAIN = tuple(
    column.name
    for column in users.c
    if column.name
    not in {"username_key", "sort_name", "email_key", "search_text", "tags", "roles", "details"}
)
PLAIN_OF = attrgetter(*PLAIN)
DETAILS_OF = attrgetter(*DETAILS)
BY_ID = select(users).where(users.c.id == bindparam("id"))
BY_KEY = select(users).where(users.c.username_key == bindparam("key"))
# Built once: to build it anew for each user took longer than to run it.
UPDATE = (
    update(users)
    .where(users.c.id == bindparam("row_id"), users.c.version == bindparam("row_version"))
    .values({column.name: bindparam(f"to_{column.name}") for column in users.c if column.name != "id"})
)


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


def one(unit: Unit, scope: Scope, user_id: UserId) -> User | None:
    """The user with this id, deleted ones included; None when there is none within the scope."""
    row = unit.row(_by_id(scope), {"id": user_id})
    return user_of(row) if row else None


def one_for_change(unit: Unit, scope: Scope, user_id: UserId) -> User | None:
    """The same, held against other writers until the unit ends."""
    row = unit.row(_by_id_for_change(scope), {"id": user_id})
    return user_of(row) if row else None


@lru_cache(64)
def _by_id(scope: Scope) -> Select[Any]:
    return BY_ID.where(users_in(scope, users.c.id))


@lru_cache(64)
def _by_id_for_change(scope: Scope) -> Select[Any]:
    return _by_id(scope).with_for_update()


def many(unit: Unit, scope: Scope, user_ids: Iterable[str]) -> dict[str, User]:
    """Users by id."""
    wanted = list(user_ids)
    query = select(users).where(users.c.id.in_(wanted), users_in(scope, users.c.id))
    return {row.id: user_of(row) for row in (unit.rows(query) if wanted else ())}


def by_username(unit: Unit, scope: Scope, username: str) -> User | None:
    """The user of this name, whatever its case."""
    row = unit.row(BY_KEY.where(users_in(scope, users.c.id)), {"key": username_key(username)})
    return user_of(row) if row else None


def by_usernames(unit: Unit, scope: Scope, usernames: Iterable[str]) -> dict[str, User]:
    """Users by their user-name key."""
    keys = [username_key(name) for name in usernames]
    query = select(users).where(users.c.username_key.in_(keys), users_in(scope, users.c.id))
    return {row.username_key: user_of(row) for row in (unit.rows(query) if keys else ())}


def names(unit: Unit, user_ids: Iterable[str]) -> dict[str, str]:
    """User names by id, for showing beside ids that the reader may already see."""
    wanted = list(user_ids)
    query = select(users.c.id, users.c.username).where(users.c.id.in_(wanted))
    return {row.id: row.username for row in (unit.rows(query) if wanted else ())}


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
        return datetime.fromisoformat(str(mark))
    except ValueError as error:
        raise BadCursor(str(mark)) from error


def _plain(mark: Any) -> Any:
    return mark.isoformat() if isinstance(mark, datetime) else mark


def counts(unit: Unit, scope: Scope, query: UserQuery) -> dict[Status, int]:
    """How many users the query finds in each state, whatever states it asks for."""
    state = status_case(unit.now)
    narrowed = _narrowed(select(users), scope, query, unit.now, any_status=True)
    grouped = narrowed.with_only_columns(state.label("status"), func.count().label("number")).group_by(state)
    return {Status(row.status): row.number for row in unit.rows(grouped)}


def insert_user(unit: Unit, permit: Permit, user: User) -> None:
    """Add a user; raises Duplicate, at the latest when the unit ends, if the name is taken."""
    unit.insert(permit, users, row_of(user))


def save(unit: Unit, permit: Permit, user: User) -> User:
    """Store a changed user under the next version; raises Stale when someone else was faster."""
    saved = replace(user, version=user.version + 1, updated_at=unit.now)
    values = {f"to_{name}": value for name, value in row_of(saved).items() if name != "id"}
    touched = unit.change(permit, UPDATE, values | {"row_id": user.id, "row_version": user.version})
    if touched != 1:
        raise Stale(f"user {user.username!r} was changed by someone else meanwhile; look again")
    return saved


def note_use(unit: Unit, user_id: UserId, values: Mapping[str, object]) -> None:
    """Last sign-in, last use and the count of failures: bookkeeping that changes no version."""
    unit.keep_books(update(users).where(users.c.id == user_id).values(dict(values)))


def other_site_administrators(unit: Unit, user_id: UserId) -> int:
    """How many other users are site administrators and can come in."""
    query = select(users.c.id).where(
        users.c.roles.like("%site_administrator%"),
        users.c.id != user_id,
        users.c.disabled.is_(False),
        users.c.deleted_at.is_(None),
        or_(users.c.access_expires_at.is_(None), users.c.access_expires_at > unit.now),
    )
    return len(unit.rows(query.with_for_update()))


def how_many(unit: Unit) -> int:
    """How many users there are, those in the recycle bin left out."""
    return int(unit.scalar(select(func.count()).select_from(users).where(users.c.deleted_at.is_(None))))


def is_empty(unit: Unit) -> bool:
    """True on a site where nobody has been created yet."""
    return unit.row(select(users.c.id).limit(1)) is None


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


def row_of(user: User) -> dict[str, Any]:
    """A user as a row."""
    row: dict[str, Any] = dict(zip(PLAIN, PLAIN_OF(user), strict=True))
    row["authentication_method"] = user.authentication_method.value
    row["source"] = user.source.value
    row["username_key"] = username_key(user.username)
    row["sort_name"] = (user.name or user.username).casefold()
    row["email_key"] = user.email.lower()
    row["search_text"] = f"{user.username} {user.name} {user.email} {user.company}".lower()
    row["tags"] = f" {' '.join(user.tags)} " if user.tags else ""
    row["roles"] = " ".join(user.roles)
    row["details"] = _details(user)
    return row


def _details(user: User) -> dict[str, Any]:
    """Only what differs from a new user's value: most rows keep an empty object."""
    stored = DETAILS_OF(user)
    details: dict[str, Any] = {}
    if stored != USUAL:
        pairs = zip(DETAILS, stored, USUAL, strict=True)
        details = {name: value for name, value, usual in pairs if value != usual}
    bypass = user.bypass_lifecycle_rules
    if bypass is not None:
        until = bypass.until.isoformat() if bypass.until else None
        details["bypass_lifecycle_rules"] = {"reason": bypass.reason, "until": until}
    return details


DEFAULTS: dict[str, Any] = {
    "notes": "",
    "header_text": "",
    "password_validity_days": None,
    "user_root": "/",
    "user_home": "/",
    "protocols": None,
    "allowed_ips": (),
    "bypass_site_allowed_ips": False,
    "require_2fa": None,
    "notification_preferences": {},
    "external_ids": {},
    "attributes": {},
}
USUAL = tuple(DEFAULTS[name] for name in DETAILS)


def user_of(row: Row[Any]) -> User:
    """A row as a user."""
    stored = row._mapping
    values: dict[str, Any] = {name: stored[name] for name in PLAIN}
    details = dict(stored["details"])
    bypass = details.pop("bypass_lifecycle_rules", None)
    values |= details
    for name in ("protocols", "allowed_ips"):
        if details.get(name) is not None:
            values[name] = tuple(details[name])
    values["authentication_method"] = AuthenticationMethod(values["authentication_method"])
    values["source"] = Source(values["source"])
    values["tags"] = tuple(stored["tags"].split())
    values["roles"] = tuple(Role(role) for role in stored["roles"].split())
    values["bypass_lifecycle_rules"] = _bypass(bypass)
    return User(**values)


def _bypass(stored: Mapping[str, Any] | None) -> LifecycleBypass | None:
    if stored is None:
        return None
    until = datetime.fromisoformat(stored["until"]) if stored["until"] else None
    return LifecycleBypass(stored["reason"], until)
