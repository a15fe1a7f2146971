"""Desktop connections: a device asks to be let in, and a signed-in user says yes or no (RFC 8628).

The approval makes the session, so that whatever ends sessions ends this one from its first moment. Its tokens
are the business of `desktop_tokens`.
"""

from collections.abc import Iterable

from innkeeper.actions.actors import belonging, circumstances
from innkeeper.actions.call import Call, user_target
from innkeeper.domain.admission import why_not
from innkeeper.domain.desktop import (
    CODE_LIFE,
    DeviceGrant,
    GrantState,
    are_scopes,
    is_client_name,
    new_user_code,
    user_code_in,
)
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, NotNow, Problem
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.rights import Right
from innkeeper.domain.sessions import Session
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User
from innkeeper.domain.words import DeviceGrantId, SessionId, UserId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.store import desktop, sessions

INTERFACE = "desktop"
CREDENTIAL = "device_code"


def begin(call: Call, client_name: str, scopes: Iterable[str] = ()) -> tuple[str, DeviceGrant]:
    """A device asks to be let in: its secret code, and the request, which has the code for people.

    Without scopes it asks for all that its user may. Raises Invalid.
    """
    if not is_client_name(client_name):
        expected = N_("a name of 1 to 80 letters, digits, spaces and . _ ( ) @ + -")
        raise Invalid(Problem("client_id", client_name, expected))
    if not are_scopes(scopes):
        raise Invalid(Problem("scope", " ".join(scopes), "scopes as API keys have them, parted by spaces"))
    device_code = new_secret()
    grant = DeviceGrant(
        id=DeviceGrantId(new_id()),
        device_digest=digest(device_code),
        user_code=_free_code(call),
        client_name=client_name,
        scopes=frozenset(scopes),
        address=call.address,
        created_at=call.now,
        expires_at=call.now + CODE_LIFE,
    )
    desktop.add_grant(call.unit, grant)
    return device_code, grant


def look(call: Call, user_code: str) -> DeviceGrant:
    """The waiting request with this code; raises NotFound, Forbidden, and ProofNeeded before it looks."""
    _reader(call)
    call.permit(Right.SESSION_OPEN)
    call.demand_fresh_proof()
    return _waiting(call, desktop.grant_by_code(call.unit, user_code_in(user_code)))


def approve(call: Call, user_code: str) -> Session:
    """Let the device in as oneself; raises NotFound, Forbidden, ProofNeeded or NotNow."""
    user, permit = call.take_user(_reader(call), Right.SESSION_OPEN)
    call.demand_fresh_proof()
    grant = _waiting(call, desktop.hold_grant_by_code(call.unit, user_code_in(user_code)))
    if not is_welcome(call, user, grant.address):
        raise NotNow(
            "desktop connections from %(address)s are not open to you; ask an administrator",
            address=grant.address,
        )
    session = _session_of(call, user, grant)
    sessions.insert_session(call.unit, permit, session)
    desktop.decide(call.unit, grant.id, GrantState.APPROVED, user_id=user.id, session_id=session.id)
    target = Target("session", session.id, grant.client_name)
    data = {"client": grant.client_name, "address": grant.address, "scopes": sorted(grant.scopes)}
    call.record(Kind.DESKTOP_APPROVED, target, user_id=user.id, data=data)
    return session


def deny(call: Call, user_code: str) -> DeviceGrant:
    """Say no; raises NotFound or Forbidden."""
    user, _ = call.take_user(_reader(call), Right.SESSION_OPEN)
    grant = _waiting(call, desktop.hold_grant_by_code(call.unit, user_code_in(user_code)))
    desktop.decide(call.unit, grant.id, GrantState.DENIED, user_id=user.id, session_id=None)
    data = {"client": grant.client_name, "address": grant.address}
    call.record(Kind.DESKTOP_DENIED, user_target(user), user_id=user.id, data=data)
    return grant


def is_welcome(call: Call, user: User, address: str) -> bool:
    """True while the user may be connected by desktop clients from there."""
    facts = circumstances(call.unit, belonging(call.unit, user.id), INTERFACE, address)
    return why_not(user, facts) is None


def _free_code(call: Call) -> str:
    code = new_user_code()
    while desktop.grant_by_code(call.unit, code) is not None:
        code = new_user_code()
    return code


def _reader(call: Call) -> UserId:
    """The user at the browser; neither an API key nor a device may let devices in."""
    if call.actor.user_id is None or call.actor.proved_at is None:
        raise Forbidden("only a user who has signed in with a browser can answer a device")
    return call.actor.user_id


def _waiting(call: Call, grant: DeviceGrant | None) -> DeviceGrant:
    if grant is None or not grant.is_waiting(call.now):
        raise NotFound("device code", "")
    return grant


def _session_of(call: Call, user: User, grant: DeviceGrant) -> Session:
    """A session that ends with the code, unless the device fetches its tokens before."""
    return Session(
        id=SessionId(new_id()),
        user_id=user.id,
        interface=INTERFACE,
        credential=CREDENTIAL,
        address=grant.address,
        client=grant.client_name,
        created_at=call.now,
        last_used_at=call.now,
        expires_at=grant.expires_at,
    )
