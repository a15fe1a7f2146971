"""Signing in, for every interface: look up, prove, finish. No door decides anything by itself.

`begin` gives an attempt that looks the same for unknown names. The proofs are checked outside the database.
`finish` looks at the user again, writes session and event, or says no; the reasons go to the log only.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from innkeeper.actions.actors import actor_of, belonging, circumstances
from innkeeper.actions.call import Call, user_target
from innkeeper.domain.errors import Unauthenticated
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.groups import Belonging
from innkeeper.domain.lifetimes import is_good
from innkeeper.domain.logins import (
    INTERFACE_PROOFS,
    PASSWORD_ONLY,
    Proof,
    WhyNot,
    still_owed,
    ways_in,
    why_not,
)
from innkeeper.domain.rights import Reach, Right, Scope
from innkeeper.domain.sessions import Session
from innkeeper.domain.users import LOCKABLE, User
from innkeeper.domain.words import SessionId, UserId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.store import credentials, sessions, users

EVERYONE = Scope(Reach.ANYONE)
# A door's session has no token; it lives as long as its connections renew their leases.
DOOR_SESSION = timedelta(days=30)


@dataclass(slots=True)
class Attempt:
    """One try to sign in. `keys`: fingerprint → id of the user's valid SSH keys; empty for unknown names."""

    username: str
    interface: str
    address: str
    client: str
    user_id: UserId | None = None
    password_hash: str | None = field(default=None, repr=False)
    keys: dict[str, str] = field(default_factory=dict)
    ways: tuple[frozenset[Proof], ...] = PASSWORD_ONLY
    shown: frozenset[Proof] = frozenset()
    key_id: str | None = None
    failure: WhyNot | None = None

    @property
    def methods(self) -> frozenset[str]:
        """The proofs that the interface offers at first; the same for every name."""
        return frozenset(proof.value for proof in INTERFACE_PROOFS[self.interface])

    def owed(self) -> frozenset[Proof] | None:
        """The proofs still missing; empty when all is shown, None when what was shown leads nowhere."""
        return still_owed(self.ways, self.shown)

    @property
    def needs_key_first(self) -> bool:
        """True while a password counts only together with a key that has not been shown.

        The key comes first, or the answer to a password alone would tell a stranger that it is right.
        """
        rest = [way - self.shown for way in self.ways if Proof.PASSWORD in way]
        return bool(rest) and all(Proof.PUBLIC_KEY in owed for owed in rest)

    def blame(self, reason: WhyNot) -> None:
        """Note why the last proof failed; an unknown name stays the reason of all that follows."""
        if self.user_id is not None:
            self.failure = reason


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the token is for the browser and never stored."""

    user: User
    session: Session
    token: str | None = field(repr=False)
    belongs: Belonging


def begin(call: Call, username: str) -> Attempt:
    """What this name would have to prove at this interface."""
    attempt = Attempt(username[:200], call.interface, call.address, call.client[:200])
    user = users.by_username(call.unit, EVERYONE, username)
    if user is None:
        attempt.failure = WhyNot.UNKNOWN
        return attempt
    keys = credentials.ssh_keys_of(call.unit, [user.id])
    attempt.user_id = user.id
    attempt.password_hash = user.password_hash
    attempt.keys = {key.fingerprint: key.id for key in keys if is_good(key, call.site, call.now)}
    attempt.ways = ways_in(user.authentication_method, call.interface)
    return attempt


def finish(call: Call, attempt: Attempt) -> SignedIn | None:
    """Open the session if all is proved and the user may be in; else log the failure, answer None."""
    user = users.one_for_change(call.unit, EVERYONE, attempt.user_id) if attempt.user_id else None
    if user is None:
        _refuse(call, attempt, None, WhyNot.UNKNOWN)
        return None
    belongs = belonging(call.unit, user.id)
    reason = _why_not(call, attempt, user, belongs)
    if reason is not None:
        _refuse(call, attempt, user, reason)
        return None
    call.actor = actor_of(user, belongs)
    session, token = _open(call, attempt, user)
    values = {"last_login_at": call.now, "last_active_at": call.now, "failed_logins": 0, "locked_until": None}
    users.note_use(call.unit, user.id, values)
    call.actor = replace(call.actor, session_id=session.id)
    data = {"credential": session.credential, "session_id": session.id, "client": attempt.client}
    call.record(Kind.LOGIN_SUCCEEDED, user_target(user), user_id=user.id, data=data)
    return SignedIn(user, session, token, belongs)


def fail(call: Call, attempt: Attempt, reason: WhyNot) -> None:
    """Log a wrong proof, and lock the user for a while after too many wrong passwords."""
    user = users.one_for_change(call.unit, EVERYONE, attempt.user_id) if attempt.user_id else None
    _refuse(call, attempt, user, reason)


def require(signed_in: SignedIn | None) -> SignedIn:
    """The session, or Unauthenticated."""
    if signed_in is None:
        raise Unauthenticated
    return signed_in


def _why_not(call: Call, attempt: Attempt, user: User, belongs: Belonging) -> WhyNot | None:
    if attempt.owed() != frozenset():
        return attempt.failure or WhyNot.WRONG_PASSWORD
    if Proof.PASSWORD in attempt.shown:
        if user.is_locked(call.now):
            return WhyNot.LOCKED
        if user.password_hash != attempt.password_hash:
            return WhyNot.WRONG_PASSWORD
    if Proof.PUBLIC_KEY in attempt.shown and not _key_is_there(call, attempt, user):
        return WhyNot.WRONG_KEY
    return why_not(user, circumstances(call.unit, belongs, attempt.interface, attempt.address))


def _key_is_there(call: Call, attempt: Attempt, user: User) -> bool:
    keys = credentials.ssh_keys_of(call.unit, [user.id])
    return any(key.id == attempt.key_id and is_good(key, call.site, call.now) for key in keys)


def _open(call: Call, attempt: Attempt, user: User) -> tuple[Session, str | None]:
    is_browser = attempt.interface == "web"
    token = new_secret() if is_browser else None
    session = Session(
        id=SessionId(new_id()),
        user_id=user.id,
        interface=attempt.interface,
        credential="+".join(sorted(attempt.shown)),
        credential_id=attempt.key_id,
        token_digest=digest(token) if token else None,
        address=attempt.address,
        client=attempt.client,
        created_at=call.now,
        last_used_at=call.now,
        expires_at=call.now + (call.site.session_length if is_browser else DOOR_SESSION),
    )
    sessions.insert_session(call.unit, call.permit(Right.SESSION_OPEN), session)
    if attempt.key_id is not None:
        credentials.note_ssh_key_use(call.unit, attempt.key_id, call.now, attempt.interface)
    return session, token


def _refuse(call: Call, attempt: Attempt, user: User | None, reason: WhyNot) -> None:
    target = user_target(user) if user else Target("user", "", attempt.username)
    data = {"reason": reason.value, "client": attempt.client, "username": attempt.username}
    user_id = user.id if user else None
    call.record(Kind.LOGIN_FAILED, target, user_id=user_id, data=data)
    if user is not None and reason is WhyNot.WRONG_PASSWORD and user.authentication_method in LOCKABLE:
        _count_failure(call, user)


def _count_failure(call: Call, user: User) -> None:
    failures = user.failed_logins + 1
    values: dict[str, int | datetime] = {"failed_logins": failures}
    if failures >= call.site.lockout_attempts and not user.is_locked(call.now):
        values = {"failed_logins": 0, "locked_until": call.now + call.site.lockout_time}
        data = {"attempts": failures, "minutes": call.site.lockout_minutes}
        call.record(Kind.USER_LOCKED, user_target(user), user_id=user.id, data=data)
    users.note_use(call.unit, user.id, values)
