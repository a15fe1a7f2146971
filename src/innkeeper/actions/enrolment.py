"""Setting up second factors. None counts before it has shown that it works; the first brings recovery codes.

People set up their own only: whoever could do it for another could sign in as them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from innkeeper.actions import proofs
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.factor_removal import remove_due_of
from innkeeper.actions.factors import (
    EMAIL_CODE_MINUTES,
    checked_name,
    mail_code,
    picture,
    show,
    take_own,
    target,
    tell,
)
from innkeeper.actions.second_steps import CODES_AN_HOUR
from innkeeper.domain import totp
from innkeeper.domain.errors import Invalid, NotNow, Problem, TooManyAttempts
from innkeeper.domain.events import Kind
from innkeeper.domain.factors import Factor
from innkeeper.domain.mails import MailKind
from innkeeper.domain.recovery import new_recovery_codes, recovery_digest
from innkeeper.domain.rights import Permit
from innkeeper.domain.texts import N_
from innkeeper.domain.tokens import OneTimeToken, Purpose
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, FactorId, FactorKind, UserId
from innkeeper.kit.ids import digest, new_id
from innkeeper.store import factors, tokens, users

PATIENCE = timedelta(minutes=30)
AN_HOUR = timedelta(hours=1)
MOST_FACTORS = 20
COUNTS_ALREADY = N_("this second factor counts already")
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
    user, _ = take_for(call, user_id, FactorKind.TOTP)
    secret = totp.new_totp_secret()
    factor = replace(new_factor(call, user, FactorKind.TOTP, name), sealed_secret=call.seal(secret))
    factors.begin(call.unit, factor)
    return _begun(call, user, factor)


def begin_email(call: Call, user_id: UserId, name: str) -> Begun:
    """Mail a code to the user's address; it counts once `confirm` has seen it. Raises Invalid, NotNow."""
    user, _ = take_for(call, user_id, FactorKind.EMAIL)
    if not user.email:
        raise NotNow(N_("there is no e-mail address to send codes to; ask an administrator to enter one"))
    if any(factor.kind is FactorKind.EMAIL for factor in counting(call, user)):
        raise NotNow(N_("codes by e-mail are set up already"))
    if tokens.count_since(call.unit, user.id, Purpose.EMAIL_CODE, call.now - AN_HOUR) >= CODES_AN_HOUR:
        raise TooManyAttempts(N_("too many codes were sent; wait an hour, or use another second factor"))
    factor = new_factor(call, user, FactorKind.EMAIL, name)
    factors.begin(call.unit, factor)
    tokens.add(call.unit, _mailed_token(call, factor, mail_code(call, user)))
    return Begun(factor)


def begun(call: Call, factor_id: FactorId) -> Begun:
    """What was begun, once more, for whoever mistyped the code. Raises NotFound, NotNow."""
    factor, user, _ = _take_begun(call, factor_id)
    return _begun(call, user, factor)


def confirm(call: Call, factor_id: FactorId, code: str, *, name: str | None = None) -> Enrolled:
    """Let a factor count, now that it has shown a code. Raises Invalid, NotFound, NotNow."""
    factor, user, permit = _take_begun(call, factor_id)
    if call.now >= factor.created_at + PATIENCE:
        raise NotNow(N_("that was begun too long ago; begin again"))
    step = _confirmed_step(call, factor, code)
    had_one = bool(counting(call, user))
    named = checked_name(name) if name is not None else factor.name
    confirmed = replace(factor, name=named, confirmed_at=call.now, last_used_at=call.now, last_step=step)
    if not factors.confirm(call.unit, permit, confirmed):
        raise NotNow(COUNTS_ALREADY)
    return enrolled(call, permit, user, confirmed, had_one=had_one)


def make_recovery_codes(call: Call, user_id: UserId) -> tuple[str, ...]:
    """Ten new codes for whoever has a second factor; older ones stop working. Raises NotNow."""
    user, permit = take_own(call, user_id)
    if not counting(call, user):
        raise NotNow(N_("recovery codes stand in for a second factor; set one up first"))
    return _make_codes(call, permit, user)


def take_for(call: Call, user_id: UserId, kind: FactorKind) -> tuple[User, Permit]:
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


def counting(call: Call, user: User) -> list[Factor]:
    """The user's factors that count now."""
    return [factor for factor in factors.of_user(call.unit, user.id) if factor.counts(call.now)]


def new_factor(call: Call, user: User, kind: FactorKind, name: str) -> Factor:
    """A factor as it begins; raises Invalid for a bad name."""
    return Factor(
        id=FactorId(new_id()),
        user_id=user.id,
        kind=kind,
        name=checked_name(name),
        created_at=call.now,
    )


def enrolled(call: Call, permit: Permit, user: User, factor: Factor, *, had_one: bool) -> Enrolled:
    """What follows once a factor counts: event, mail, recovery codes, and nothing owed any more."""
    call.record(Kind.FACTOR_ADDED, target(factor), user_id=user.id, after=picture(factor))
    tell(call, MailKind.FACTOR_ADDED, user, factor)
    proofs.discharge(call, Duty.SECOND_FACTOR)
    users.note_use(call.unit, user.id, {"second_factor_due_at": None})
    return Enrolled(factor, () if had_one else _make_codes(call, permit, user))


def _take_begun(call: Call, factor_id: FactorId) -> tuple[Factor, User, Permit]:
    factor = show(call, factor_id)
    user, permit = take_own(call, factor.user_id)
    if factor.confirmed_at is not None:
        raise NotNow(COUNTS_ALREADY)
    return factor, user, permit


def _begun(call: Call, user: User, factor: Factor) -> Begun:
    if factor.sealed_secret is None:
        return Begun(factor)
    secret = call.unseal(factor.sealed_secret)
    uri = totp.otpauth_uri(secret, username=user.username, site_name=call.site.site_name)
    return Begun(factor, secret, uri)


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
    known_by = _known_by(factor, totp.compact(code))
    token = tokens.find(call.unit, known_by, Purpose.EMAIL_CODE)
    is_new = token is not None and call.now < token.created_at + timedelta(minutes=EMAIL_CODE_MINUTES)
    if not is_new or not tokens.use(call.unit, known_by):
        raise Invalid(Problem("code", None, EXPECTED_EMAIL_CODE, "wrong_code"))
    return None


def _make_codes(call: Call, permit: Permit, user: User) -> tuple[str, ...]:
    codes = new_recovery_codes()
    digests = [found for code in codes if (found := recovery_digest(code)) is not None]
    factors.replace_recovery_codes(call.unit, permit, user.id, digests)
    call.record(Kind.RECOVERY_CODES_MADE, user_target(user), user_id=user.id)
    return codes


def _mailed_token(call: Call, factor: Factor, code: str) -> OneTimeToken:
    """A mailed code as it is kept. It is good for less long, but counts towards the limit for an hour."""
    return OneTimeToken(
        token_digest=_known_by(factor, code),
        purpose=Purpose.EMAIL_CODE,
        user_id=factor.user_id,
        created_at=call.now,
        expires_at=call.now + AN_HOUR,
    )


def _known_by(factor: Factor, code: str) -> str:
    return digest(f"{factor.id} {code}")
