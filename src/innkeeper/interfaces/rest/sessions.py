"""Sessions: sign-ins, by which credential, from where."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from innkeeper.actions import sessions
from innkeeper.domain.sessions import Session
from innkeeper.domain.words import Protocol, SessionId, UserId
from innkeeper.interfaces.rest.answers import nothing
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/sessions", tags=["sessions"], route_class=Route)
OnlyOpen = Annotated[bool, Query(description="False shows the ended ones too.")]
At = Annotated[
    Protocol | None, Query(description="Only at this interface, like `web` for browsers or `desktop`.")
]


class SessionDocument(BaseModel):
    """One sign-in."""

    id: str
    user_id: str
    interface: str = Field(description="`desktop` for clients that were let in by a code.")
    credential: str
    address: str
    client: str = Field(description="The browser, as it calls itself, or the name of the client.")
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str


@router.get("", response_model=PageDocument[SessionDocument], responses=refusals(400))
async def list_sessions(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    interface: At = None,
    only_open: OnlyOpen = True,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List sessions, newest first."""
    user = UserId(user_id) if user_id is not None else None
    page = await visit.read(
        sessions.page, user_id=user, interface=interface, only_open=only_open, limit=limit, cursor=cursor
    )
    return PageDocument(items=[session_document(one) for one in page.items], next_cursor=page.next_cursor)


@router.get("/{session_id}", response_model=SessionDocument, responses=refusals(404))
async def show_session(visit: Here, session_id: str) -> Any:
    """Show a session."""
    return session_document(await visit.read(sessions.show, SessionId(session_id)))


@router.delete("/{session_id}", status_code=204, responses=refusals(404))
async def end_session(visit: Here, session_id: str) -> Response:
    """End a session, and with it every connection that it opened. Nothing if already ended."""
    await visit.write(sessions.end, SessionId(session_id))
    return nothing()


def session_document(session: Session) -> SessionDocument:
    """A session as the API shows it."""
    return SessionDocument(**{name: getattr(session, name) for name in SessionDocument.model_fields})
