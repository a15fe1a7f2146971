"""Second factors: look at them, rename them, and take what they answer at a sign-in."""

import hmac
from dataclasses import replace
from typing import Any

from innkeeper.actions import mails
from innkeeper.actions.actors import belonging
from innkeeper.actions.call import Call, user_target
from innkeeper.domain import passkeys, totp
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, Problem
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.factors import Factor, is_mandated
from innkeeper.domain.logins import Proof, ways_in
from innkeeper.domain.mails import MailKind
from innkeeper.domain.passkeys import Named, RelyingParty
from innkeeper.domain.recovery import recovery_digest
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorId, FactorKind, UserId
from innkeeper.kit.ids import digest, new_text
from innkeeper.kit.paging import Page
from innkeeper.store import factors

EMAIL_CODE_MINUTES = 10
LONGEST_NAME = 100


def show(call: Call, factor_id: FactorId) -> Factor:
    """One factor by id. One that is not confirmed yet is known to its user only."""
    factor = factors.one(call.unit, call.scope_to_see(Right.CREDENTIAL_READ), factor_id)
    if factor is None or not (factor.counts(call.now) or _is_own_beginning(call, factor)):
        raise NotFound("second factor", factor_id)
    return factor


def page(
    call: Call, *, user_id: UserId | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Factor]:
    """A page of factors that count, narrowed to a user."""
    scope = call.scope(Right.CREDENTIAL_READ)
    return factors.page(call.unit, scope, user_id=user_id, limit=limit, cursor=cursor)


def recovery_codes_left(call: Call, user_id: UserId) -> int:
    """How many recovery codes the user has not used yet."""
    call.take_user(user_id, Right.CREDENTIAL_READ)
    return factors.recovery_codes_left(call.unit, user_id)


def rename(call: Call, factor_id: FactorId, name: str) -> Factor:
    """Call one's own factor something else; raises Invalid. Nothing if it is called so."""
    factor = show(call, factor_id)
    _, permit = take_own(call, factor.user_id)
    renamed = replace(factor, name=checked_name(name))
    if renamed != factor:
        factors.rename(call.unit, permit, factor_id, renamed.name)
        before, after = {"name": factor.name}, {"name": renamed.name}
        call.record(Kind.FACTOR_EDITED, target(renamed), user_id=factor.user_id, before=before, after=after)
    return renamed


def accept_code(call: Call, user: User, code: str) -> str | None:
    """What takes this code and has used it up: `totp` or `recovery_code`; None if nothing does.

    For sign-ins, which ask no rights. Under concurrency a code is accepted once.
    """
    counting = [factor for factor in factors.of_user(call.unit, user.id) if factor.counts(call.now)]
    if not counting:
        return None
    if totp.is_code_shaped(code):
        apps = [factor for factor in counting if factor.kind is FactorKind.TOTP]
        return FactorKind.TOTP.value if any(_takes_code(call, app, code) for app in apps) else None
    return "recovery_code" if _takes_recovery_code(call, user, code) else None


def sign_in_options(call: Call, user: User | None, rp: RelyingParty) -> tuple[dict[str, Any], str]:
    """For `navigator.credentials.get`, and the challenge to keep: of this user's keys, or of any passkey."""
    known = None if user is None else keys_of(call, user)
    return passkeys.request_options(rp, known)


def accept_assertion(
    call: Call, response: str, challenge: str, rp: RelyingParty, *, user: User | None
) -> Factor | None:
    """The key that has answered the challenge; None if none has. Without a user it must be a passkey.

    For sign-ins, which ask no rights.
    """
    try:
        named = passkeys.named_in(response)
        factor = factors.by_credential(call.unit, named.credential_id)
        if factor is None or not _may_answer(call, factor, named, user):
            return None
        count = passkeys.answered_count(response, challenge, rp, factor, alone=user is None)
    except Invalid:
        return None
    return _use_key(call, factor, count)


def email_code(call: Call, user: User) -> str:
    """Mail the user a code; answers what `is_code` needs to know it by."""
    return digest(mail_code(call, user))


def is_code(code_digest: str, code: str) -> bool:
    """Whether this is the code that was mailed."""
    return hmac.compare_digest(code_digest, digest(totp.compact(code)))


def note_email_use(call: Call, user: User) -> None:
    """Remember that a mailed code was used."""
    factors.note_email_use(call.unit, user.id)


def mail_code(call: Call, user: User) -> str:
    """Mail the user a code; answers it, for whoever keeps a digest."""
    code = new_text("0123456789", 6)
    mails.queue(call, MailKind.EMAIL_CODE, user, {"minutes": EMAIL_CODE_MINUTES}, secret={"code": code})
    return code


def take_own(call: Call, user_id: UserId) -> tuple[User, Permit]:
    """The user who acts, and leave to change their factors: nobody sets up or removes another's."""
    user, permit = call.take_user(user_id, Right.CREDENTIAL_EDIT)
    if user.id != call.actor.user_id:
        raise Forbidden(
            N_("only %(user)s can change these second factors; an administrator can reset them"),
            user=repr(user.username),
        )
    return user, permit


def must_have_one(call: Call, user: User) -> bool:
    """The user may not be without: by a mandate, or because their method asks for it in the console."""
    by_method = any(Proof.SECOND_FACTOR in way for way in ways_in(user.authentication_method, "web"))
    return by_method or is_mandated(user, belonging(call.unit, user.id), call.site, call.now)


def keys_of(call: Call, user: User) -> list[Factor]:
    """The user's keys and passkeys that count."""
    return [
        factor
        for factor in factors.of_user(call.unit, user.id)
        if factor.kind is FactorKind.WEBAUTHN and factor.counts(call.now)
    ]


def tell(call: Call, kind: MailKind, user: User, factor: Factor | None = None, **data: object) -> None:
    """Mail the user what happened to their factors."""
    by = None if call.actor.user_id == user.id else call.actor.name
    known = {"at": call.now, "address": call.address, "by": by, "name": factor.name if factor else None}
    mails.queue(call, kind, user, {name: value for name, value in (known | data).items() if value})


def checked_name(name: str) -> str:
    """A name as it may be stored; raises Invalid."""
    short = name.strip()
    if not 1 <= len(short) <= LONGEST_NAME or not short.isprintable():
        raise Invalid(Problem("name", name, "a name of 1 to 100 characters"))
    return short


def target(factor: Factor) -> Target:
    """The factor as the target of an event."""
    return Target("factor", factor.id, factor.name)


def picture(factor: Factor) -> dict[str, object]:
    """The factor as the log shows it: no secret, no key."""
    return {
        "name": factor.name,
        "kind": factor.kind.value,
        "is_passkey": factor.is_passkey,
        "aaguid": factor.aaguid,
        "removal_at": plain(factor.removal_at),
    }


def _is_own_beginning(call: Call, factor: Factor) -> bool:
    return factor.confirmed_at is None and factor.user_id == call.actor.user_id


def _takes_code(call: Call, factor: Factor, code: str) -> bool:
    secret = call.unseal(factor.sealed_secret or "")
    step = totp.accepted_step(secret, code, call.now, factor.last_step)
    return step is not None and factors.use_step(call.unit, factor.id, step)


def _takes_recovery_code(call: Call, user: User, code: str) -> bool:
    code_digest = recovery_digest(code)
    if code_digest is None or not factors.use_recovery_code(call.unit, user.id, code_digest):
        return False
    left = factors.recovery_codes_left(call.unit, user.id)
    call.record(Kind.RECOVERY_CODE_USED, user_target(user), user_id=user.id, data={"left": left})
    return True


def _may_answer(call: Call, factor: Factor, named: Named, user: User | None) -> bool:
    if not factor.counts(call.now):
        return False
    if user is not None:
        return factor.user_id == user.id
    # https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion, step 6: the key must know whose it is.
    return factor.is_passkey and named.user_handle == factor.user_id


def _use_key(call: Call, factor: Factor, count: int) -> Factor | None:
    if factors.use_count(call.unit, factor.id, count):
        return replace(factor, sign_count=count, last_used_at=call.now)
    data = {"count": count, "known": factor.sign_count}
    call.record(Kind.FACTOR_DOUBTED, target(factor), user_id=factor.user_id, data=data)
    return None
