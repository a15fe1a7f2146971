"""Users: list, make and change them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from innkeeper.actions import portraits, users
from innkeeper.actions.portraits import Portrait
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.words import AuthenticationMethod, GroupId, Role, Source, Status, UserId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, IfMatch, Limit, PageDocument, tag, wanted_version
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.user_documents import (
    CloneValues,
    NewUserValues,
    UserDocument,
    UserValues,
    user_document,
)
from innkeeper.interfaces.rest.visits import Creating, Here, Visit

router = APIRouter(prefix="/users", tags=["users"], route_class=Route)
Sort = Literal[
    "name",
    "username",
    "created",
    "last_active",
    "access_expires",
    "-name",
    "-username",
    "-created",
    "-last_active",
    "-access_expires",
]
Text = Annotated[str, Query(max_length=200)]
Texts = Annotated[list[str], Query(max_length=100)]


async def make_query(
    text: Annotated[Text, Query(description="Words in user name, name, e-mail or company.")] = "",
    status: Annotated[list[Status], Query(description="Without any, all but deleted ones.")] = [],  # noqa: B006
    group: Annotated[Texts, Query(description="Ids of groups; direct members of any.")] = [],  # noqa: B006
    source: Annotated[list[Source], Query()] = [],  # noqa: B006
    method: Annotated[list[AuthenticationMethod], Query()] = [],  # noqa: B006
    role: Annotated[list[Role], Query()] = [],  # noqa: B006
    tag: Texts = [],  # noqa: B006
    email: Text = "",
    expires_before: Annotated[Moment | None, Query()] = None,
    sort: Sort = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> UserQuery:
    """The query that these parameters spell."""
    return UserQuery(
        text=text,
        statuses=tuple(status),
        groups=tuple(GroupId(one) for one in group),
        sources=tuple(source),
        methods=tuple(method),
        roles=tuple(role),
        tags=tuple(tag),
        email=email,
        expires_before=expires_before,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )


@router.get("", response_model=PageDocument[UserDocument], responses=refusals(400))
async def list_users(
    visit: Here,
    query: Annotated[UserQuery, Depends(make_query)],
    username: Annotated[str | None, Query(description="Only this user; no other filter counts.")] = None,
) -> Any:
    """List users that you may see."""
    if username is None:
        page = await visit.read(portraits.page, query)
    else:
        page = await visit.read(portraits.named, username)
    items = [user_document(portrait, visit.now) for portrait in page.items]
    return PageDocument(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=UserDocument, responses=CREATED | refusals(404, 409))
async def create_user(visit: Creating, values: NewUserValues) -> Response:
    """Make a user, with groups, grants, SSH keys and password when they are given."""
    values = await visit.hashed(values)
    document = await visit.once(_picture(visit), portraits.create, values, source=Source.API)
    return created("users", document)


@router.get("/{user_id}", response_model=UserDocument, responses=refusals(404))
async def show_user(visit: Here, user_id: str, answer: Response) -> Any:
    """Show a user, deleted ones included."""
    return _shown(visit, answer, await visit.read(portraits.show, UserId(user_id)))


@router.patch("/{user_id}", response_model=UserDocument, responses=refusals(404, 409, 412))
async def edit_user(
    visit: Here, user_id: str, values: UserValues, answer: Response, if_match: IfMatch = None
) -> Any:
    """Change the fields that are given; a list of groups, grants or keys replaces the one before."""
    version = wanted_version(if_match)
    values = await visit.hashed_for(UserId(user_id), values)
    edited = await visit.write(portraits.after, users.edit, UserId(user_id), values, version=version)
    return _shown(visit, answer, edited)


@router.delete("/{user_id}", status_code=204, responses=refusals(404, 409))
async def delete_user(visit: Here, user_id: str) -> Response:
    """Move a user to the recycle bin; out at once, whole again when restored."""
    await visit.write(users.delete, UserId(user_id))
    return nothing()


@router.post(
    "/{user_id}/clone", status_code=201, response_model=UserDocument, responses=CREATED | refusals(404, 409)
)
async def clone_user(visit: Creating, user_id: str, values: CloneValues) -> Response:
    """Make a user with the settings, groups and grants of this one; never password, keys or address."""
    values = await visit.hashed(values)
    document = await visit.once(_picture(visit), portraits.after, users.clone, UserId(user_id), values)
    return created("users", document)


def _shown(visit: Visit, answer: Response, portrait: Portrait) -> Any:
    return tag(answer, user_document(portrait, visit.now))


def _picture(visit: Visit) -> Any:
    return lambda portrait: plain(user_document(portrait, visit.now))
