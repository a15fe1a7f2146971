"""Signing in, for every interface: look up, prove, finish. No door decides anything by itself.

`begin` gives an attempt that looks the same for unknown names. The proofs are checked outside the database,
except second factors, which are used up by that. `finish` looks at the user again, writes session and event,
or says no; the reasons go to the log only.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from innkeeper.actions import devices
from innkeeper.actions.actors import actor_of, belonging, circumstances
from innkeeper.actions.attempts import Attempt, SignedIn
from innkeeper.actions.call import Call, user_target
from innkeeper.domain.access import NOTHING
from innkeeper.domain.admission import may_be_used_from, why_not
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.factors import grace_ends_at, is_mandated
from innkeeper.domain.groups import Belonging
from innkeeper.domain.lifetimes import is_good
from innkeeper.domain.logins import (
    Proof,
    WhyNot,
    ways_in,
    with_second_factor,
    without_second_factor,
)
from innkeeper.domain.passwords import days_left, is_due
from innkeeper.domain.rights import Permit, Reach, Right, Scope
from innkeeper.domain.scopes import abilities_with
from innkeeper.domain.sessions import Session
from innkeeper.domain.users import LOCKABLE, User
from innkeeper.domain.words import DeviceId, Duty, SessionId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.store import credentials, factors, sessions, users

EVERYONE = Scope(Reach.ANYONE)
# A door's session has no token; it lives as long as its connections renew their leases.
DOOR_SESSION = timedelta(days=30)
# Where an address counts as the user's own, if they came from there so lately.
FAMILIAR = timedelta(days=30)


def begin(call: Call, username: str, *, device_token: str | None = None) -> Attempt:
    """What this name would have to prove at this interface."""
    attempt = Attempt(username[:200], call.interface, call.address, call.client[:200])
    user = users.by_username(call.unit, EVERYONE, username)
    if user is None:
        attempt.failure = WhyNot.UNKNOWN
        return attempt
    prepare(call, attempt, user, device_token=device_token)
    return attempt


def prepare(call: Call, attempt: Attempt, user: User, *, device_token: str | None = None) -> None:
    """Put into the attempt all that is known of its user."""
    keys = credentials.ssh_keys_of(call.unit, [user.id])
    attempt.user_id = user.id
    attempt.password_hash = user.password_hash
    attempt.keys = {key.fingerprint: key.id for key in keys if is_good(key, call.site, call.now)}
    attempt.device = devices.known(call, user, device_token)
    attempt.is_known = attempt.device is not None or _is_familiar(call, user)
    attempt.must_change_password = is_due(user, call.site, call.now)
    attempt.password_days_left = _days_to_tell(call, user)
    attempt.language = user.language or call.site.language
    _weigh_factors(call, attempt, user, belonging(call.unit, user.id))


def finish(call: Call, attempt: Attempt) -> SignedIn | None:
    """Open the session if all is proved and the user may be in; else log the failure, answer None."""
    user = users.one_for_change(call.unit, EVERYONE, attempt.user_id) if attempt.user_id else None
    if user is None:
        _refuse(call, attempt, None, WhyNot.UNKNOWN)
        return None
    belongs = belonging(call.unit, user.id)
    attempt.refused_because = reason = reason_against(call, attempt, user, belongs)
    if reason is not None:
        _refuse(call, attempt, user, reason)
        return None
    call.actor = actor_of(user, belongs)
    is_new_device = attempt.interface == "web" and attempt.device is None and user.last_login_at is not None
    session, token, device_token = _open(call, attempt, user)
    users.note_use(call.unit, user.id, _traces(call, attempt, user))
    call.actor = replace(call.actor, session_id=session.id)
    data: dict[str, object] = {"credential": session.credential, "session_id": session.id}
    data |= {"client": attempt.client} | ({"is_new_device": True} if is_new_device else {})
    call.record(Kind.LOGIN_SUCCEEDED, user_target(user), user_id=user.id, data=data)
    return SignedIn(user, session, token, belongs, device_token)


def bar_to(call: Call, attempt: Attempt) -> WhyNot | None:
    """What keeps the user out whatever else they show.

    Asked before a second step: behind a password that leads nowhere there must be none, or it would tell a
    stranger that the password is right.
    """
    user = users.one(call.unit, EVERYONE, attempt.user_id) if attempt.user_id else None
    if user is None:
        return WhyNot.UNKNOWN
    if user.is_locked(call.now) and not attempt.is_known:
        return WhyNot.LOCKED
    where = circumstances(call.unit, belonging(call.unit, user.id), attempt.interface, attempt.address)
    return why_not(user, where)


def use_api_key(call: Call, attempt: Attempt, token: str) -> ApiKey | None:
    """The API key that was typed for a password, if it is the user's, counts here, and may touch files."""
    key = credentials.api_key_by_digest(call.unit, digest(token))
    if key is None or key.user_id != attempt.user_id or not _api_key_counts(call, key):
        return None
    credentials.note_api_key_use(call.unit, key.id, call.now, call.interface)
    return key


def fail(call: Call, attempt: Attempt, reason: WhyNot) -> None:
    """Log a wrong proof, and lock the user for a while after too many."""
    user = users.one_for_change(call.unit, EVERYONE, attempt.user_id) if attempt.user_id else None
    _refuse(call, attempt, user, reason)


def fail_unknown(call: Call, reason: WhyNot) -> None:
    """Log a proof that belongs to nobody."""
    _refuse(call, Attempt("", call.interface, call.address, call.client[:200]), None, reason)


def upgrade_hash(call: Call, attempt: Attempt, new_hash: str) -> None:
    """Keep the same password under a better hash, unless it was changed in the meantime."""
    if attempt.user_id is None:
        return
    user = users.one_for_change(call.unit, EVERYONE, attempt.user_id)
    if user is not None and user.password_hash == attempt.password_hash:
        users.note_use(call.unit, user.id, {"password_hash": new_hash})
        attempt.password_hash = new_hash


def _days_to_tell(call: Call, user: User) -> int | None:
    left = days_left(user, call.site, call.now)
    return left if left is not None and left <= call.site.password_warning_days else None


def _is_familiar(call: Call, user: User) -> bool:
    """Behind a proxy all browsers may share an address, so that for the web only the cookie counts."""
    since = call.now - FAMILIAR
    return call.interface != "web" and sessions.was_here(call.unit, user.id, call.address, since)


def _weigh_factors(call: Call, attempt: Attempt, user: User, belongs: Belonging) -> None:
    """Who has a second factor is asked for it; who must have one and has none must get one."""
    site, now = call.site, call.now
    kinds = frozenset(factor.kind for factor in factors.of_user(call.unit, user.id) if factor.counts(now))
    ways = ways_in(user.authentication_method, attempt.interface)
    by_method = any(Proof.SECOND_FACTOR in way for way in ways)
    if not site.passkey_sign_in:
        ways = tuple(way for way in ways if Proof.PASSKEY not in way)
    is_trusted = attempt.device is not None and attempt.device.is_trusted(now)
    if kinds and not is_trusted:
        attempt.ways = with_second_factor(ways, after_keys=site.require_2fa_with_ssh_keys)
    else:
        attempt.ways = without_second_factor(ways)
    attempt.kinds = kinds
    attempt.may_enrol_later = not by_method
    attempt.must_enrol = not kinds and (by_method or is_mandated(user, belongs, site, now))


def reason_against(call: Call, attempt: Attempt, user: User, belongs: Belonging) -> WhyNot | None:
    """Why this attempt does not let its user in, by what is known now; None when it does."""
    _weigh_factors(call, attempt, user, belongs)
    if attempt.owed() != frozenset():
        return attempt.failure or WhyNot.WRONG_PASSWORD
    if Proof.PASSWORD in attempt.shown:
        if user.is_locked(call.now) and not attempt.is_known:
            return WhyNot.LOCKED
        if user.password_hash != attempt.password_hash:
            return WhyNot.WRONG_PASSWORD
    if Proof.PUBLIC_KEY in attempt.shown and not _key_is_there(call, attempt, user):
        return WhyNot.WRONG_KEY
    if Proof.API_KEY in attempt.shown and not _api_key_is_there(call, attempt):
        return WhyNot.WRONG_KEY
    where = circumstances(call.unit, belongs, attempt.interface, attempt.address)
    return why_not(user, where) or _to_be_mended(call, attempt, user)


def _to_be_mended(call: Call, attempt: Attempt, user: User) -> WhyNot | None:
    """What must be done first by someone with a password. Browsers come in to do it; doors say no."""
    if attempt.interface == "web" or Proof.PASSWORD not in attempt.shown:
        return None
    if is_due(user, call.site, call.now):
        return WhyNot.PASSWORD_OVERDUE
    return WhyNot.FACTOR_MISSING if _must_enrol_now(call, attempt, user) else None


def _must_enrol_now(call: Call, attempt: Attempt, user: User) -> bool:
    is_over = not attempt.may_enrol_later or call.now >= grace_ends_at(user, call.site, call.now)
    return attempt.must_enrol and is_over


def _key_is_there(call: Call, attempt: Attempt, user: User) -> bool:
    keys = credentials.ssh_keys_of(call.unit, [user.id])
    return any(key.id == attempt.key_id and is_good(key, call.site, call.now) for key in keys)


def _api_key_is_there(call: Call, attempt: Attempt) -> bool:
    key = credentials.api_key_by_id(call.unit, attempt.key_id) if attempt.key_id else None
    return key is not None and _api_key_counts(call, key)


def _api_key_counts(call: Call, key: ApiKey) -> bool:
    is_here = may_be_used_from(key, call.address) and abilities_with(key) != NOTHING
    return is_here and is_good(key, call.site, call.now)


def _traces(call: Call, attempt: Attempt, user: User) -> dict[str, datetime | int | None]:
    """What a sign-in leaves behind at the user."""
    traces: dict[str, datetime | int | None] = {"last_login_at": call.now, "last_active_at": call.now}
    traces |= {"failed_logins": 0, "locked_until": None}
    if attempt.must_enrol:
        traces["second_factor_due_at"] = grace_ends_at(user, call.site, call.now)
    return traces


def _open(call: Call, attempt: Attempt, user: User) -> tuple[Session, str | None, str | None]:
    is_browser = attempt.interface == "web"
    permit = call.permit(Right.SESSION_OPEN)
    token = new_secret() if is_browser else None
    device_id, device_token = _device(call, permit, attempt, user) if is_browser else (None, None)
    session = Session(
        id=SessionId(new_id()),
        user_id=user.id,
        interface=attempt.interface,
        credential="+".join(attempt.credentials),
        credential_id=attempt.key_id,
        token_digest=digest(token) if token else None,
        address=attempt.address,
        client=attempt.client,
        owes=_duties(call, attempt, user) if is_browser else frozenset(),
        proved_at=call.now if is_browser else None,
        device_id=device_id,
        created_at=call.now,
        last_used_at=call.now,
        expires_at=call.now + (call.site.session_length if is_browser else DOOR_SESSION),
    )
    sessions.insert_session(call.unit, permit, session)
    if Proof.PUBLIC_KEY in attempt.shown and attempt.key_id is not None:
        credentials.note_ssh_key_use(call.unit, attempt.key_id, call.now, attempt.interface)
    return session, token, device_token


def _device(call: Call, permit: Permit, attempt: Attempt, user: User) -> tuple[DeviceId | None, str | None]:
    trust = (
        attempt.trust_device and Proof.SECOND_FACTOR in attempt.shown and call.site.remember_device_days > 0
    )
    return devices.remember(call, permit, user, attempt.device, trust=trust)


def _duties(call: Call, attempt: Attempt, user: User) -> frozenset[Duty]:
    return frozenset({Duty.SECOND_FACTOR} if _must_enrol_now(call, attempt, user) else set())


def _refuse(call: Call, attempt: Attempt, user: User | None, reason: WhyNot) -> None:
    target = user_target(user) if user else Target("user", "", attempt.username)
    data = {"reason": reason.value, "client": attempt.client, "username": attempt.username}
    user_id = user.id if user else None
    call.record(Kind.LOGIN_FAILED, target, user_id=user_id, data=data)
    if user is None or user.authentication_method not in LOCKABLE:
        return
    # Whoever got as far as a code knows the password; that counts wherever they sit.
    if reason is WhyNot.WRONG_CODE or (reason is WhyNot.WRONG_PASSWORD and not attempt.is_known):
        _count_failure(call, user)


def _count_failure(call: Call, user: User) -> None:
    failures = user.failed_logins + 1
    values: dict[str, int | datetime] = {"failed_logins": failures}
    if failures >= call.site.lockout_attempts and not user.is_locked(call.now):
        values = {"failed_logins": 0, "locked_until": call.now + call.site.lockout_time}
        data = {"attempts": failures, "minutes": call.site.lockout_minutes}
        call.record(Kind.USER_LOCKED, user_target(user), user_id=user.id, data=data)
    users.note_use(call.unit, user.id, values)
