"""Someone signed in to the console: by the sign-in, or without going through it."""

from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.calls import Calls
from innkeeper.actions.web_desk import Browser, WebDesk
from innkeeper.domain.events import Kind
from innkeeper.domain.rights import Right
from innkeeper.domain.sessions import Session
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, SessionId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.store.sessions import insert_session
from tests.rest import STAGE

ADDRESS = "203.0.113.9"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def open_browser(calls: Calls, username: str, password: str) -> Caller:
    """Their browser, signed in with a password alone."""
    desk = WebDesk(calls)
    attempt = await desk.begin(Browser(Caller("web", ADDRESS, AGENT)), username)
    assert await desk.prove_password(attempt, password)
    signed_in = await desk.sign_in(attempt)
    assert signed_in is not None
    return Caller("web", ADDRESS, AGENT, session_token=signed_in.token)


def browser_of(calls: Calls, user: User, *, owes: frozenset[Duty] = frozenset()) -> Caller:
    """How the browser presents itself, in which this user has just signed in."""
    token = new_secret()
    calls.write_now(STAGE, _open, user, token, owes)
    return Caller("web", ADDRESS, AGENT, session_token=token)


def _open(call: Call, user: User, token: str, owes: frozenset[Duty]) -> None:
    session = Session(
        id=SessionId(new_id()),
        user_id=user.id,
        interface="web",
        credential="password",
        token_digest=digest(token),
        address=ADDRESS,
        client=AGENT,
        owes=owes,
        proved_at=call.now,
        created_at=call.now,
        last_used_at=call.now,
        expires_at=call.now + call.site.session_length,
    )
    insert_session(call.unit, call.permit(Right.SESSION_OPEN), session)
    call.record(Kind.LOGIN_SUCCEEDED, user_target(user), user_id=user.id)
