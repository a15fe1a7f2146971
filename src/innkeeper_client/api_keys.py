"""API keys of users."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict, Unpack

from innkeeper_client.reading import Page, plain
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import KeyScope, KeyView, Moment, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key, without its token. The rules of the site remove it at `removal_at`, unless used before."""

    id: str
    user_id: str
    name: str
    prefix: str
    is_read_only: bool
    scopes: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_interface: str
    removal_at: datetime | None
    removal_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey(ApiKey):
    """A new API key with its token, which is never shown again."""

    token: str = field(repr=False)


class ApiKeyFields(TypedDict, total=False):
    """What can be changed about a key. What is absent stays as it is."""

    name: str
    scopes: Sequence[KeyScope]
    allowed_ips: Sequence[str]
    expires_at: Moment | None


class ApiKeys(Noun[Way]):
    """The keys with which programs act in a user's name."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        text: str = "",
        view: KeyView = "all",
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[ApiKey]]:
        """Answer a page of keys, of a user, of all, or those that deserve a look."""
        narrowed = {"user_id": user_id, "text": text, "view": view}
        return ask_page(ApiKey, "/api-keys", {**narrowed, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def create(
        self,
        user_id: str,
        name: str,
        *,
        is_read_only: bool = False,
        scopes: Sequence[KeyScope] = (),
        allowed_ips: Sequence[str] = (),
        expires_at: Moment | None = None,
    ) -> Steps[NewApiKey]:
        """Make a key. Its token is in this answer and nowhere else."""
        limits = {"scopes": [*scopes], "allowed_ips": [*allowed_ips], "expires_at": iso(expires_at)}
        body = {"user_id": user_id, "name": name, "is_read_only": is_read_only, **limits}
        return create(NewApiKey, "/api-keys", body)

    @Verb
    def get(self, key_id: str) -> Steps[ApiKey]:
        """Answer a key by id, without its token."""
        return ask(ApiKey, "GET", at("api-keys", key_id))

    @Verb
    def edit(self, key_id: str, **fields: Unpack[ApiKeyFields]) -> Steps[ApiKey]:
        """Change name, end, addresses or scopes; they count from the next request on."""
        return change(ApiKey, at("api-keys", key_id), plain(fields))

    @Verb
    def revoke(self, key_id: str) -> Steps[None]:
        """Make a key worthless from the next request on."""
        return tell("DELETE", at("api-keys", key_id))
