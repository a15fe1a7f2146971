"""Keys, sessions, connections and the activity log."""

from collections.abc import Sequence
from datetime import datetime

from innkeeper_client import documents as d
from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way


class SshKeys(Noun[Way]):
    """Public keys of users."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        fingerprint: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.SshKey]]:
        """A page of keys, of a user or of a fingerprint."""
        query = {"user_id": user_id, "fingerprint": fingerprint, "limit": limit, "cursor": cursor}
        return ask_page(d.SshKey, "/ssh-keys", query)

    iterate = Walk(list)

    @Verb
    def add(
        self, user_id: str, public_key: str, *, label: str = "", expires_at: datetime | None = None
    ) -> Steps[d.SshKey]:
        """Give a user a key; raises Invalid or Duplicate."""
        expires = None if expires_at is None else expires_at.isoformat()
        body = {"user_id": user_id, "public_key": public_key, "label": label, "expires_at": expires}
        return create(d.SshKey, "/ssh-keys", body)

    @Verb
    def remove(self, key_id: str) -> Steps[None]:
        """Take a key away; connections that it opened end."""
        return tell("DELETE", f"/ssh-keys/{key_id}")


class ApiKeys(Noun[Way]):
    """Bearer tokens of users."""

    @Verb
    def list(
        self, *, user_id: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Steps[Page[d.ApiKey]]:
        """A page of keys, of a user."""
        return ask_page(d.ApiKey, "/api-keys", {"user_id": user_id, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def create(
        self,
        user_id: str,
        name: str,
        *,
        is_read_only: bool = False,
        allowed_ips: Sequence[str] = (),
        expires_at: datetime | None = None,
    ) -> Steps[d.NewApiKey]:
        """Make a key; its token is in the answer, and never again."""
        body = {
            "user_id": user_id,
            "name": name,
            "is_read_only": is_read_only,
            "allowed_ips": [*allowed_ips],
            "expires_at": None if expires_at is None else expires_at.isoformat(),
        }
        return ask(d.NewApiKey, "POST", "/api-keys", body=body)

    @Verb
    def revoke(self, key_id: str) -> Steps[None]:
        """Make a key worthless."""
        return tell("DELETE", f"/api-keys/{key_id}")


class Sessions(Noun[Way]):
    """Sign-ins."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        only_open: bool = True,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Session]]:
        """A page of sessions, newest first."""
        query = {"user_id": user_id, "only_open": only_open, "limit": limit, "cursor": cursor}
        return ask_page(d.Session, "/sessions", query)

    iterate = Walk(list)

    @Verb
    def end(self, session_id: str) -> Steps[None]:
        """End a session."""
        return tell("DELETE", f"/sessions/{session_id}")


class Connections(Noun[Way]):
    """Open links at the doors."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        only_open: bool = True,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Connection]]:
        """A page of connections, newest first."""
        query = {"user_id": user_id, "only_open": only_open, "limit": limit, "cursor": cursor}
        return ask_page(d.Connection, "/connections", query)

    iterate = Walk(list)

    @Verb
    def end(self, connection_id: str) -> Steps[None]:
        """End a connection, with the session that it came from."""
        return tell("DELETE", f"/connections/{connection_id}")


class Events(Noun[Way]):
    """The activity log."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        kind: Sequence[str] | None = None,
        text: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Event]]:
        """A page of events, newest first; `user_id`: of or about that user."""
        query = {
            "user_id": user_id,
            "kind": kind,
            "text": text,
            "since": None if since is None else since.isoformat(),
            "until": None if until is None else until.isoformat(),
            "limit": limit,
            "cursor": cursor,
        }
        return ask_page(d.Event, "/events", query)

    iterate = Walk(list)
