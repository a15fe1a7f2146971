"""SSH public keys of users."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict, Unpack

from innkeeper_client.reading import Page, plain
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import KeyKind, KeyView, Moment, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class SshKey:
    """A public key of a user. The site's rules remove it at `removal_at`, unless it is used before."""

    id: str
    user_id: str
    label: str
    algorithm: str
    public_key: str
    fingerprint: str
    is_hardware: bool
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_interface: str
    removal_at: datetime | None
    removal_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSshKey(SshKey):
    """A new public key with its private half, a file for OpenSSH, which is never shown again."""

    private_key: str = field(repr=False)


class SshKeyFields(TypedDict, total=False):
    """What can be changed about a key. What is absent stays as it is."""

    label: str
    expires_at: Moment | None


class SshKeys(Noun[Way]):
    """The keys with which users come in by SFTP."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        fingerprint: str | None = None,
        text: str = "",
        view: KeyView = "all",
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[SshKey]]:
        """Answer a page of keys, of a user, of a fingerprint, or those that deserve a look."""
        narrowed = {"user_id": user_id, "fingerprint": fingerprint, "text": text, "view": view}
        return ask_page(SshKey, "/ssh-keys", {**narrowed, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def add(
        self, user_id: str, public_key: str, *, label: str = "", expires_at: Moment | None = None
    ) -> Steps[SshKey]:
        """Give a user a key: one OpenSSH public key line."""
        body = {"user_id": user_id, "public_key": public_key, "label": label, "expires_at": iso(expires_at)}
        return create(SshKey, "/ssh-keys", body)

    @Verb
    def generate(
        self,
        user_id: str,
        *,
        kind: KeyKind = "ed25519",
        label: str = "",
        passphrase: str = "",
        expires_at: Moment | None = None,
    ) -> Steps[NewSshKey]:
        """Make a key pair on the server. The private key is in this answer and nowhere else."""
        wanted = {"kind": kind, "label": label, "passphrase": passphrase, "expires_at": iso(expires_at)}
        return create(NewSshKey, "/ssh-keys/generate", {"user_id": user_id, **wanted})

    @Verb
    def get(self, key_id: str) -> Steps[SshKey]:
        """Answer a key by id."""
        return ask(SshKey, "GET", at("ssh-keys", key_id))

    @Verb
    def edit(self, key_id: str, **fields: Unpack[SshKeyFields]) -> Steps[SshKey]:
        """Change the label or the end of a key."""
        return change(SshKey, at("ssh-keys", key_id), plain(fields))

    @Verb
    def remove(self, key_id: str) -> Steps[None]:
        """Take a key away; the connections that it opened end."""
        return tell("DELETE", at("ssh-keys", key_id))
