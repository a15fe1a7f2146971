"""The e-mail log: what was sent to whom, and what became of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from innkeeper.actions import mails
from innkeeper.actions.mails import Entry
from innkeeper.domain.mails import WAITING, MailKind, MailState
from innkeeper.domain.words import MailId, UserId
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/mails", tags=["mails"], route_class=Route)


class MailDocument(BaseModel):
    """One mail, without the link or code that was in it."""

    id: str
    user_id: str | None = Field(description="Whose mail it is; null when they are gone.")
    kind: MailKind
    to: str
    subject: str
    language: str
    state: MailState = Field(description="`unsent`: there was no mail server to give it to.")
    tries: int
    error: str = Field(description="Why the last try failed; empty if none did.")
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next; null when it is not.")
    sent_at: datetime | None = Field(description="When the mail server took it.")


class LetterDocument(MailDocument):
    """The same with what was written."""

    text: str = Field(description="The plain part; dots stand for a link or code.")


@router.get("", response_model=PageDocument[MailDocument], responses=refusals(400))
async def list_mails(
    visit: Here,
    user_id: Annotated[str | None, Query(description="Mails to this user.")] = None,
    state: Annotated[list[MailState], Query()] = [],  # noqa: B006
    text: Annotated[str, Query(max_length=200, description="Part of the address.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """List mails, newest first."""
    user = UserId(user_id) if user_id is not None else None
    page = await visit.read(
        mails.page, user_id=user, states=tuple(state), text=text, limit=limit, cursor=cursor
    )
    return PageDocument(items=[mail_document(entry) for entry in page.items], next_cursor=page.next_cursor)


@router.get("/{mail_id}", response_model=LetterDocument, responses=refusals(404))
async def show_mail(visit: Here, mail_id: str) -> Any:
    """Show a mail with its text."""
    entry, letter = await visit.read(mails.show, MailId(mail_id))
    return LetterDocument(**mail_document(entry).model_dump(), text=letter.text)


@router.post("/{mail_id}/send-again", response_model=MailDocument, responses=refusals(404, 409))
async def send_mail_again(visit: Here, mail_id: str) -> Any:
    """Send a mail once more, as a new one, or at once if it waits. Not if it was for a link or code."""
    return mail_document(await visit.write(mails.send_again, MailId(mail_id)))


def mail_document(entry: Entry) -> MailDocument:
    """A mail as the API shows it."""
    mail = entry.mail
    return MailDocument(
        id=mail.id,
        user_id=mail.user_id,
        kind=mail.kind,
        to=mail.to_address,
        subject=entry.subject,
        language=mail.language,
        state=mail.state,
        tries=mail.tries,
        error=str(mail.error or ""),
        created_at=mail.created_at,
        due_at=mail.due_at if mail.state in WAITING else None,
        sent_at=mail.sent_at,
    )
