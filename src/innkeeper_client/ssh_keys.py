"""SSH public keys of users."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Moment, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class SshKey:
    """A public key of a user."""

    id: str
    user_id: str
    label: str
    algorithm: str
    public_key: str
    fingerprint: str
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class SshKeys(Noun[Way]):
    """The keys with which users come in by SFTP."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        fingerprint: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[SshKey]]:
        """Answer a page of keys, of a user or of a fingerprint."""
        query = {"user_id": user_id, "fingerprint": fingerprint, "limit": limit, "cursor": cursor}
        return ask_page(SshKey, "/ssh-keys", query)

    iterate = Walk(list)

    @Verb
    def add(
        self, user_id: str, public_key: str, *, label: str = "", expires_at: Moment | None = None
    ) -> Steps[SshKey]:
        """Give a user a key: one OpenSSH public key line."""
        body = {"user_id": user_id, "public_key": public_key, "label": label, "expires_at": iso(expires_at)}
        return create(SshKey, "/ssh-keys", body)

    @Verb
    def get(self, key_id: str) -> Steps[SshKey]:
        """Answer a key by id."""
        return ask(SshKey, "GET", at("ssh-keys", key_id))

    @Verb
    def remove(self, key_id: str) -> Steps[None]:
        """Take a key away; the connections that it opened end."""
        return tell("DELETE", at("ssh-keys", key_id))
