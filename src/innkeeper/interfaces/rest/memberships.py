"""Who is in which group."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, Strict

from innkeeper.actions import memberships
from innkeeper.actions.call import Call
from innkeeper.domain.groups import Membership
from innkeeper.domain.words import GroupId, SubjectKind, UserId
from innkeeper.interfaces.rest.answers import nothing
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.visits import Here
from innkeeper.kit.paging import Page

router = APIRouter(prefix="/memberships", tags=["memberships"], route_class=Route)


class MembershipDocument(BaseModel):
    """A user or a group inside a group."""

    group_id: str
    member_kind: SubjectKind
    member_id: str
    is_admin: bool
    starts_at: datetime | None
    ends_at: datetime | None


class MembershipFields(BaseModel):
    """How somebody is in a group."""

    model_config = ConfigDict(extra="forbid", strict=True)

    member_kind: Annotated[SubjectKind, Strict(False)] = SubjectKind.USER
    is_admin: bool = Field(default=False, description="They manage the members of the group.")
    starts_at: Moment | None = None
    ends_at: Moment | None = None


@router.get("", response_model=PageDocument[MembershipDocument], responses=refusals(400, 404))
async def list_memberships(
    visit: Here,
    group_id: Annotated[str | None, Query(description="The direct members of this group.")] = None,
    user_id: Annotated[str | None, Query(description="The groups that this user is in directly.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List memberships, of a group or of a user."""
    page = await visit.read(_page, group_id, user_id, limit, cursor)
    items = [membership_document(entry) for entry in page.items]
    return PageDocument(items=items, next_cursor=page.next_cursor)


@router.put("/{group_id}/{member_id}", response_model=MembershipDocument, responses=refusals(404, 409))
async def put_membership(
    visit: Here, group_id: str, member_id: str, wanted: MembershipFields | None = None
) -> Any:
    """Put a user or group into a group, or change how they are in it."""
    fields = wanted or MembershipFields()
    entry = await visit.write(
        memberships.add,
        GroupId(group_id),
        fields.member_kind,
        member_id,
        is_admin=fields.is_admin,
        starts_at=fields.starts_at,
        ends_at=fields.ends_at,
    )
    return membership_document(entry)


@router.delete("/{group_id}/{member_id}", status_code=204, responses=refusals(404))
async def remove_membership(visit: Here, group_id: str, member_id: str) -> Response:
    """Take a member out of a group."""
    await visit.write(memberships.remove, GroupId(group_id), member_id)
    return nothing()


def membership_document(entry: Membership) -> MembershipDocument:
    """A membership as the API shows it."""
    return MembershipDocument(**{name: getattr(entry, name) for name in MembershipDocument.model_fields})


def _page(
    call: Call, group_id: str | None, user_id: str | None, limit: int, cursor: str | None
) -> Page[Membership]:
    if group_id is not None:
        page = memberships.of_group(call, GroupId(group_id), limit=limit, cursor=cursor)
    elif user_id is not None:
        page = Page(memberships.of_user(call, UserId(user_id)))
    else:
        page = memberships.page(call, limit=limit, cursor=cursor)
    return page
