"""Folders that Innkeeper knows, their fences, and the grants on them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from innkeeper.actions.call import Call
from innkeeper.domain.errors import NotFound, Stale
from innkeeper.domain.events import Kind, Target, difference
from innkeeper.domain.folders import Folder
from innkeeper.domain.other_fields import check_folder
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.words import FolderId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.store import folders


def show(call: Call, folder_id: FolderId) -> Folder:
    """One folder by id."""
    call.scope(Right.FOLDER_READ)
    folder = folders.one(call.unit, folder_id)
    if folder is None:
        raise NotFound("folder", folder_id)
    return folder


def page(call: Call, *, text: str = "", limit: int = 50, cursor: str | None = None) -> Page[Folder]:
    """A page of the known folders by path."""
    call.scope(Right.FOLDER_READ)
    return folders.page(call.unit, text=text, limit=limit, cursor=cursor)


def create(call: Call, values: Mapping[str, Any]) -> Folder:
    """Make a folder known, with what is set for it; raises Invalid or Duplicate. The disk is not touched."""
    permit = call.permit_for_site(Right.FOLDER_EDIT)
    checked = check_folder(values, is_new=True)
    return _insert(call, permit, checked["path"], checked)


def edit(call: Call, folder_id: FolderId, values: Mapping[str, Any], *, version: int | None = None) -> Folder:
    """Change notes, fence or quota; raises Invalid, or Stale when `version` is given and has passed."""
    permit = call.permit_for_site(Right.FOLDER_EDIT)
    folder = show(call, folder_id)
    if version is not None and version != folder.version:
        raise Stale(
            "folder %(folder)s is at version %(version)s, not %(seen)s; look again",
            folder=repr(folder.path),
            version=folder.version,
            seen=version,
        )
    edited = replace(folder, **check_folder(values, is_new=False))
    before, after = difference(_picture(folder), _picture(edited))
    if not after:
        return folder
    edited = folders.save(call.unit, permit, edited)
    call.record(Kind.FOLDER_EDITED, folder_target(edited), before=before, after=after)
    return edited


def delete(call: Call, folder_id: FolderId) -> None:
    """Forget a folder with its grants and fence. Its files stay on the disk."""
    permit = call.permit_for_site(Right.FOLDER_EDIT)
    folder = show(call, folder_id)
    folders.remove(call.unit, permit, folder_id)
    call.record(Kind.FOLDER_DELETED, folder_target(folder), before=_picture(folder))


def ensure(call: Call, path: str, *, quota_mb: int | None = None) -> Folder:
    """The folder at a canonical path, made known if it was not, and then with this quota."""
    folder = folders.by_path(call.unit, path)
    if folder is not None:
        return folder
    return _insert(call, call.permit_for_site(Right.FOLDER_EDIT), path, {"quota_mb": quota_mb})


def folder_target(folder: Folder) -> Target:
    """The folder as the target of an event."""
    return Target("folder", folder.id, folder.path)


def _insert(call: Call, permit: Permit, path: str, checked: Mapping[str, Any]) -> Folder:
    values = {name: value for name, value in checked.items() if name != "path"}
    folder = Folder(id=FolderId(new_id()), path=path, created_at=call.now, updated_at=call.now, **values)
    folders.insert_folder(call.unit, permit, folder)
    call.record(Kind.FOLDER_CREATED, folder_target(folder), after=_picture(folder))
    return folder


def _picture(folder: Folder) -> dict[str, object]:
    names = ("path", "is_fenced", "quota_mb", "notes")
    return {name: getattr(folder, name) for name in names}
