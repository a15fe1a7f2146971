"""Folders that the site knows by name."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from innkeeper_client.errors import NotFound
from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that Innkeeper knows by name."""

    id: str
    path: str
    is_fenced: bool
    quota_mb: int | None
    notes: str
    created_at: datetime
    updated_at: datetime
    version: int


class FolderFields(TypedDict, total=False):
    """What can be changed about a folder. `is_fenced`: grants on the folders above stop here."""

    is_fenced: bool
    quota_mb: int | None
    notes: str


class Folders(Noun[Way]):
    """Folders with grants, notes or a fence."""

    @Verb
    def list(self, *, text: str = "", limit: int = 100, cursor: str | None = None) -> Steps[Page[Folder]]:
        """Answer a page of the known folders by path. `text`: a part of the path."""
        return ask_page(Folder, "/folders", {"text": text, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, folder_id: str) -> Steps[Folder]:
        """Answer a folder by id."""
        return ask(Folder, "GET", at("folders", folder_id))

    @Verb
    def find(self, path: str) -> Steps[Folder]:
        """Answer a folder by its path; raises NotFound."""
        cursor: str | None = None
        while True:
            page = yield from ask_page(Folder, "/folders", {"text": path, "limit": 1000, "cursor": cursor})
            for folder in page.items:
                if folder.path == path:
                    return folder
            if page.next_cursor is None:
                raise NotFound(f"folder {path!r} is not known", code="not_found")
            cursor = page.next_cursor

    @Verb
    def create(self, path: str, **fields: Unpack[FolderFields]) -> Steps[Folder]:
        """Make a folder known, with its notes and fence. The disk is not touched."""
        return create(Folder, "/folders", {"path": path, **fields})

    @Verb
    def edit(
        self, folder_id: str, *, version: int | None = None, **fields: Unpack[FolderFields]
    ) -> Steps[Folder]:
        """Change notes or fence; with `version` only if the folder is still that one."""
        return change(Folder, at("folders", folder_id), fields, version)

    @Verb
    def delete(self, folder_id: str) -> Steps[None]:
        """Forget a folder with its grants and fence; its files stay on the disk."""
        return tell("DELETE", at("folders", folder_id))
