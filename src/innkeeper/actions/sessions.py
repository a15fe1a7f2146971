"""Sign-ins: list them, end them."""

from innkeeper.actions.call import Call
from innkeeper.domain.errors import NotFound
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.sessions import Session
from innkeeper.domain.words import SessionId, UserId
from innkeeper.kit.paging import Page
from innkeeper.store import sessions


def show(call: Call, session_id: SessionId) -> Session:
    """One session by id."""
    session = sessions.session(call.unit, call.scope_to_see(Right.SESSION_READ), session_id)
    if session is None:
        raise NotFound("session", session_id)
    return session


def page(
    call: Call,
    *,
    user_id: UserId | None = None,
    interface: str | None = None,
    only_open: bool = True,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Session]:
    """A page of sessions, newest first. A browser session that has rested too long is no longer open."""
    return sessions.page_of_sessions(
        call.unit,
        call.scope(Right.SESSION_READ),
        user_id=user_id,
        interface=interface,
        only_open=only_open,
        web_since=call.now - call.site.session_idle if only_open else None,
        limit=limit,
        cursor=cursor,
    )


def end(call: Call, session_id: SessionId, *, reason: str = "revoked") -> None:
    """End a session, and with it every connection that it opened. Nothing if already ended."""
    session = show(call, session_id)
    _, permit = call.take_user(session.user_id, Right.SESSION_END)
    _end(call, permit, session, reason)


def end_all(call: Call, user_id: UserId, *, interface: str | None = None, reason: str = "revoked") -> int:
    """End every open session of a user, or those at one interface; answers how many there were."""
    _, permit = call.take_user(user_id, Right.SESSION_END)
    return sum(_end(call, permit, session, reason) for session in _open(call, user_id, interface))


def end_others(
    call: Call, user_id: UserId, *, interface: str | None = None, reason: str = "password_changed"
) -> int:
    """The same without the session that this call came with."""
    _, permit = call.take_user(user_id, Right.SESSION_END)
    found = _open(call, user_id, interface)
    others = [session for session in found if session.id != call.actor.session_id]
    return sum(_end(call, permit, session, reason) for session in others)


def end_own(call: Call) -> None:
    """Sign out: end the session that this call came with."""
    if call.actor.session_id is not None:
        end(call, SessionId(call.actor.session_id), reason="signed_out")


def _open(call: Call, user_id: UserId, interface: str | None) -> list[Session]:
    """All that a longer rest could bring back to life are among them."""
    scope = call.scope(Right.SESSION_READ)
    found: list[Session] = []
    cursor: str | None = None
    while True:
        page = sessions.page_of_sessions(
            call.unit, scope, user_id=user_id, interface=interface, limit=500, cursor=cursor
        )
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


def _end(call: Call, permit: Permit, session: Session, reason: str) -> int:
    if session.ended_at is not None:
        return 0
    ended = sessions.end_session(call.unit, permit, session.id, reason)
    if ended:
        data = {"reason": reason, "interface": session.interface}
        target = Target("session", session.id, session.interface)
        call.record(Kind.SESSION_ENDED, target, user_id=session.user_id, data=data)
    return ended
