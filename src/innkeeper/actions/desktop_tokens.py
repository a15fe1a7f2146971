"""The tokens by which a desktop connection keeps itself in.

`exchange` and `refresh` answer a TokenError instead of raising: what they noted on the way has to be kept.

A refresh token is good for one use (RFC 9700 §4.14.2). It is `inkr_SERIES.SECRET`: all of one connection have
the series in common, so that a spent one is known for what it is however old, without a row for each. When it
comes again, two have it, and the connection ends. Only an answer that was lost a moment ago is given anew:
what was given before becomes worthless, so that there is still one good token, and whoever holds the other
one ends the connection with it.
"""

from datetime import timedelta

from innkeeper.actions import sessions
from innkeeper.actions.actors import EVERYONE, actor_of, belonging, session_problem
from innkeeper.actions.call import Call
from innkeeper.actions.desktop import is_welcome
from innkeeper.domain.actors import system
from innkeeper.domain.desktop import (
    ACCESS_LIFE,
    ACCESS_PREFIX,
    INTERVAL_SECONDS,
    REFRESH_PREFIX,
    DeviceGrant,
    GrantState,
    StoredToken,
    TokenError,
    TokenKind,
    Tokens,
    series_of,
)
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.sessions import Session
from innkeeper.domain.words import SessionId
from innkeeper.kit.ids import digest, new_secret
from innkeeper.store import desktop, users


def exchange(call: Call, device_code: str, client_name: str) -> Tokens | TokenError:
    """The device asks whether it was let in: the tokens, or why there are none (yet)."""
    grant = desktop.grant_by_device(call.unit, digest(device_code))
    if grant is None or grant.client_name != client_name:
        result: Tokens | TokenError = TokenError.INVALID_GRANT
    elif grant.state is GrantState.SPENT:
        result = _end_reused(call, grant.session_id)
    elif call.now >= grant.expires_at:
        result = TokenError.EXPIRED
    elif grant.state is GrantState.DENIED:
        result = TokenError.DENIED
    elif grant.state is GrantState.APPROVED:
        result = _collect(call, grant)
    else:
        result = _put_off(call, grant)
    return result


def refresh(call: Call, refresh_token: str, client_name: str | None = None) -> Tokens | TokenError:
    """New tokens for a refresh token, which is spent by it."""
    series = desktop.token(call.unit, digest(series_of(refresh_token)), TokenKind.SERIES)
    # Held, so that of two who come at once one is the second.
    session = desktop.hold_session(call.unit, series.session_id) if series is not None else None
    if series is None or session is None or client_name not in (None, session.client):
        return TokenError.INVALID_GRANT
    if not _may_go_on(call, session):
        return TokenError.INVALID_GRANT
    known = {token.token_digest: token for token in desktop.refresh_tokens_of(call.unit, session.id)}
    token = known.get(digest(refresh_token))
    if token is None or token.is_long_spent(call.now):
        return _end_reused(call, session.id)
    if token.used_at is None:
        desktop.spend(call.unit, token)
    else:
        desktop.drop_given_since(call.unit, session.id, token.used_at)
    return _issue(call, session, series_of(refresh_token), series.scopes)


def revoke(call: Call, token: str) -> None:
    """End the connection that a token belongs to (RFC 7009). Nothing for a token that leads nowhere."""
    is_access = token.startswith(ACCESS_PREFIX)
    kind, secret = (TokenKind.ACCESS, token) if is_access else (TokenKind.SERIES, series_of(token))
    known = desktop.token(call.unit, digest(secret), kind)
    session = desktop.session(call.unit, known.session_id) if known is not None else None
    user = users.one(call.unit, EVERYONE, session.user_id) if session is not None else None
    if session is not None and user is not None and session.ended_at is None:
        call.actor = actor_of(user, belonging(call.unit, user.id))
        sessions.end(call, session.id, reason="signed_out")


def _collect(call: Call, grant: DeviceGrant) -> Tokens | TokenError:
    """The tokens of a session that was approved, unless something came in between."""
    session = desktop.hold_session(call.unit, grant.session_id) if grant.session_id is not None else None
    if session is None or not _may_go_on(call, session):
        return TokenError.DENIED
    desktop.decide(call.unit, grant.id, GrantState.SPENT, user_id=session.user_id, session_id=session.id)
    series = new_secret()
    _keep(call, session, series, TokenKind.SERIES, call.site.desktop_rest, grant.scopes)
    return _issue(call, session, series, grant.scopes)


def _put_off(call: Call, grant: DeviceGrant) -> TokenError:
    """Not yet; who asks before the time must wait longer from now on (RFC 8628 §3.5)."""
    is_impatient = grant.is_impatient(call.now)
    interval = grant.interval_seconds + (INTERVAL_SECONDS if is_impatient else 0)
    desktop.note_poll(call.unit, grant.id, interval)
    return TokenError.SLOW_DOWN if is_impatient else TokenError.PENDING


def _may_go_on(call: Call, session: Session) -> bool:
    """What is asked at every use of an access token as well."""
    user = users.one(call.unit, EVERYONE, session.user_id)
    return (
        user is not None
        and session.is_open(call.now, call.site.desktop_rest)
        and session_problem(user, session, call.unit) is None
        and is_welcome(call, user, call.address)
    )


def _issue(call: Call, session: Session, series: str, scopes: frozenset[str]) -> Tokens:
    """A pair of tokens; the connection may rest for its whole time again."""
    rest = call.site.desktop_rest
    access, refreshing = ACCESS_PREFIX + new_secret(), f"{REFRESH_PREFIX}{series}.{new_secret()}"
    _keep(call, session, access, TokenKind.ACCESS, ACCESS_LIFE, scopes)
    _keep(call, session, refreshing, TokenKind.REFRESH, rest, scopes)
    desktop.extend(call.unit, session.id, address=call.address, expires_at=call.now + rest)
    return Tokens(access, refreshing, scopes=scopes)


def _keep(
    call: Call, session: Session, secret: str, kind: TokenKind, life: timedelta, scopes: frozenset[str]
) -> None:
    token = StoredToken(
        token_digest=digest(secret),
        session_id=session.id,
        kind=kind,
        scopes=scopes,
        created_at=call.now,
        expires_at=call.now + life,
    )
    desktop.add_token(call.unit, token)


def _end_reused(call: Call, session_id: SessionId | None) -> TokenError:
    """Somebody has a token that was spent: nobody knows who is the thief, so both are put out."""
    session = desktop.hold_session(call.unit, session_id) if session_id is not None else None
    if session is not None and session.ended_at is None:
        call.actor = system("desktop connections")
        target = Target("session", session.id, session.client)
        data = {"client": session.client}
        call.record(Kind.DESKTOP_TOKEN_REUSED, target, user_id=session.user_id, data=data)
        sessions.end(call, session.id, reason="token_reused")
    return TokenError.INVALID_GRANT
