"""Folders that have settings of their own: notes, a fence, grants."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import folders
from innkeeper.domain.folders import Folder
from innkeeper.domain.words import FolderId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import DocumentedBy, Route
from innkeeper.interfaces.rest.paging import Cursor, IfMatch, Limit, PageDocument, tag, wanted_version
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/folders", tags=["folders"], route_class=Route)


class FolderFields(BaseModel):
    """What can be changed about a folder. What is absent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    is_fenced: bool = Field(False, description="Grants on the folders above stop here.")
    quota_mb: int | None = Field(
        None, ge=1, le=1_000_000_000, description="How many MiB may lie in it and below; null: no limit."
    )
    notes: str = Field("", max_length=10_000)


class NewFolderFields(FolderFields):
    """A folder to make known; the path is needed. The disk is not touched."""

    path: str = Field(min_length=1, max_length=4000, pattern="^/", examples=["/projects/a"])


class FolderDocument(BaseModel):
    """A folder that Innkeeper knows by name."""

    id: str
    path: str
    is_fenced: bool
    quota_mb: int | None
    notes: str
    created_at: datetime
    updated_at: datetime
    version: int = Field(description="Counts changes; the number in the ETag.")


FolderValues = Annotated[dict[str, Any], DocumentedBy(FolderFields)]
NewFolderValues = Annotated[dict[str, Any], DocumentedBy(NewFolderFields)]


@router.get("", response_model=PageDocument[FolderDocument], responses=refusals(400))
async def list_folders(
    visit: Here,
    text: Annotated[str, Query(max_length=200, description="Part of the path.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """List the known folders by path."""
    page = await visit.read(folders.page, text=text, limit=limit, cursor=cursor)
    return PageDocument(
        items=[folder_document(folder) for folder in page.items], next_cursor=page.next_cursor
    )


@router.post("", status_code=201, response_model=FolderDocument, responses=CREATED | refusals(409))
async def create_folder(visit: Creating, values: NewFolderValues) -> Response:
    """Make a folder known, with its notes and fence."""
    document = await visit.once(lambda folder: plain(folder_document(folder)), folders.create, values)
    return created("folders", document)


@router.get("/{folder_id}", response_model=FolderDocument, responses=refusals(404))
async def show_folder(visit: Here, folder_id: str, answer: Response) -> Any:
    """Show a folder."""
    return tag(answer, folder_document(await visit.read(folders.show, FolderId(folder_id))))


@router.patch("/{folder_id}", response_model=FolderDocument, responses=refusals(404, 409, 412))
async def edit_folder(
    visit: Here, folder_id: str, values: FolderValues, answer: Response, if_match: IfMatch = None
) -> Any:
    """Change notes or fence."""
    version = wanted_version(if_match)
    edited = await visit.write(folders.edit, FolderId(folder_id), values, version=version)
    return tag(answer, folder_document(edited))


@router.delete("/{folder_id}", status_code=204, responses=refusals(404))
async def delete_folder(visit: Here, folder_id: str) -> Response:
    """Forget a folder with its grants and fence; its files stay on the disk."""
    await visit.write(folders.delete, FolderId(folder_id))
    return nothing()


def folder_document(folder: Folder) -> FolderDocument:
    """A folder as the API shows it."""
    return FolderDocument(**{name: getattr(folder, name) for name in FolderDocument.model_fields})
