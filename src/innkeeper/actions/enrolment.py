"""Setting up second factors. None counts before it has shown that it works; the first brings recovery codes.

People set up their own only: whoever could do it for another could sign in as them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from innkeeper.actions import proofs
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.factor_removal import remove_due_of
from innkeeper.actions.factors import (
    EMAIL_CODE_MINUTES,
    checked_name,
    keys_of,
    mail_code,
    picture,
    show,
    take_own,
    target,
    tell,
)
from innkeeper.actions.second_steps import CODES_AN_HOUR, KeyAnswer
from innkeeper.domain import passkeys, totp
from innkeeper.domain.errors import Invalid, NotNow, Problem, TooManyAttempts
from innkeeper.domain.events import Kind
from innkeeper.domain.factors import Factor
from innkeeper.domain.mails import MailKind
from innkeeper.domain.passkeys import NewKey, RelyingParty, Wish
from innkeeper.domain.recovery import new_recovery_codes, recovery_digest
from innkeeper.domain.rights import Permit
from innkeeper.domain.texts import N_
from innkeeper.domain.tokens import OneTimeToken, Purpose
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, FactorId, FactorKind, UserId
from innkeeper.kit.ids import digest, new_id
from innkeeper.kit.vault import VaultError
from innkeeper.store import factors, tokens, users

PATIENCE = timedelta(minutes=30)
AN_HOUR = timedelta(hours=1)
MOST_FACTORS = 20
EXPECTED_CODE = N_("the code that your app shows now")
EXPECTED_EMAIL_CODE = N_("the code from the newest mail, not older than ten minutes")


@dataclass(frozen=True, slots=True)
class Begun:
    """A factor that has yet to be confirmed. What an app needs to know is shown this once."""

    factor: Factor
    secret: str | None = field(default=None, repr=False)
    otpauth_uri: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A factor that counts; recovery codes came with it if it is the first. They are shown this once."""

    factor: Factor
    recovery_codes: Sequence[str] = field(default=(), repr=False)


def begin_app(call: Call, user_id: UserId, name: str) -> Begun:
    """Make the secret for an app; it counts once `confirm` has seen a code of it. Raises Invalid, NotNow."""
    user, _ = _take(call, user_id, FactorKind.TOTP)
    secret = totp.new_totp_secret()
    factor = _new(call, user, FactorKind.TOTP, name, sealed_secret=call.seal(secret))
    factors.begin(call.unit, factor)
    uri = totp.otpauth_uri(secret, username=user.username, site_name=call.site.site_name)
    return Begun(factor, secret, uri)


def begin_email(call: Call, user_id: UserId, name: str) -> Begun:
    """Mail a code to the user's address; it counts once `confirm` has seen it. Raises Invalid, NotNow."""
    user, _ = _take(call, user_id, FactorKind.EMAIL)
    if not user.email:
        raise NotNow(N_("there is no e-mail address to send codes to; ask an administrator to enter one"))
    if any(factor.kind is FactorKind.EMAIL for factor in _counting(call, user)):
        raise NotNow(N_("codes by e-mail are set up already"))
    if tokens.count_since(call.unit, user.id, Purpose.EMAIL_CODE, call.now - AN_HOUR) >= CODES_AN_HOUR:
        raise TooManyAttempts(N_("too many codes were sent; wait an hour, or use another second factor"))
    factor = _new(call, user, FactorKind.EMAIL, name)
    factors.begin(call.unit, factor)
    known_by = _mailed(factor.id, mail_code(call, user))
    tokens.add(call.unit, _token(call, known_by, Purpose.EMAIL_CODE, user.id, AN_HOUR))
    return Begun(factor)


def confirm(call: Call, factor_id: FactorId, code: str) -> Enrolled:
    """Let a factor count, now that it has shown a code. Raises Invalid, NotNow."""
    factor = show(call, factor_id)
    user, permit = take_own(call, factor.user_id)
    if factor.confirmed_at is not None:
        raise NotNow(N_("this second factor counts already"))
    if call.now >= factor.created_at + PATIENCE:
        raise NotNow(N_("that was begun too long ago; begin again"))
    step = _confirmed_step(call, factor, code)
    had_one = bool(_counting(call, user))
    if not factors.confirm(call.unit, permit, factor.id, step):
        raise NotNow(N_("this second factor counts already"))
    confirmed = replace(factor, confirmed_at=call.now, last_used_at=call.now, last_step=step)
    return _enrolled(call, permit, user, confirmed, had_one=had_one)


def begin_key(call: Call, user_id: UserId, wish: Wish, rp: RelyingParty) -> tuple[dict[str, Any], str]:
    """What the browser needs to make a key, and the sealed challenge for `finish_key`. Raises NotNow."""
    user, _ = _take(call, user_id, FactorKind.WEBAUTHN)
    known, models = keys_of(call, user), call.site.passkey_models
    options, challenge = passkeys.creation_options(rp, user, wish, known=known, models=models)
    until = (call.now + PATIENCE).isoformat()
    return options, call.seal(f"{until} {user.id} {wish} {challenge}")


def finish_key(call: Call, user_id: UserId, answer: KeyAnswer, *, name: str) -> Enrolled:
    """Enrol the key that the browser has made. Raises Invalid, or Duplicate for one that is enrolled."""
    user, permit = _take(call, user_id, FactorKind.WEBAUTHN)
    wish, challenge = _opened(call, user, answer.challenge)
    made = passkeys.new_key(answer.response, challenge, answer.rp, wish, models=call.site.passkey_models)
    if not tokens.spend(
        call.unit, _token(call, digest(answer.challenge), Purpose.WEBAUTHN, user.id, PATIENCE)
    ):
        raise NotNow(N_("this question was answered before; begin again"))
    had_one = bool(_counting(call, user))
    factor = _as_factor(call, user, name, made)
    factors.insert_factor(call.unit, permit, factor)
    return _enrolled(call, permit, user, factor, had_one=had_one)


def make_recovery_codes(call: Call, user_id: UserId) -> tuple[str, ...]:
    """Ten new codes for whoever has a second factor; older ones stop working. Raises NotNow."""
    user, permit = take_own(call, user_id)
    if not _counting(call, user):
        raise NotNow(N_("recovery codes stand in for a second factor; set one up first"))
    return _make_codes(call, permit, user)


def _take(call: Call, user_id: UserId, kind: FactorKind) -> tuple[User, Permit]:
    """The user who acts, if the site lets them set up a factor of this kind."""
    user, permit = take_own(call, user_id)
    if kind not in call.site.two_factor_kinds:
        raise NotNow(
            N_("this site does not allow second factors of the kind %(kind)s"), kind=repr(kind.value)
        )
    remove_due_of(call, permit, user)
    if len(factors.of_user(call.unit, user.id)) >= MOST_FACTORS:
        raise NotNow(N_("there are too many second factors already; remove one first"))
    return user, permit


def _counting(call: Call, user: User) -> list[Factor]:
    return [factor for factor in factors.of_user(call.unit, user.id) if factor.counts(call.now)]


def _new(call: Call, user: User, kind: FactorKind, name: str, *, sealed_secret: str | None = None) -> Factor:
    return Factor(
        id=FactorId(new_id()),
        user_id=user.id,
        kind=kind,
        name=checked_name(name),
        sealed_secret=sealed_secret,
        created_at=call.now,
    )


def _as_factor(call: Call, user: User, name: str, made: NewKey) -> Factor:
    return replace(
        _new(call, user, FactorKind.WEBAUTHN, name),
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        aaguid=made.aaguid,
        is_passkey=made.is_passkey,
        confirmed_at=call.now,
    )


def _confirmed_step(call: Call, factor: Factor, code: str) -> int | None:
    """The time step of an app's code; raises Invalid for a wrong code, an app's or a mailed one.

    Nobody counts the tries: an app's secret is on the page, and a mailbox that cannot be read harms nobody.
    """
    if factor.kind is FactorKind.TOTP:
        secret = call.unseal(factor.sealed_secret or "")
        step = totp.accepted_step(secret, code, call.now, None)
        if step is None:
            raise Invalid(Problem("code", None, EXPECTED_CODE, "wrong_code"))
        return step
    known_by = _mailed(factor.id, totp.compact(code))
    token = tokens.find(call.unit, known_by, Purpose.EMAIL_CODE)
    is_new = token is not None and call.now < token.created_at + timedelta(minutes=EMAIL_CODE_MINUTES)
    if not is_new or not tokens.use(call.unit, known_by):
        raise Invalid(Problem("code", None, EXPECTED_EMAIL_CODE, "wrong_code"))
    return None


def _enrolled(call: Call, permit: Permit, user: User, factor: Factor, *, had_one: bool) -> Enrolled:
    call.record(Kind.FACTOR_ADDED, target(factor), user_id=user.id, after=picture(factor))
    tell(call, MailKind.FACTOR_ADDED, user, factor)
    proofs.discharge(call, Duty.SECOND_FACTOR)
    users.note_use(call.unit, user.id, {"second_factor_due_at": None})
    return Enrolled(factor, () if had_one else _make_codes(call, permit, user))


def _make_codes(call: Call, permit: Permit, user: User) -> tuple[str, ...]:
    codes = new_recovery_codes()
    digests = [found for code in codes if (found := recovery_digest(code)) is not None]
    factors.replace_recovery_codes(call.unit, permit, user.id, digests)
    call.record(Kind.RECOVERY_CODES_MADE, user_target(user), user_id=user.id)
    return codes


def _opened(call: Call, user: User, sealed: str) -> tuple[Wish, str]:
    """What was asked of this user's browser, and the challenge; raises Invalid."""
    try:
        until, user_id, wish, challenge = call.unseal(sealed).split(" ")
        if user_id == user.id and call.now < datetime.fromisoformat(until):
            return Wish(wish), challenge
    except (VaultError, ValueError):
        pass
    raise Invalid(Problem("credential", None, passkeys.EXPECTED, "too_late"))


def _mailed(factor_id: FactorId, code: str) -> str:
    """What a mailed code of this factor is known by."""
    return digest(f"{factor_id} {code}")


def _token(
    call: Call, token_digest: str, purpose: Purpose, user_id: UserId, patience: timedelta
) -> OneTimeToken:
    return OneTimeToken(
        token_digest=token_digest,
        purpose=purpose,
        user_id=user_id,
        created_at=call.now,
        expires_at=call.now + patience,
    )
