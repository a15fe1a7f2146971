"""Give, change and take away permissions on folders."""

from dataclasses import replace
from datetime import datetime

from innkeeper.actions import folders
from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import Invalid, NotFound, Problem
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.folders import Folder, Grant
from innkeeper.domain.paths import normalize
from innkeeper.domain.rights import Right
from innkeeper.domain.words import FolderId, GrantId, GroupId, Level, SubjectKind, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.store import folders as store
from innkeeper.store import groups, users


def show(call: Call, grant_id: GrantId) -> Grant:
    """One grant by id."""
    grant = store.grant(call.unit, call.scope_to_see(Right.GRANT_READ), grant_id)
    if grant is None:
        raise NotFound("grant", grant_id)
    return grant


def page(
    call: Call,
    *,
    folder_id: FolderId | None = None,
    subject_id: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Grant]:
    """A page of grants, narrowed to a folder or to a user or group."""
    return store.page_of_grants(
        call.unit,
        call.scope(Right.GRANT_READ),
        folder_id=folder_id,
        subject_id=subject_id,
        limit=limit,
        cursor=cursor,
    )


def subject_names(call: Call, grants: list[Grant]) -> dict[str, str]:
    """The names of the users and groups that hold these grants, by id."""
    ids = {grant.subject_id for grant in grants}
    named = groups.many(call.unit, call.scope_to_see(Right.GROUP_READ), ids)
    return users.names(call.unit, ids) | {group.id: group.name for group in named.values()}


def add(
    call: Call,
    path: str,
    subject_kind: SubjectKind,
    subject_id: str,
    level: Level,
    *,
    is_recursive: bool = True,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Grant:
    """Grant a level on a folder, which becomes known if it was not.

    Raises Invalid for a window that ends before it starts, Duplicate if this very level is granted already.
    """
    call.permit_for_site(Right.GRANT_EDIT)
    check_window(starts_at, ends_at)
    name = _subject_name(call, subject_kind, subject_id)
    folder = folders.ensure(call, normalize(path))
    wanted = Grant(
        id=GrantId(new_id()),
        subject_kind=subject_kind,
        subject_id=subject_id,
        folder_id=folder.id,
        path=folder.path,
        level=level,
        is_recursive=is_recursive,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=call.now,
    )
    return put(call, wanted, folder, name)


def put(call: Call, wanted: Grant, folder: Folder, subject_name: str) -> Grant:
    """Store a new grant whose subject and folder are known to exist."""
    permit = call.permit_for_site(Right.GRANT_EDIT)
    store.insert_grant(call.unit, permit, wanted)
    _record(call, Kind.GRANT_ADDED, wanted, folder.path, after=picture(wanted), name=subject_name)
    return wanted


def edit(
    call: Call,
    grant_id: GrantId,
    *,
    level: Level,
    is_recursive: bool,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> Grant:
    """Change level, reach or window of a grant; raises Invalid or Duplicate. Nothing if all is so."""
    permit = call.permit_for_site(Right.GRANT_EDIT)
    known = show(call, grant_id)
    check_window(starts_at, ends_at)
    edited = replace(known, level=level, is_recursive=is_recursive, starts_at=starts_at, ends_at=ends_at)
    if edited == known:
        return known
    store.save_grant(call.unit, permit, edited)
    _record(call, Kind.GRANT_EDITED, edited, known.path, before=picture(known), after=picture(edited))
    return edited


def remove(call: Call, grant_id: GrantId) -> None:
    """Take a grant away."""
    permit = call.permit_for_site(Right.GRANT_EDIT)
    known = show(call, grant_id)
    store.remove_grant(call.unit, permit, grant_id)
    _record(call, Kind.GRANT_REMOVED, known, known.path, before=picture(known))


def check_window(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """A window must end after it starts; raises Invalid."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid(Problem("ends_at", ends_at.isoformat(), "a time after 'starts_at'"))


def picture(grant: Grant) -> dict[str, object]:
    """The grant as plain JSON values for the log."""
    return {
        "path": grant.path,
        "level": grant.level.value,
        "is_recursive": grant.is_recursive,
        "starts_at": plain(grant.starts_at),
        "ends_at": plain(grant.ends_at),
    }


def _subject_name(call: Call, kind: SubjectKind, subject_id: str) -> str:
    if kind is SubjectKind.USER:
        return call.take_user(UserId(subject_id), Right.USER_READ)[0].username
    return call.take_group(GroupId(subject_id), Right.GROUP_READ)[0].name


def _record(
    call: Call,
    kind: Kind,
    grant: Grant,
    path: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    name: str = "",
) -> None:
    call.record(
        kind,
        Target("folder", grant.folder_id, path),
        user_id=grant.subject_id if grant.subject_kind is SubjectKind.USER else None,
        before=before,
        after=after,
        data={
            "grant_id": grant.id,
            "subject_kind": grant.subject_kind.value,
            "subject_id": grant.subject_id,
            "subject": name,
        },
    )
