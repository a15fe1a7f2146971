"""SSH public keys of users."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, Strict

from innkeeper.actions import key_lists, ssh_keys
from innkeeper.actions.key_lists import Listed
from innkeeper.domain.credentials import SshKey
from innkeeper.domain.lifetimes import KeyView, RemovalReason
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.words import SshKeyId, UserId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.times import Moment
from innkeeper.interfaces.rest.user_documents import KEY
from innkeeper.interfaces.rest.visits import Creating, Here
from innkeeper.kit.keypairs import LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE, KeyKind, make_key_pair

router = APIRouter(prefix="/ssh-keys", tags=["ssh-keys"], route_class=Route)
Label = Annotated[str, Field(max_length=200)]
Passphrase = Annotated[
    str,
    Field(
        pattern=f"^(|.{{{SHORTEST_PASSPHRASE},{LONGEST_PASSPHRASE}}})$",
        description="Without it the private key is of no use; none leaves the key as it is.",
    ),
]


class SshKeyDocument(BaseModel):
    """A public key of a user."""

    id: str
    user_id: str
    label: str
    algorithm: str
    public_key: str
    fingerprint: str = Field(examples=["SHA256:uNiVztksCsDhcc0u9e8BrPSSEVLQGeJQQ4bVFnZUiJA"])
    is_hardware: bool = Field(description="The private key is in a security key.")
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_interface: str = Field(description="The door where it was used last.", examples=["sftp"])
    removal_at: datetime | None = Field(
        description="When the site's rules will remove it, unless it is used before."
    )
    removal_reason: RemovalReason | None
    created_at: datetime


class NewSshKey(BaseModel):
    """A key to add: one OpenSSH public key line."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: str = Field(max_length=200)
    public_key: str = Field(max_length=20_000, examples=[KEY])
    label: Label = Field("", description="Without one, the comment of the key line.")
    expires_at: Moment | None = None


class WantedSshKey(BaseModel):
    """A key pair to make for a user."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: str = Field(max_length=200)
    kind: Annotated[KeyKind, Strict(False)] = KeyKind.ED25519
    label: Label = ""
    expires_at: Moment | None = None
    passphrase: Passphrase = ""


class NewSshKeyDocument(SshKeyDocument):
    """A new public key with its private half, which is kept nowhere and never shown again."""

    private_key: str = Field(description="A file for OpenSSH; only its owner may read it.")


class SshKeyFields(BaseModel):
    """What can be changed about a key; what is absent stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: Label = ""
    expires_at: Moment | None = None


@router.get("", response_model=PageDocument[SshKeyDocument], responses=refusals(400))
async def list_ssh_keys(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    fingerprint: Annotated[str | None, Query()] = None,
    text: Annotated[str, Query(max_length=200, description="Words in owner, label or fingerprint.")] = "",
    view: Annotated[
        KeyView,
        Query(
            description="Unused for 90 days, at an end within 30 days, a year old, or held by several users."
        ),
    ] = KeyView.ALL,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List keys, of a user, of a fingerprint, or those that deserve a look."""
    query = KeyQuery(
        user_id=UserId(user_id) if user_id is not None else None,
        fingerprint=fingerprint,
        text=text,
        view=view,
        limit=limit,
        cursor=cursor,
    )
    page = await visit.read(key_lists.ssh_keys, query)
    return PageDocument(items=[ssh_key_document(one) for one in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=SshKeyDocument, responses=CREATED | refusals(404, 409))
async def add_ssh_key(visit: Creating, wanted: NewSshKey) -> Response:
    """Give a user a key. Another user may hold the same one."""
    document = await visit.once(
        lambda one: plain(ssh_key_document(one)),
        key_lists.ssh_key,
        ssh_keys.add,
        UserId(wanted.user_id),
        wanted.public_key,
        label=wanted.label,
        expires_at=wanted.expires_at,
    )
    return created("ssh-keys", document)


@router.post(
    "/generate", status_code=201, response_model=NewSshKeyDocument, responses=CREATED | refusals(404, 409)
)
async def generate_ssh_key(visit: Creating, wanted: WantedSshKey) -> Response:
    """Make a key pair. The private half is in this answer and nowhere else: repeated, 409 `already_done`."""
    owner, passphrase = UserId(wanted.user_id), wanted.passphrase
    kind = await visit.read(ssh_keys.prepare_pair, owner, kind=wanted.kind, passphrase=passphrase)
    pair = await asyncio.to_thread(make_key_pair, kind, passphrase=passphrase)
    made = await visit.once_with_secret(
        lambda one: one.key.id,
        key_lists.ssh_key,
        ssh_keys.add,
        owner,
        pair.public_key,
        label=wanted.label,
        expires_at=wanted.expires_at,
    )
    return created("ssh-keys", plain(ssh_key_document(made)) | {"private_key": pair.private_key})


@router.get("/{key_id}", response_model=SshKeyDocument, responses=refusals(404))
async def show_ssh_key(visit: Here, key_id: str) -> Any:
    """Show a key."""
    return ssh_key_document(await visit.read(key_lists.ssh_key, ssh_keys.show, SshKeyId(key_id)))


@router.patch("/{key_id}", response_model=SshKeyDocument, responses=refusals(404))
async def edit_ssh_key(visit: Here, key_id: str, wanted: SshKeyFields) -> Any:
    """Change the label or the end of a key; the connections that it opened end with it."""
    values = wanted.model_dump(exclude_unset=True)
    edited = await visit.write(key_lists.ssh_key, ssh_keys.edit, SshKeyId(key_id), values)
    return ssh_key_document(edited)


@router.delete("/{key_id}", status_code=204, responses=refusals(404))
async def remove_ssh_key(visit: Here, key_id: str) -> Response:
    """Take a key away; the connections that it opened end."""
    await visit.write(ssh_keys.remove, SshKeyId(key_id))
    return nothing()


def ssh_key_document(one: Listed[SshKey]) -> SshKeyDocument:
    """A key as the API shows it."""
    removal = one.removal
    rules: dict[str, Any] = {
        "removal_at": removal.at if removal else None,
        "removal_reason": removal.reason if removal else None,
    }
    names = set(SshKeyDocument.model_fields) - set(rules)
    return SshKeyDocument(**{name: getattr(one.key, name) for name in names}, **rules)
