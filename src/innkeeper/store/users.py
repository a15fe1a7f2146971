"""Users: finders need a scope, savers a permit."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    func,
    or_,
    select,
    update,
)

from innkeeper.domain.errors import Stale
from innkeeper.domain.fields import username_key
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import users
from innkeeper.store.unit import Unit
from innkeeper.store.user_rows import row_of, user_of

BY_ID = select(users).where(users.c.id == bindparam("id"))
BY_KEY = select(users).where(users.c.username_key == bindparam("key"))
# Built once: to build it anew for each user took longer than to run it.
UPDATE = (
    update(users)
    .where(users.c.id == bindparam("row_id"), users.c.version == bindparam("row_version"))
    .values({column.name: bindparam(f"to_{column.name}") for column in users.c if column.name != "id"})
)


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


def by_email(unit: Unit, scope: Scope, email: str, limit: int) -> list[User]:
    """The first users of this address, whatever its case; none for no address."""
    if not email:
        return []
    query = select(users).where(users.c.email_key == email.lower(), users_in(scope, users.c.id))
    return [user_of(row) for row in unit.rows(query.order_by(users.c.id).limit(limit))]


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


def insert_user(unit: Unit, permit: Permit, user: User) -> None:
    """Add a user; raises Duplicate, at the latest when the unit ends, if the name is taken."""
    unit.insert(permit, users, row_of(user))


def save(unit: Unit, permit: Permit, user: User) -> User:
    """Store a changed user under the next version; raises Stale when someone else was faster."""
    saved = replace(user, version=user.version + 1, updated_at=unit.now)
    values = {f"to_{name}": value for name, value in row_of(saved).items() if name != "id"}
    touched = unit.change(permit, UPDATE, values | {"row_id": user.id, "row_version": user.version})
    if touched != 1:
        raise Stale(
            "user %(user)s was changed by someone else meanwhile; look again", user=repr(user.username)
        )
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


def site_administrators(unit: Unit) -> list[User]:
    """Every site administrator who is not in the recycle bin, for what concerns all of them."""
    query = select(users).where(users.c.roles.like("%site_administrator%"), users.c.deleted_at.is_(None))
    return [user_of(row) for row in unit.rows(query)]


def how_many(unit: Unit) -> int:
    """How many users there are, those in the recycle bin left out."""
    return int(unit.scalar(select(func.count()).select_from(users).where(users.c.deleted_at.is_(None))))


def is_empty(unit: Unit) -> bool:
    """True on a site where nobody has been created yet."""
    return unit.row(select(users.c.id).limit(1)) is None
