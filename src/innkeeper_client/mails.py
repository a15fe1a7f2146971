"""The e-mail log: what was sent to whom, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import MailState


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, without the link or code that was in it. `due_at`: when it is tried next."""

    id: str
    user_id: str | None
    kind: str
    to: str
    subject: str
    language: str
    state: str
    tries: int
    error: str
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(Mail):
    """The same with its text, dots for a link or code."""

    text: str


class Mails(Noun[Way]):
    """What the server writes to people."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        state: Sequence[MailState] = (),
        text: str = "",
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Mail]]:
        """Answer a page of mails, newest first. `text`: a part of the address."""
        query = {"user_id": user_id, "state": state, "text": text, "limit": limit, "cursor": cursor}
        return ask_page(Mail, "/mails", query)

    iterate = Walk(list)

    @Verb
    def get(self, mail_id: str) -> Steps[Letter]:
        """Answer a mail with its text."""
        return ask(Letter, "GET", at("mails", mail_id))

    @Verb
    def send_again(self, mail_id: str) -> Steps[Mail]:
        """Send a mail once more, as a new one, or at once if it waits. Not if it was for a link or code."""
        return ask(Mail, "POST", at("mails", mail_id, "send-again"))
