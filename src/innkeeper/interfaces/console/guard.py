"""What protects every page: who may send a form here, and what the browser is told to refuse.

Cross-site requests are told apart by `Sec-Fetch-Site`, and by `Origin` where a browser sends no such header;
the idea is that of Go's http.CrossOriginProtection (https://pkg.go.dev/net/http#CrossOriginProtection).
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_FORM, LARGEST_FILE = 1_000_000, 1_000_000_000
FILES_GO_TO = frozenset({"/imports", "/files/upload"})
# What comes here is written to its place as it comes.
ENDLESS = frozenset({"/files/content"})
OWN_SITES = frozenset({"same-origin", "none"})
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types swap"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGE_HEADERS = {"Cache-Control": "no-store", "Vary": "X-Fragment, Cookie, Accept-Language"}
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}


class Guard:
    """ASGI middleware: refuses cross-site writes, and puts the security headers on every answer."""

    def __init__(
        self, app: ASGIApp, *, public_origin: str | None = None, session_cookies: frozenset[str] = frozenset()
    ) -> None:
        self.app = app
        self.public_origin = public_origin
        self.session_cookies = session_cookies
        self.headers = HEADERS | (STRICT_TRANSPORT if (public_origin or "").startswith("https:") else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self.is_cross_site(scope):
            await self._refuse(403, "This request came from another site.", scope, receive, send)
        elif is_too_large(scope):
            await self._refuse(413, "This request is too large.", scope, receive, send)
        else:
            await self.app(scope, receive, with_headers(send, self.headers))

    async def _refuse(self, status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(why, status, headers=self.headers)(scope, receive, send)

    def is_cross_site(self, scope: Scope) -> bool:
        """An unsafe method that this site's own pages did not send."""
        if scope["method"] in SAFE_METHODS:
            return False
        headers = Headers(scope=scope)
        site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
        if site is not None:
            return site not in OWN_SITES
        if origin is not None:
            return origin != (self.public_origin or f"{scope['scheme']}://{headers.get('Host', '')}")
        return any(f"{name}=" in headers.get("Cookie", "") for name in self.session_cookies)


def is_too_large(scope: Scope) -> bool:
    """A body beyond what forms need; only files may be large, and every body has to say how long it is."""
    if scope["path"] in ENDLESS:
        return False
    headers = Headers(scope=scope)
    length = headers.get("Content-Length", "0")
    if "Transfer-Encoding" in headers or not length.isdecimal():
        return True
    return int(length) > (LARGEST_FILE if scope["path"] in FILES_GO_TO else LARGEST_FORM)


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Adds headers to the answer; pages also say that nobody may keep them."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(scope=message)
            for name, value in headers.items():
                answer.setdefault(name, value)
            if answer.get("Content-Type", "").startswith("text/html"):
                answer.update(PAGE_HEADERS)
        await send(message)

    return add
