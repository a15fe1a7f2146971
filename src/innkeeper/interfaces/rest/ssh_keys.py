"""SSH public keys of users."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import ssh_keys
from innkeeper.domain.credentials import SshKey
from innkeeper.domain.words import SshKeyId, UserId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.user_documents import KEY
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/ssh-keys", tags=["ssh-keys"], route_class=Route)


class SshKeyDocument(BaseModel):
    """A public key of a user."""

    id: str
    user_id: str
    label: str
    algorithm: str
    public_key: str
    fingerprint: str = Field(examples=["SHA256:uNiVztksCsDhcc0u9e8BrPSSEVLQGeJQQ4bVFnZUiJA"])
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class NewSshKey(BaseModel):
    """A key to add: one OpenSSH public key line."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: str = Field(max_length=200)
    public_key: str = Field(max_length=20_000, examples=[KEY])
    label: str = Field("", max_length=200, description="Without one, the comment of the key line.")
    expires_at: Moment | None = None


@router.get("", response_model=PageDocument[SshKeyDocument], responses=refusals(400))
async def list_ssh_keys(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    fingerprint: Annotated[str | None, Query()] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List keys, of a user or of a fingerprint."""
    user = UserId(user_id) if user_id is not None else None
    page = await visit.read(ssh_keys.page, user_id=user, fingerprint=fingerprint, limit=limit, cursor=cursor)
    return PageDocument(items=[ssh_key_document(key) for key in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=SshKeyDocument, responses=CREATED | refusals(404, 409))
async def add_ssh_key(visit: Creating, wanted: NewSshKey) -> Response:
    """Give a user a key."""
    document = await visit.once(
        lambda key: plain(ssh_key_document(key)),
        ssh_keys.add,
        UserId(wanted.user_id),
        wanted.public_key,
        label=wanted.label,
        expires_at=wanted.expires_at,
    )
    return created("ssh-keys", document)


@router.get("/{key_id}", response_model=SshKeyDocument, responses=refusals(404))
async def show_ssh_key(visit: Here, key_id: str) -> Any:
    """Show a key."""
    return ssh_key_document(await visit.read(ssh_keys.show, SshKeyId(key_id)))


@router.delete("/{key_id}", status_code=204, responses=refusals(404))
async def remove_ssh_key(visit: Here, key_id: str) -> Response:
    """Take a key away; the connections that it opened end."""
    await visit.write(ssh_keys.remove, SshKeyId(key_id))
    return nothing()


def ssh_key_document(key: SshKey) -> SshKeyDocument:
    """A key as the API shows it."""
    return SshKeyDocument(**{name: getattr(key, name) for name in SshKeyDocument.model_fields})
