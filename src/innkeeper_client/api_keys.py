"""API keys of users."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Moment, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key, without its token."""

    id: str
    user_id: str
    name: str
    prefix: str
    is_read_only: bool
    allowed_ips: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey(ApiKey):
    """A new API key with its token, which is never shown again."""

    token: str = field(repr=False)


class ApiKeys(Noun[Way]):
    """The keys with which programs act in a user's name."""

    @Verb
    def list(
        self, *, user_id: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Steps[Page[ApiKey]]:
        """Answer a page of keys, of a user or of all."""
        return ask_page(ApiKey, "/api-keys", {"user_id": user_id, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def create(
        self,
        user_id: str,
        name: str,
        *,
        is_read_only: bool = False,
        allowed_ips: Sequence[str] = (),
        expires_at: Moment | None = None,
    ) -> Steps[NewApiKey]:
        """Make a key. Its token is in this answer and nowhere else."""
        limits = {"allowed_ips": [*allowed_ips], "expires_at": iso(expires_at)}
        body = {"user_id": user_id, "name": name, "is_read_only": is_read_only, **limits}
        return create(NewApiKey, "/api-keys", body)

    @Verb
    def get(self, key_id: str) -> Steps[ApiKey]:
        """Answer a key by id, without its token."""
        return ask(ApiKey, "GET", at("api-keys", key_id))

    @Verb
    def revoke(self, key_id: str) -> Steps[None]:
        """Make a key worthless from the next request on."""
        return tell("DELETE", at("api-keys", key_id))
