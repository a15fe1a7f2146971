"""Setting up passkeys and security keys: a question to the browser, and its answer."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from innkeeper.actions.call import Call
from innkeeper.actions.enrolment import PATIENCE, Enrolled, counting, enrolled, new_factor, take_for
from innkeeper.actions.factors import keys_of
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.domain import passkeys
from innkeeper.domain.errors import Invalid, NotNow, Problem
from innkeeper.domain.factors import Factor
from innkeeper.domain.passkeys import NewKey, RelyingParty, Wish
from innkeeper.domain.texts import N_
from innkeeper.domain.tokens import OneTimeToken, Purpose
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorKind, UserId
from innkeeper.kit.ids import digest
from innkeeper.kit.vault import VaultError
from innkeeper.store import factors, tokens


def begin(call: Call, user_id: UserId, wish: Wish, rp: RelyingParty) -> tuple[dict[str, Any], str]:
    """What the browser needs to make a key, and the sealed challenge for `finish`. Raises NotNow."""
    user, _ = take_for(call, user_id, FactorKind.WEBAUTHN)
    known, models = keys_of(call, user), call.site.passkey_models
    options, challenge = passkeys.creation_options(rp, user, wish, known=known, models=models)
    until = (call.now + PATIENCE).isoformat()
    return options, call.seal(f"{until} {user.id} {wish} {challenge}")


def finish(call: Call, user_id: UserId, answer: KeyAnswer, *, name: str) -> Enrolled:
    """Enrol the key that the browser has made. Raises Invalid, NotNow, or Duplicate for one that is known."""
    user, permit = take_for(call, user_id, FactorKind.WEBAUTHN)
    wish, challenge = _opened(call, user, answer.challenge)
    models = call.site.passkey_models
    made = passkeys.new_key(answer.response, challenge, answer.rp, wish, models=models)
    if not tokens.spend(call.unit, _spent(call, user, answer.challenge)):
        raise NotNow(N_("this question was answered before; begin again"))
    had_one = bool(counting(call, user))
    factor = _as_factor(call, user, name, made)
    factors.insert_factor(call.unit, permit, factor)
    return enrolled(call, permit, user, factor, had_one=had_one)


def _opened(call: Call, user: User, sealed: str) -> tuple[Wish, str]:
    """What was asked of this user's browser, and the challenge; raises Invalid."""
    try:
        until, user_id, wish, challenge = call.unseal(sealed).split(" ")
        if user_id == user.id and call.now < datetime.fromisoformat(until):
            return Wish(wish), challenge
    except (VaultError, ValueError):
        pass
    raise Invalid(Problem("credential", None, passkeys.EXPECTED, "too_late"))


def _as_factor(call: Call, user: User, name: str, made: NewKey) -> Factor:
    return replace(
        new_factor(call, user, FactorKind.WEBAUTHN, name),
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        aaguid=made.aaguid,
        is_passkey=made.is_passkey,
        confirmed_at=call.now,
    )


def _spent(call: Call, user: User, sealed: str) -> OneTimeToken:
    """The question as it is kept once it was answered, for as long as it could be answered again."""
    return OneTimeToken(
        token_digest=digest(sealed),
        purpose=Purpose.WEBAUTHN,
        user_id=user.id,
        created_at=call.now,
        expires_at=call.now + PATIENCE,
    )
