"""A visit: one request of one reader, and what a view may do with it.

Views are functions of a visit. `signed_in` lets only people with a session through; `open_to_all` lets
anyone. Both turn refusals that a view did not answer itself into pages.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from innkeeper.actions import mandates, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.imports import ImportWork
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.actions.web_desk import Browser
from innkeeper.domain.actors import Actor
from innkeeper.domain.errors import ProofNeeded, Refused, Unauthenticated
from innkeeper.domain.passkeys import RelyingParty, relying_party
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty
from innkeeper.interfaces.console.cookies import device_token, drop_session, is_secure, session_token
from innkeeper.interfaces.console.failures import broken_page, missing_page, refusal_page
from innkeeper.interfaces.console.paths import own_path
from innkeeper.interfaces.console.reader import Reader, Site, make_reader
from innkeeper.interfaces.console.rendering import Rendering, fragment_of, go
from innkeeper.interfaces.console.times import Times
from innkeeper.kit.gate import Gate
from innkeeper.kit.paging import BadCursor

logger = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What all views share."""

    calls: Calls
    rendering: Rendering
    gate: Gate
    public_origin: str | None = None
    imports: ImportWork | None = None
    rooms: KeptRooms | None = None
    sends_mail: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, with its reader."""

    request: Request
    console: Console
    caller: Caller

    @property
    def reader(self) -> Reader:
        reader: Reader = self.request.state.reader
        return reader

    @property
    def fragment(self) -> str:
        return fragment_of(self.request)

    @property
    def times(self) -> Times:
        return self.console.rendering.times(self.reader)

    @property
    def is_secure(self) -> bool:
        return is_secure(self.request, self.console.public_origin)

    @property
    def browser(self) -> Browser:
        """The one who has yet to sign in here, and what this browser is known by."""
        return Browser(replace(self.caller, session_token=None), device_token(self.request))

    @property
    def relying_party(self) -> RelyingParty | None:
        """This site as passkeys know it; None where it is reached by an address, which has none."""
        origin = self.console.public_origin or f"{self.request.url.scheme}://{self.request.url.netloc}"
        return relying_party(origin, self.reader.site.name)

    async def read(self, action: Callable[Concatenate[Call, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask an action that only reads."""
        return await self.console.calls.read(self.caller, action, *args, **kwargs)

    async def write(self, action: Callable[Concatenate[Call, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action."""
        return await self.console.calls.write(self.caller, action, *args, **kwargs)

    async def form(self) -> FormData:
        """What was sent."""
        return await self.request.form()

    def path(self, name: str) -> str:
        """A part of the address that the route names."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, "")

    def text(self, message: str, **values: object) -> str:
        """A text in the reader's language."""
        return self.console.rendering.gettext(self.request, message, **values)

    def page(self, name: str, status: int = 200, **context: Any) -> Response:
        """A page, or its fragment."""
        return self.console.rendering.page(self.request, name, status, **context)

    def go(self, url: str, notice: str = "") -> Response:
        """Send the reader on."""
        return go(self.request, url, notice=notice)


# Where a session is sent that owes something, and where it may go meanwhile.
DUTIES = {Duty.PASSWORD_CHANGE: "/account/password", Duty.SECOND_FACTOR: "/account/two-factor"}
WHILE_OWING = ("/sign-out", "/prove", "/preferences")
View = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def introduce(call: Call) -> tuple[Actor, User | None, datetime | None, Site]:
    """Who is at the door, until when they have to set up a second factor, and of which site."""
    user = users.show(call, call.actor.user_id) if call.actor.user_id else None
    due_at = mandates.due_at(call, user) if user is not None else None
    return call.actor, user, due_at, Site(call.site.site_name, call.site.language, call.site.time_zone)


def signed_in(view: View) -> Endpoint:
    """An endpoint for people with a session; others are asked to sign in and come back here."""

    async def endpoint(request: Request) -> Response:
        visit = await _receive(request, session_token(request))
        if visit.reader.user is None:
            return _ask_to_sign_in(request)
        duty = _pressing_duty(visit)
        return visit.go(duty) if duty else await _answer(visit, view)

    return endpoint


def freshly_proved(view: View) -> View:
    """A view of a form whose change needs a fresh proof: that is asked for before anything is typed."""

    async def ask_first(visit: Visit) -> Response:
        await visit.read(Call.demand_fresh_proof)
        return await view(visit)

    return ask_first


def open_to_all(view: View) -> Endpoint:
    """An endpoint for anyone; no session is looked at."""

    async def endpoint(request: Request) -> Response:
        return await _answer(await _receive(request, None), view)

    return endpoint


def _pressing_duty(visit: Visit) -> str | None:
    """Where the reader has to go first; None when they are there, or owe nothing."""
    owed = [address for duty, address in DUTIES.items() if duty in visit.reader.actor.owes]
    path = visit.request.url.path
    is_free = path in WHILE_OWING or any(path.startswith(address) for address in owed[:1])
    return None if is_free or not owed else owed[0]


async def _receive(request: Request, token: str | None) -> Visit:
    console: Console = request.app.state.console
    address = request.client.host if request.client else ""
    client = request.headers.get("User-Agent", "")[:200]
    caller = Caller("web", address, client, session_token=token)
    try:
        actor, user, due_at, site = await console.calls.read(caller, introduce)
    except Unauthenticated:
        return await _receive(request, None)
    request.state.reader = make_reader(
        request, console.rendering.languages, site=site, actor=actor, user=user, factor_due_at=due_at
    )
    return Visit(request, console, caller)


async def _answer(visit: Visit, view: View) -> Response:
    try:
        return await view(visit)
    except Unauthenticated:
        return _ask_to_sign_in(visit.request)
    except ProofNeeded as refused:
        return _ask_for_proof(visit, refused)
    except Refused as refused:
        return refusal_page(visit.console.rendering, visit.request, refused)
    except BadCursor:
        return missing_page(visit.console.rendering, visit.request)
    except Exception:
        logger.exception("console page failed", path=visit.request.url.path, method=visit.request.method)
        return broken_page(visit.console.rendering, visit.request)


def _ask_for_proof(visit: Visit, refused: ProofNeeded) -> Response:
    """Back to the page with the form afterwards; what was sent has to be sent again."""
    request = visit.request
    sent_from = own_path(request.headers.get("Referer", "/"), request)
    back = _address(request) if request.method == "GET" and not visit.fragment else sent_from
    notice = "" if request.method == "GET" else visit.text(refused.message)
    return visit.go(f"/prove?{urlencode({'next': back})}", notice)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _ask_to_sign_in(request: Request) -> Response:
    here = _address(request)
    back = here if request.method == "GET" and not fragment_of(request) else "/"
    answer = go(request, "/sign-in" + (f"?{urlencode({'next': back})}" if back != "/" else ""))
    drop_session(answer, request)
    return answer
