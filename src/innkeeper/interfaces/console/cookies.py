"""Cookies: the session's is bound to this host wherever the site speaks HTTPS."""

from starlette.requests import Request
from starlette.responses import Response

PLAIN_NAME, BOUND_NAME = "session", "__Host-session"
SESSION_COOKIES = frozenset({PLAIN_NAME, BOUND_NAME})
YEAR = 31_536_000


def is_secure(request: Request, public_origin: str | None) -> bool:
    """True when browsers reach the site by HTTPS, as the configured origin says, else as the request does."""
    return public_origin.startswith("https:") if public_origin else request.url.scheme == "https"


def session_token(request: Request) -> str | None:
    """The session that the browser presents."""
    return request.cookies.get(BOUND_NAME) or request.cookies.get(PLAIN_NAME)


def keep_session(answer: Response, token: str, *, secure: bool) -> None:
    """Hand the session's token to the browser, until it closes."""
    answer.set_cookie(
        BOUND_NAME if secure else PLAIN_NAME, token, httponly=True, secure=secure, samesite="lax"
    )


def drop_session(answer: Response, request: Request) -> None:
    """Make the browser forget whichever session cookie it has."""
    for name in SESSION_COOKIES & set(request.cookies):
        answer.delete_cookie(name, secure=name == BOUND_NAME, httponly=True, samesite="lax")


def keep_preference(answer: Response, name: str, value: str) -> None:
    """Theme or language, for a year."""
    answer.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax")
