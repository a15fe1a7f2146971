"""Folders and the grants on them."""

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, select, update

from innkeeper.domain.errors import Stale
from innkeeper.domain.folders import Folder, Grant
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.words import FolderId, GrantId, Level, SubjectKind
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import subjects_in
from innkeeper.store.tables import folders, grants
from innkeeper.store.unit import Unit

GRANT = tuple(column.name for column in grants.c)
GRANT_OF = attrgetter(*GRANT)
BY_PATH = "folders.by_path"
GRANTS: Select[Any] = select(grants, folders.c.path).join_from(grants, folders)
OF_SUBJECTS = GRANTS.where(grants.c.subject_id.in_(bindparam("ids", expanding=True)))
UPDATE = update(folders).where(
    folders.c.id == bindparam("row_id"), folders.c.version == bindparam("row_version")
)


def one(unit: Unit, folder_id: FolderId) -> Folder | None:
    """The folder with this id."""
    row = unit.row(select(folders).where(folders.c.id == folder_id))
    return Folder(**row._mapping) if row else None


def by_path(unit: Unit, path: str) -> Folder | None:
    """The folder that Innkeeper knows at this path."""
    known: dict[str, Folder | None] = unit.memo.setdefault(BY_PATH, {})
    if path not in known:
        row = unit.row(select(folders).where(folders.c.path == path))
        if row is None:
            return None
        known[path] = Folder(**row._mapping)
    return known[path]


def foresee(unit: Unit, paths: Iterable[str]) -> None:
    """Look up many paths at once, so that `by_path` need not ask for each, not even for unknown ones."""
    known: dict[str, Folder | None] = unit.memo.setdefault(BY_PATH, {})
    wanted = set(paths) - set(known)
    if wanted:
        known.update(dict.fromkeys(wanted))
        query = select(folders).where(folders.c.path.in_(wanted))
        known.update({row.path: Folder(**row._mapping) for row in unit.rows(query)})


def page(unit: Unit, *, text: str = "", limit: int = 50, cursor: str | None = None) -> Page[Folder]:
    """Folders by path."""
    query = select(folders)
    if text:
        query = query.where(folders.c.path.icontains(text, autoescape=True))
    if cursor:
        query = query.where(folders.c.path > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(folders.c.path).limit(limit + 1))
    shown = [Folder(**row._mapping) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].path,)) if len(rows) > limit else None)


def fences(unit: Unit) -> list[str]:
    """The paths of every fenced folder."""
    return [row.path for row in unit.rows(select(folders.c.path).where(folders.c.is_fenced.is_(True)))]


def quotas(unit: Unit) -> dict[str, int]:
    """The quotas of folders, in MiB by path."""
    query = select(folders.c.path, folders.c.quota_mb).where(folders.c.quota_mb.is_not(None))
    return {row.path: row.quota_mb for row in unit.rows(query)}


def paths(unit: Unit) -> list[str]:
    """The paths of every known folder."""
    return [row.path for row in unit.rows(select(folders.c.path))]


def insert_folder(unit: Unit, permit: Permit, folder: Folder) -> None:
    """Add a folder; raises Duplicate if the path is known."""
    unit.insert(permit, folders, {column.name: getattr(folder, column.name) for column in folders.c})
    unit.memo.setdefault(BY_PATH, {})[folder.path] = folder


def save(unit: Unit, permit: Permit, folder: Folder) -> Folder:
    """Store a changed folder under the next version; raises Stale."""
    saved = replace(folder, version=folder.version + 1, updated_at=unit.now)
    values = {column.name: getattr(saved, column.name) for column in folders.c if column.name != "id"}
    if unit.change(permit, UPDATE.values(values), {"row_id": folder.id, "row_version": folder.version}) != 1:
        raise Stale(
            "folder %(folder)s was changed by someone else meanwhile; look again", folder=repr(folder.path)
        )
    unit.memo.pop(BY_PATH, None)
    return saved


def remove(unit: Unit, permit: Permit, folder_id: FolderId) -> None:
    """Forget a folder and its grants. Files on the disk stay."""
    unit.change(permit, delete(folders).where(folders.c.id == folder_id))
    unit.memo.pop(BY_PATH, None)


def grant(unit: Unit, scope: Scope, grant_id: GrantId) -> Grant | None:
    """One grant whose subject lies within the scope."""
    row = unit.row(GRANTS.where(grants.c.id == grant_id, subjects_in(scope, grants.c.subject_id)))
    return grant_of(row) if row else None


def grants_of(unit: Unit, subject_ids: Iterable[str]) -> list[Grant]:
    """Every grant to these users and groups."""
    wanted = list(subject_ids)
    return [grant_of(row) for row in (unit.rows(OF_SUBJECTS, {"ids": wanted}) if wanted else ())]


def page_of_grants(
    unit: Unit,
    scope: Scope,
    *,
    folder_id: FolderId | None = None,
    subject_id: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Grant]:
    """Grants within the scope, by id."""
    query = GRANTS.where(subjects_in(scope, grants.c.subject_id))
    for column, wanted in ((grants.c.folder_id, folder_id), (grants.c.subject_id, subject_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    if cursor:
        query = query.where(grants.c.id > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(grants.c.id).limit(limit + 1))
    shown = [grant_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def insert_grant(unit: Unit, permit: Permit, entry: Grant) -> None:
    """Add a grant; raises Duplicate if subject, folder and level are already joined."""
    row = dict(zip(GRANT, GRANT_OF(entry), strict=True))
    unit.insert(permit, grants, row | {"subject_kind": entry.subject_kind.value, "level": entry.level.value})


def save_grant(unit: Unit, permit: Permit, entry: Grant) -> None:
    """Store a changed grant."""
    values = {
        "level": entry.level,
        "is_recursive": entry.is_recursive,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
    }
    unit.change(permit, update(grants).where(grants.c.id == entry.id).values(values))


def remove_grant(unit: Unit, permit: Permit, grant_id: GrantId) -> None:
    """Take a grant away."""
    unit.change(permit, delete(grants).where(grants.c.id == grant_id))


def remove_grants_of(unit: Unit, permit: Permit, subject_id: str) -> None:
    """Take away every grant of a user or group."""
    unit.change(permit, delete(grants).where(grants.c.subject_id == subject_id))


def grant_of(row: Row[Any]) -> Grant:
    values = dict(row._mapping)
    values["subject_kind"] = SubjectKind(row.subject_kind)
    values["level"] = Level(row.level)
    return Grant(**values)
