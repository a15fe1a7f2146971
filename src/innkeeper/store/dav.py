"""Locks and dead properties of WebDAV. Both are a client's own notes about files: books, without events."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select, update

from innkeeper.domain.dav import DavLock
from innkeeper.domain.paths import ROOT, ancestors
from innkeeper.store.door_tables import dav_locks, dav_properties
from innkeeper.store.unit import Parameters, Unit

_LOCKING = 4918


def wait_for_turn(unit: Unit) -> None:
    """Let nobody else set a lock until this unit ends. SQLite has one writer anyway."""
    if unit.dialect != "sqlite":
        unit.scalar(select(func.pg_advisory_xact_lock(_LOCKING)))


def locks_above(unit: Unit, path: str) -> list[DavLock]:
    """The locks on this path and on every folder above it."""
    return _locks(unit, dav_locks.c.path.in_([path, *ancestors(path)]))


def locks_within(unit: Unit, path: str) -> list[DavLock]:
    """The locks on this path, on every folder above it, and on all below it."""
    return _locks(unit, or_(dav_locks.c.path.in_([path, *ancestors(path)]), _is_below(dav_locks, path)))


def locks_of_many(unit: Unit, paths: Sequence[str]) -> list[DavLock]:
    """The locks on exactly these paths."""
    return _locks(unit, dav_locks.c.path.in_(paths))


def insert_lock(unit: Unit, lock: DavLock) -> None:
    """Keep a lock."""
    values = {column.name: getattr(lock, column.name) for column in dav_locks.c}
    unit.keep_books(insert(dav_locks).values(values))


def renew_lock(unit: Unit, lock: DavLock) -> None:
    """Keep a lock until its new end."""
    unit.keep_books(
        update(dav_locks).where(dav_locks.c.token == lock.token).values(expires_at=lock.expires_at)
    )


def remove_lock(unit: Unit, token: str) -> None:
    """Give a lock up."""
    unit.keep_books(delete(dav_locks).where(dav_locks.c.token == token))


def remove_expired_locks(unit: Unit) -> None:
    """Forget the locks that are over."""
    unit.keep_books(delete(dav_locks).where(dav_locks.c.expires_at <= unit.now))


def properties(unit: Unit, paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """The dead properties of these paths: XML by name."""
    found: dict[str, dict[str, str]] = {}
    for row in unit.rows(select(dav_properties).where(dav_properties.c.path.in_(paths))):
        found.setdefault(row.path, {})[row.name] = row.value
    return found


def set_properties(unit: Unit, path: str, values: Mapping[str, str | None]) -> None:
    """Set some dead properties of a path, and remove those that are None."""
    for name, value in values.items():
        here = and_(dav_properties.c.path == path, dav_properties.c.name == name)
        unit.keep_books(delete(dav_properties).where(here))
        if value is not None:
            unit.keep_books(insert(dav_properties).values(path=path, name=name, value=value))


def copy_properties(unit: Unit, path: str, new_path: str) -> None:
    """Give a copy what the original and all below it have."""
    rows = unit.rows(select(dav_properties).where(_is_within(dav_properties, path)))
    kept: list[Parameters] = [{**row._mapping, "path": new_path + row.path[len(path) :]} for row in rows]
    if kept:
        unit.keep_books_of_many(dav_properties, kept)


def has_notes(unit: Unit, path: str) -> bool:
    """True if anything is noted of this path or of something below it."""
    queries = (select(table.c.path).where(_is_within(table, path)) for table in (dav_locks, dav_properties))
    return any(unit.row(query.limit(1)) is not None for query in queries)


def forget(unit: Unit, path: str) -> None:
    """Drop the locks and properties of a path and of all below it."""
    unit.keep_books(delete(dav_locks).where(_is_within(dav_locks, path)))
    forget_properties(unit, path)


def forget_properties(unit: Unit, path: str) -> None:
    """Drop the properties of a path and of all below it."""
    unit.keep_books(delete(dav_properties).where(_is_within(dav_properties, path)))


def _locks(unit: Unit, where: ColumnElement[bool]) -> list[DavLock]:
    rows = unit.rows(select(dav_locks).where(where, dav_locks.c.expires_at > unit.now))
    return [DavLock(**row._mapping) for row in rows]


def _is_within(table: Table, path: str) -> ColumnElement[bool]:
    return or_(table.c.path == path, _is_below(table, path))


def _is_below(table: Table, path: str) -> ColumnElement[bool]:
    prefix = path if path == ROOT else f"{path}/"
    return func.substr(table.c.path, 1, len(prefix)) == prefix
