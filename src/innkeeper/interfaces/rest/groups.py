"""Groups."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import groups
from innkeeper.actions.call import Call
from innkeeper.domain.errors import NotFound
from innkeeper.domain.groups import Group
from innkeeper.domain.rights import Right
from innkeeper.domain.words import GroupId, Protocol, Source
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import DocumentedBy, Route
from innkeeper.interfaces.rest.paging import Cursor, IfMatch, Limit, PageDocument, tag, wanted_version
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Creating, Here
from innkeeper.kit.paging import Page

router = APIRouter(prefix="/groups", tags=["groups"], route_class=Route)


class GroupFields(BaseModel):
    """The fields of a group that can be set. What is absent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", min_length=1, max_length=200, pattern=r"^[^,]*[^,\s][^,]*$", examples=["Staff"])
    notes: str = Field("", max_length=10_000)
    protocols: list[Protocol] | None = Field(None, description="null leaves it to users and site.")
    allowed_ips: list[str] = Field([], examples=[["203.0.113.0/24"]])
    require_2fa: bool = False


class NewGroupFields(GroupFields):
    """The fields of a new group; only the name is needed."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^,]*[^,\s][^,]*$", examples=["Staff"])


class GroupDocument(BaseModel):
    """A group."""

    id: str
    name: str
    notes: str
    protocols: list[str] | None
    allowed_ips: list[str]
    require_2fa: bool
    source: Source
    created_at: datetime
    updated_at: datetime
    version: int = Field(description="Counts changes; the number in the ETag.")


GroupValues = Annotated[dict[str, Any], DocumentedBy(GroupFields)]
NewGroupValues = Annotated[dict[str, Any], DocumentedBy(NewGroupFields)]


@router.get("", response_model=PageDocument[GroupDocument], responses=refusals(400))
async def list_groups(
    visit: Here,
    text: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    name: Annotated[str | None, Query(description="Only the group of this name.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """List groups by name."""
    if name is None:
        page = await visit.read(groups.page, text=text, limit=limit, cursor=cursor)
    else:
        page = await visit.read(_named, name)
    return PageDocument(items=[group_document(group) for group in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=GroupDocument, responses=CREATED | refusals(409))
async def create_group(visit: Creating, values: NewGroupValues) -> Response:
    """Make a group."""
    document = await visit.once(
        lambda group: plain(group_document(group)), groups.create, values, source=Source.API
    )
    return created("groups", document)


@router.get("/{group_id}", response_model=GroupDocument, responses=refusals(404))
async def show_group(visit: Here, group_id: str, answer: Response) -> Any:
    """Show a group."""
    return tag(answer, group_document(await visit.read(groups.show, GroupId(group_id))))


@router.patch("/{group_id}", response_model=GroupDocument, responses=refusals(404, 409, 412))
async def edit_group(
    visit: Here, group_id: str, values: GroupValues, answer: Response, if_match: IfMatch = None
) -> Any:
    """Change the fields that are given."""
    version = wanted_version(if_match)
    return tag(
        answer, group_document(await visit.write(groups.edit, GroupId(group_id), values, version=version))
    )


@router.delete("/{group_id}", status_code=204, responses=refusals(404))
async def delete_group(visit: Here, group_id: str) -> Response:
    """Delete a group with its memberships and grants; its members stay."""
    await visit.write(groups.delete, GroupId(group_id))
    return nothing()


def group_document(group: Group) -> GroupDocument:
    """A group as the API shows it."""
    return GroupDocument(**{name: getattr(group, name) for name in GroupDocument.model_fields})


def _named(call: Call, name: str) -> Page[Group]:
    call.scope(Right.GROUP_READ)
    try:
        return Page([groups.find(call, name)])
    except NotFound:
        return Page([])
