"""API keys of users."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import api_keys
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.words import ApiKeyId, UserId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/api-keys", tags=["api-keys"], route_class=Route)


class ApiKeyDocument(BaseModel):
    """An API key, without its token."""

    id: str
    user_id: str
    name: str
    prefix: str = Field(description="How the token begins, to recognise it by.")
    is_read_only: bool
    allowed_ips: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class NewApiKeyDocument(ApiKeyDocument):
    """A new API key with its token, which is never shown again."""

    token: str = Field(examples=["ink_…"])


class NewApiKey(BaseModel):
    """A key to make for a user."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: str = Field(max_length=200)
    name: str = Field(min_length=1, max_length=200, examples=["nightly report"])
    is_read_only: bool = False
    allowed_ips: list[str] = Field([], examples=[["203.0.113.7"]])
    expires_at: Moment | None = None


@router.get("", response_model=PageDocument[ApiKeyDocument], responses=refusals(400))
async def list_api_keys(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List keys, of a user or of all."""
    user = UserId(user_id) if user_id is not None else None
    page = await visit.read(api_keys.page, user_id=user, limit=limit, cursor=cursor)
    return PageDocument(items=[api_key_document(key) for key in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=NewApiKeyDocument, responses=CREATED | refusals(404, 409))
async def create_api_key(visit: Creating, wanted: NewApiKey) -> Response:
    """Make a key. Its token is in this answer and nowhere else: repeated, it gets 409 `already_done`."""
    key, token = await visit.once_with_secret(
        lambda made: made[0].id,
        api_keys.create,
        UserId(wanted.user_id),
        wanted.name,
        is_read_only=wanted.is_read_only,
        allowed_ips=wanted.allowed_ips,
        expires_at=wanted.expires_at,
    )
    return created("api-keys", plain(api_key_document(key)) | {"token": token})


@router.get("/{key_id}", response_model=ApiKeyDocument, responses=refusals(404))
async def show_api_key(visit: Here, key_id: str) -> Any:
    """Show a key, without its token."""
    return api_key_document(await visit.read(api_keys.show, ApiKeyId(key_id)))


@router.delete("/{key_id}", status_code=204, responses=refusals(404))
async def revoke_api_key(visit: Here, key_id: str) -> Response:
    """Make a key worthless from the next request on."""
    await visit.write(api_keys.revoke, ApiKeyId(key_id))
    return nothing()


def api_key_document(key: ApiKey) -> ApiKeyDocument:
    """A key as the API shows it."""
    return ApiKeyDocument(**{name: getattr(key, name) for name in ApiKeyDocument.model_fields})
