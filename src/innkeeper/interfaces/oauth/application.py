"""The endpoints: a device asks to be let in, fetches its tokens, renews them, and signs out."""

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innkeeper.actions import desktop, desktop_tokens
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.desktop import CODE_LIFE, TokenError, Tokens, shown_code
from innkeeper.domain.errors import Invalid
from innkeeper.domain.scopes import KeyScope
from innkeeper.interfaces.oauth.parameters import OAuthError, needed, parameters, refused, said
from innkeeper.kit.gate import Gate, TurnedAway

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
METADATA = "/.well-known/oauth-authorization-server"
DESCRIPTIONS = {
    TokenError.INVALID_GRANT: "this code or token is wrong, spent or no longer valid; sign in again",
    TokenError.PENDING: "the user has not answered yet; ask again after the interval",
    TokenError.SLOW_DOWN: "too often: from now on wait five seconds longer between two questions",
    TokenError.DENIED: "the user said no, or may not be connected from here",
    TokenError.EXPIRED: "the code is too old; ask for a new one",
}


@dataclass(frozen=True, slots=True)
class OAuth:
    """What every endpoint needs. `public_origin` is how people reach the site; else what the request says."""

    calls: Calls
    gate: Gate
    public_origin: str | None

    async def device_authorization(self, request: Request) -> Response:
        """RFC 8628 §3.1: a code for the device, and one for people to type."""
        given = await parameters(request)
        name = needed(given, "client_id")
        scopes = given.get("scope", "").split()
        caller = _caller(request)
        self._knock(caller.address)
        try:
            device_code, grant = await self.calls.write(caller, desktop.begin, name, scopes)
        except Invalid as invalid:
            is_scope = invalid.problems[0].field == "scope"
            code = "invalid_scope" if is_scope else "invalid_client"
            raise OAuthError(code, invalid.message) from invalid
        page, code = f"{self._origin(request)}/device", shown_code(grant.user_code)
        document = {
            "device_code": device_code,
            "user_code": code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={code}",
            "expires_in": int(CODE_LIFE.total_seconds()),
            "interval": grant.interval_seconds,
        }
        return said(document)

    async def token(self, request: Request) -> Response:
        """RFC 6749 §3.2: tokens for a device code or a refresh token."""
        given = await parameters(request)
        grant_type = needed(given, "grant_type")
        caller = _caller(request)
        if grant_type == DEVICE_GRANT:
            code, client = needed(given, "device_code"), needed(given, "client_id")
            result = await self.calls.write(caller, desktop_tokens.exchange, code, client)
        elif grant_type == "refresh_token":
            if "scope" in given:
                raise OAuthError("invalid_scope", "the scopes stay as they were; leave the parameter out")
            token = needed(given, "refresh_token")
            result = await self.calls.write(caller, desktop_tokens.refresh, token, given.get("client_id"))
        else:
            raise OAuthError("unsupported_grant_type", f"expected {DEVICE_GRANT} or refresh_token")
        return self._answer(caller, result)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: end the connection of a token; 200 for any token, known or not."""
        given = await parameters(request)
        await self.calls.write(_caller(request), desktop_tokens.revoke, needed(given, "token"))
        return said({})

    async def metadata(self, request: Request) -> Response:
        """RFC 8414: what this server can, and where."""
        origin = self._origin(request)
        document = {
            "issuer": origin,
            "device_authorization_endpoint": f"{origin}/oauth/device_authorization",
            "token_endpoint": f"{origin}/oauth/token",
            "revocation_endpoint": f"{origin}/oauth/revoke",
            "grant_types_supported": [DEVICE_GRANT, "refresh_token"],
            "response_types_supported": [],
            "scopes_supported": [scope.value for scope in KeyScope],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "service_documentation": f"{origin}/api/docs",
        }
        return JSONResponse(document)

    def _answer(self, caller: Caller, result: Tokens | TokenError) -> Response:
        if isinstance(result, Tokens):
            document = {
                "access_token": result.access_token,
                "token_type": "Bearer",
                "expires_in": result.expires_in,
                "refresh_token": result.refresh_token,
            }
            scopes = {"scope": " ".join(sorted(result.scopes))} if result.scopes else {}
            return said(document | scopes)
        if result is TokenError.INVALID_GRANT:
            self._blame(caller.address)
        raise OAuthError(result, DESCRIPTIONS[result])

    def _knock(self, address: str) -> None:
        """Held to what the gate lets one address ask; many codes that nobody uses count as misbehaviour."""
        try:
            self.gate.leave(self.gate.enter(address))
        except TurnedAway as turned_away:
            raise OAuthError("slow_down", f"{turned_away}; wait a few minutes", status=429) from turned_away
        self.gate.wasted(address)

    def _blame(self, address: str) -> None:
        """A wrong code or token. A good one is never held up, wherever it comes from."""
        try:
            self.gate.leave(self.gate.enter(address))
        except TurnedAway as turned_away:
            raise OAuthError("slow_down", f"{turned_away}; wait a few minutes", status=429) from turned_away
        self.gate.failed(address, "")

    def _origin(self, request: Request) -> str:
        return (self.public_origin or str(request.base_url)).rstrip("/")


def make_oauth(calls: Calls, *, gate: Gate | None = None, public_origin: str | None = None) -> Starlette:
    """The application for `/oauth/…` and its description."""
    oauth = OAuth(calls, gate or Gate(), public_origin)
    return Starlette(
        routes=[
            Route("/oauth/device_authorization", oauth.device_authorization, methods=["POST"]),
            Route("/oauth/token", oauth.token, methods=["POST"]),
            Route("/oauth/revoke", oauth.revoke, methods=["POST"]),
            Route(METADATA, oauth.metadata),
        ],
        exception_handlers={OAuthError: refused},
    )


def _caller(request: Request) -> Caller:
    address = request.client.host if request.client else ""
    client = request.headers.get("User-Agent", "").replace("\x00", "")[:200]
    return Caller("desktop", address, client)
