"""Showing again who one is, in a session that is open: sensitive changes need a proof of the last minutes."""

from innkeeper.actions import logins
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Unauthenticated
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.logins import Proof
from innkeeper.domain.rights import Right
from innkeeper.domain.words import Duty, SessionId
from innkeeper.store import sessions, users

ANY_ONE = (frozenset({Proof.PASSWORD}), frozenset({Proof.SECOND_FACTOR}))


def begin(call: Call) -> Attempt:
    """What the signed-in user may show: the password, or any second factor. Raises Unauthenticated."""
    if call.actor.user_id is None or call.actor.session_id is None:
        raise Unauthenticated
    user, _ = call.take_user(call.actor.user_id, Right.USER_READ)
    attempt = Attempt(user.username, call.interface, call.address, call.client[:200])
    logins.prepare(call, attempt, user)
    attempt.ways = ANY_ONE
    attempt.is_known = False
    return attempt


def finish(call: Call, attempt: Attempt) -> bool:
    """Note the proof in the session that this call came with; False if it does not hold."""
    if call.actor.session_id is None or call.actor.user_id is None or call.actor.user_id != attempt.user_id:
        return False
    user = users.one_for_change(call.unit, logins.EVERYONE, call.actor.user_id)
    is_barred = Proof.PASSWORD in attempt.shown and (user is None or user.is_locked(call.now))
    if attempt.owed() != frozenset() or is_barred:
        return False
    sessions.keep_proof(call.unit, SessionId(call.actor.session_id), call.now)
    target = Target("session", call.actor.session_id, call.interface)
    data = {"credential": "+".join(attempt.credentials)}
    call.record(Kind.SESSION_PROVED, target, user_id=call.actor.user_id, data=data)
    return True


def discharge(call: Call, duty: Duty) -> None:
    """The session that this call came with no longer owes this."""
    if call.actor.session_id is not None and duty in call.actor.owes:
        sessions.keep_duties(call.unit, SessionId(call.actor.session_id), call.actor.owes - {duty})
