"""Grants: permissions of users and groups on folders."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, Strict

from innkeeper.actions import grants
from innkeeper.actions.call import Call
from innkeeper.domain.folders import Grant
from innkeeper.domain.words import FolderId, GrantId, Level, SubjectKind
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/grants", tags=["grants"], route_class=Route)
Path = Annotated[str, Field(min_length=1, max_length=4000, pattern="^/", examples=["/projects/a"])]


class GrantDocument(BaseModel):
    """A level for a user or a group on a folder."""

    id: str
    subject_kind: SubjectKind
    subject_id: str
    folder_id: str
    path: str
    level: Level
    is_recursive: bool = Field(description="The folders below are meant too.")
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime


class NewGrant(BaseModel):
    """A grant to add."""

    model_config = ConfigDict(extra="forbid", strict=True)

    subject_kind: Annotated[SubjectKind, Strict(False)]
    subject_id: str = Field(max_length=200)
    path: Path
    level: Annotated[Level, Strict(False)]
    is_recursive: bool = True
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class GrantFields(BaseModel):
    """What can be changed about a grant; what is absent stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    level: Annotated[Level, Strict(False)] = Level.READ
    is_recursive: bool = True
    starts_at: Moment | None = None
    ends_at: Moment | None = None


@router.get("", response_model=PageDocument[GrantDocument], responses=refusals(400))
async def list_grants(
    visit: Here,
    folder_id: Annotated[str | None, Query()] = None,
    subject_id: Annotated[str | None, Query(description="Id of a user or group.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List grants, of a folder or to a user or group."""
    folder = FolderId(folder_id) if folder_id is not None else None
    page = await visit.read(grants.page, folder_id=folder, subject_id=subject_id, limit=limit, cursor=cursor)
    return PageDocument(items=[grant_document(grant) for grant in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=GrantDocument, responses=CREATED | refusals(404, 409))
async def add_grant(visit: Creating, wanted: NewGrant) -> Response:
    """Grant a level on a folder, which becomes known if it was not."""
    document = await visit.once(
        lambda grant: plain(grant_document(grant)),
        grants.add,
        wanted.path,
        wanted.subject_kind,
        wanted.subject_id,
        wanted.level,
        is_recursive=wanted.is_recursive,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    return created("grants", document)


@router.get("/{grant_id}", response_model=GrantDocument, responses=refusals(404))
async def show_grant(visit: Here, grant_id: str) -> Any:
    """Show a grant."""
    return grant_document(await visit.read(grants.show, GrantId(grant_id)))


@router.patch("/{grant_id}", response_model=GrantDocument, responses=refusals(404, 409))
async def edit_grant(visit: Here, grant_id: str, wanted: GrantFields) -> Any:
    """Change level, reach or window of a grant."""
    values = wanted.model_dump(exclude_unset=True)
    return grant_document(await visit.write(_edit, GrantId(grant_id), values))


@router.delete("/{grant_id}", status_code=204, responses=refusals(404))
async def remove_grant(visit: Here, grant_id: str) -> Response:
    """Take a grant away."""
    await visit.write(grants.remove, GrantId(grant_id))
    return nothing()


def grant_document(grant: Grant) -> GrantDocument:
    """A grant as the API shows it."""
    return GrantDocument(**{name: getattr(grant, name) for name in GrantDocument.model_fields})


def _edit(call: Call, grant_id: GrantId, values: dict[str, Any]) -> Grant:
    known = grants.show(call, grant_id)
    names = ("level", "is_recursive", "starts_at", "ends_at")
    return grants.edit(call, grant_id, **{name: values.get(name, getattr(known, name)) for name in names})
