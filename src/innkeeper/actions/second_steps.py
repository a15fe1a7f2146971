"""What comes between a right password and the session: an attempt that waits, and the second factor.

A browser's attempt waits in the database, so that the next request may reach another node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from innkeeper.actions import factors, logins
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.call import Call
from innkeeper.domain.errors import TooManyAttempts
from innkeeper.domain.factors import Factor
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.domain.passkeys import RelyingParty
from innkeeper.domain.tokens import OneTimeToken, Purpose
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorKind, UserId
from innkeeper.kit.ids import digest, new_secret
from innkeeper.kit.vault import VaultError
from innkeeper.store import tokens, users

PATIENCE = timedelta(minutes=10)
MOST_TRIES = 5
CODES_AN_HOUR = 6


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What a browser sends back from a security key: the response as JSON, and the sealed challenge."""

    response: str = field(repr=False)
    challenge: str = field(repr=False)
    rp: RelyingParty


def park(call: Call, attempt: Attempt) -> str:
    """Let an attempt wait; answers the token that `resume` takes."""
    token = new_secret()
    tokens.add(call.unit, _token(call, token, Purpose.LOGIN, attempt.user_id, _document(attempt)))
    return token


def repark(call: Call, token: str, attempt: Attempt) -> None:
    """Keep what has been added to a waiting attempt."""
    tokens.keep_document(call.unit, digest(token), _document(attempt))


def resume(call: Call, token: str, device_token: str | None = None) -> Attempt | None:
    """The waiting attempt, its user looked at anew; None when it is spent or old, or the password is new."""
    waiting = tokens.find(call.unit, digest(token), Purpose.LOGIN)
    if waiting is None or not waiting.is_good(call.now) or waiting.tries >= MOST_TRIES:
        return None
    known = waiting.document
    attempt = logins.begin(call, known["username"], device_token=device_token)
    if attempt.user_id != waiting.user_id or known["password"] != _password_digest(attempt):
        return None
    attempt.shown = frozenset(Proof(name) for name in known["shown"])
    attempt.credentials = tuple(known["credentials"])
    attempt.email_code = known["email_code"]
    return attempt


def use_up(call: Call, token: str) -> bool:
    """A waiting attempt leads to one session only; False when it has."""
    return tokens.use(call.unit, digest(token))


def count_try(call: Call, token: str) -> int:
    """One more wrong second factor; how many tries are left before the password is asked again."""
    return MOST_TRIES - tokens.count_try(call.unit, digest(token))


def check_code(call: Call, attempt: Attempt, code: str) -> str | None:
    """The second factor that takes this code, and uses it up: `totp`, `recovery_code`, `email`; or none."""
    user = _user(call, attempt.user_id)
    if user is None:
        return None
    if attempt.email_code is not None and factors.is_code(attempt.email_code, code):
        factors.note_email_use(call, user)
        return FactorKind.EMAIL.value
    return factors.accept_code(call, user, code)


def send_code(call: Call, attempt: Attempt) -> str:
    """Mail a code to the attempt's user; answers its digest. Raises TooManyAttempts."""
    user = _user(call, attempt.user_id)
    if user is None:
        return ""
    since = call.now - timedelta(hours=1)
    if tokens.count_since(call.unit, user.id, Purpose.EMAIL_CODE, since) >= CODES_AN_HOUR:
        raise TooManyAttempts("too many codes were sent; wait an hour, or use another second factor")
    tokens.add(call.unit, _token(call, new_secret(), Purpose.EMAIL_CODE, user.id, {}, timedelta(hours=1)))
    return factors.email_code(call, user)


def key_options(call: Call, attempt: Attempt | None, rp: RelyingParty) -> tuple[dict[str, Any], str]:
    """What the browser shows to the user's security keys, and the sealed challenge that must come back.

    Without an attempt it is for any passkey of this site. Strangers get that with every look at the sign-in
    page, so nothing is stored until one is used.
    """
    user = users.one(call.unit, logins.EVERYONE, attempt.user_id) if attempt and attempt.user_id else None
    options, challenge = factors.sign_in_options(call, user, rp)
    until = (call.now + PATIENCE).isoformat()
    return options, call.seal(f"{until} {challenge}")


def check_key(call: Call, attempt: Attempt, answer: KeyAnswer) -> Factor | None:
    """The key of the attempt's user that answered the challenge, or none; each challenge is answered once."""
    user = _user(call, attempt.user_id)
    return _accept(call, answer, user) if user else None


def use_passkey(call: Call, answer: KeyAnswer, device_token: str | None = None) -> Attempt | None:
    """An attempt of the user whose passkey answered; None when none did."""
    factor = _accept(call, answer, None)
    user = _user(call, factor.user_id) if factor else None
    if factor is None or user is None:
        return None
    attempt = Attempt(user.username, call.interface, call.address, call.client[:200])
    logins.prepare(call, attempt, user, device_token=device_token)
    attempt.key_id = factor.id
    if not attempt.show(Proof.PASSKEY, "passkey"):
        attempt.blame(WhyNot.WRONG_KEY)
    return attempt


def _accept(call: Call, answer: KeyAnswer, user: User | None) -> Factor | None:
    challenge = _challenge_in(call, answer.challenge)
    if challenge is None:
        return None
    factor = factors.accept_assertion(call, answer.response, challenge, answer.rp, user=user)
    if factor is None:
        return None
    spent = _token(call, answer.challenge, Purpose.WEBAUTHN, factor.user_id, {})
    return factor if tokens.spend(call.unit, spent) else None


def _challenge_in(call: Call, sealed: str) -> str | None:
    try:
        until, _, challenge = call.unseal(sealed).partition(" ")
        return challenge if call.now < datetime.fromisoformat(until) else None
    except (VaultError, ValueError):
        return None


def _document(attempt: Attempt) -> Mapping[str, Any]:
    return {
        "username": attempt.username,
        "shown": sorted(attempt.shown),
        "credentials": list(attempt.credentials),
        "password": _password_digest(attempt),
        "email_code": attempt.email_code,
    }


def _password_digest(attempt: Attempt) -> str:
    return digest(attempt.password_hash or "")


def _token(
    call: Call,
    token: str,
    purpose: Purpose,
    user_id: UserId | None,
    document: Mapping[str, Any],
    patience: timedelta = PATIENCE,
) -> OneTimeToken:
    return OneTimeToken(
        token_digest=digest(token),
        purpose=purpose,
        user_id=user_id,
        document=document,
        created_at=call.now,
        expires_at=call.now + patience,
    )


def _user(call: Call, user_id: UserId | None) -> User | None:
    return users.one_for_change(call.unit, logins.EVERYONE, user_id) if user_id else None
