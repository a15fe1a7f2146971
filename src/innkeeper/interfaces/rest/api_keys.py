"""API keys of users."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, Strict

from innkeeper.actions import api_keys, key_lists
from innkeeper.actions.key_lists import Listed
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.lifetimes import KeyView, RemovalReason
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.scopes import KeyScope
from innkeeper.domain.words import ApiKeyId, UserId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/api-keys", tags=["api-keys"], route_class=Route)
LIMITS = " Set with an API key, never more than that one has; left empty, the same."
Name = Annotated[str, Field(min_length=1, max_length=200, examples=["nightly report"])]
Scopes = Annotated[
    list[Annotated[KeyScope, Strict(False)]],
    Field(description="Without any, all that its user may." + LIMITS, examples=[["users:read"]]),
]
Addresses = Annotated[
    list[str], Field(description="Without any, from everywhere." + LIMITS, examples=[["203.0.113.7"]])
]


class ApiKeyDocument(BaseModel):
    """An API key, without its token."""

    id: str
    user_id: str
    name: str
    prefix: str = Field(description="How the token begins, to recognise it by.")
    is_read_only: bool
    scopes: list[str]
    allowed_ips: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_interface: str = Field(description="The door where it was used last.", examples=["api"])
    removal_at: datetime | None = Field(
        description="When the site's rules will remove it, unless it is used before."
    )
    removal_reason: RemovalReason | None
    created_at: datetime


class NewApiKeyDocument(ApiKeyDocument):
    """A new API key with its token, which is never shown again."""

    token: str = Field(examples=["ink_…"])


class NewApiKey(BaseModel):
    """A key to make for a user."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: str = Field(max_length=200)
    name: Name
    is_read_only: bool = False
    scopes: Scopes = []
    allowed_ips: Addresses = []
    expires_at: Moment | None = None


class ApiKeyFields(BaseModel):
    """What can be changed about a key; what is absent stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name = ""
    scopes: Scopes = []
    allowed_ips: Addresses = []
    expires_at: Moment | None = None


@router.get("", response_model=PageDocument[ApiKeyDocument], responses=refusals(400))
async def list_api_keys(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    text: Annotated[str, Query(max_length=200, description="Words in owner, name or prefix.")] = "",
    view: Annotated[
        KeyView, Query(description="Unused for 90 days, at an end within 30 days, or a year old.")
    ] = KeyView.ALL,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List keys, of a user, of all, or those that deserve a look."""
    user = UserId(user_id) if user_id is not None else None
    query = KeyQuery(user_id=user, text=text, view=view, limit=limit, cursor=cursor)
    page = await visit.read(key_lists.api_keys, query)
    return PageDocument(items=[api_key_document(one) for one in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=NewApiKeyDocument, responses=CREATED | refusals(404, 409))
async def create_api_key(visit: Creating, wanted: NewApiKey) -> Response:
    """Make a key. Its token is in this answer and nowhere else: repeated, it gets 409 `already_done`."""
    made, token = await visit.once_with_secret(
        lambda one: one[0].key.id,
        key_lists.new_api_key,
        api_keys.create,
        UserId(wanted.user_id),
        wanted.name,
        is_read_only=wanted.is_read_only,
        scopes=wanted.scopes,
        allowed_ips=wanted.allowed_ips,
        expires_at=wanted.expires_at,
    )
    return created("api-keys", plain(api_key_document(made)) | {"token": token})


@router.get("/{key_id}", response_model=ApiKeyDocument, responses=refusals(404))
async def show_api_key(visit: Here, key_id: str) -> Any:
    """Show a key, without its token."""
    return api_key_document(await visit.read(key_lists.api_key, api_keys.show, ApiKeyId(key_id)))


@router.patch("/{key_id}", response_model=ApiKeyDocument, responses=refusals(404))
async def edit_api_key(visit: Here, key_id: str, wanted: ApiKeyFields) -> Any:
    """Change name, end, addresses or scopes; they count from the next request on."""
    values = wanted.model_dump(exclude_unset=True)
    edited = await visit.write(key_lists.api_key, api_keys.edit, ApiKeyId(key_id), values)
    return api_key_document(edited)


@router.delete("/{key_id}", status_code=204, responses=refusals(404))
async def revoke_api_key(visit: Here, key_id: str) -> Response:
    """Make a key worthless from the next request on."""
    await visit.write(api_keys.revoke, ApiKeyId(key_id))
    return nothing()


def api_key_document(one: Listed[ApiKey]) -> ApiKeyDocument:
    """A key as the API shows it."""
    removal = one.removal
    rules: dict[str, Any] = {
        "removal_at": removal.at if removal else None,
        "removal_reason": removal.reason if removal else None,
    }
    names = set(ApiKeyDocument.model_fields) - set(rules)
    return ApiKeyDocument(**{name: getattr(one.key, name) for name in names}, **rules)
