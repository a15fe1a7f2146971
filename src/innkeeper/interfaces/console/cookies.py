"""Cookies: the session's is bound to this host wherever the site speaks HTTPS."""

from starlette.requests import Request
from starlette.responses import Response

PLAIN_NAME, BOUND_NAME = "session", "__Host-session"
# An attempt that waits for its second factor, and what the browser is known by.
LOGIN, DEVICE = "login", "device"
LOGIN_SECONDS = 600
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


def login_token(request: Request) -> str | None:
    """The attempt to sign in that waits for this browser's second factor."""
    return _either(request, LOGIN)


def device_token(request: Request) -> str | None:
    """What this browser is known by from an earlier sign-in."""
    return _either(request, DEVICE)


def keep_login(answer: Response, token: str, *, secure: bool) -> None:
    """Hand a waiting attempt to the browser, for ten minutes."""
    _keep(answer, LOGIN, token, LOGIN_SECONDS, secure=secure)


def drop_login(answer: Response, request: Request) -> None:
    """The attempt is over."""
    for name in {LOGIN, f"__Host-{LOGIN}"} & set(request.cookies):
        answer.delete_cookie(name, secure=name != LOGIN, httponly=True, samesite="lax")


def keep_device(answer: Response, token: str, *, secure: bool) -> None:
    """Make the browser known from now on."""
    _keep(answer, DEVICE, token, YEAR, secure=secure)


def keep_preference(answer: Response, name: str, value: str) -> None:
    """Theme or language, for a year."""
    answer.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax")


def _either(request: Request, name: str) -> str | None:
    return request.cookies.get(f"__Host-{name}") or request.cookies.get(name)


def _keep(answer: Response, name: str, value: str, seconds: int, *, secure: bool) -> None:
    bound = f"__Host-{name}" if secure else name
    answer.set_cookie(bound, value, max_age=seconds, httponly=True, secure=secure, samesite="lax")
