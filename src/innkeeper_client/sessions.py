"""Sessions: sign-ins, by which credential, from where."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in."""

    id: str
    user_id: str
    interface: str
    credential: str
    address: str
    client: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str


class Sessions(Noun[Way]):
    """Who is signed in."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        interface: Protocol | None = None,
        only_open: bool = True,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Session]]:
        """Answer a page of sessions, newest first."""
        page = {"only_open": only_open, "limit": limit, "cursor": cursor}
        return ask_page(Session, "/sessions", {"user_id": user_id, "interface": interface, **page})

    iterate = Walk(list)

    @Verb
    def get(self, session_id: str) -> Steps[Session]:
        """Answer a session by id."""
        return ask(Session, "GET", at("sessions", session_id))

    @Verb
    def end(self, session_id: str) -> Steps[None]:
        """End a session, and with it every connection that it opened. Nothing if already ended."""
        return tell("DELETE", at("sessions", session_id))
