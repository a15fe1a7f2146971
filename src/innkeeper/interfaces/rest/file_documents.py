"""Files and folders as the API shows them, and paths as they come in."""

import os
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import parse_qs, quote

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.domain.access import Ability
from innkeeper.domain.paths import name
from innkeeper.files.trees import Found
from innkeeper.interfaces.rest.paging import PageDocument
from innkeeper.kit.http_ranges import etag

PathText = Annotated[str, Field(min_length=1, max_length=4000, pattern="^/", examples=["/projects/plan.pdf"])]
_ENCODED = "The path, percent-encoded: what to ask with. Names that are no UTF-8 have no other way."


class FileDocument(BaseModel):
    """A file or folder."""

    name: str
    path: str = Field(description="From your top folder; bytes that are no UTF-8 show as `\ufffd`.")
    encoded_path: str = Field(description=_ENCODED)
    kind: Literal["file", "folder"]
    size: int = Field(description="In bytes; 0 for folders.")
    modified_at: datetime
    etag: str = Field(description="Another one after every change.")


class FolderPage(PageDocument[FileDocument]):
    """A page of a folder, folders first."""

    path: str
    abilities: list[str] = Field(description="What you may do in it: `list`, `read`, `create` and so on.")


class NewFolder(BaseModel):
    """A folder to make."""

    model_config = ConfigDict(extra="forbid")

    path: PathText


class FileMove(BaseModel):
    """From where to where. `overwrite`: a file that has the new name is put out."""

    model_config = ConfigDict(extra="forbid")

    path: PathText
    new_path: PathText
    overwrite: bool = False


def file_document(found: Found) -> FileDocument:
    """A file or folder as the API shows it."""
    status = found.entry.status
    return FileDocument(
        name=_shown(name(found.path)),
        path=_shown(found.path),
        encoded_path=quote(os.fsencode(found.path)),
        kind="folder" if found.is_folder else "file",
        size=0 if found.is_folder else status.st_size,
        modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
        etag=etag(status),
    )


def folder_page(path: str, abilities: Ability, page: PageDocument[FileDocument]) -> FolderPage:
    """A page with the folder that it is of."""
    names = [ability.name.lower() for ability in Ability if ability in abilities and ability.name]
    return FolderPage(items=page.items, next_cursor=page.next_cursor, path=_shown(path), abilities=names)


def wanted_path(
    request: Request,
    path: Annotated[
        str, Query(min_length=1, max_length=4000, pattern="^/", description="From your top folder.")
    ],
) -> str:
    """The path of the query by its bytes, since not every name is UTF-8."""
    query = request.scope["query_string"].decode("latin-1")
    found: list[str] = parse_qs(query, errors="surrogateescape").get("path", [path])
    return found[-1]


WantedPath = Annotated[str, Depends(wanted_path)]


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
