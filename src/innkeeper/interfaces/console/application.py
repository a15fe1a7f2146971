"""The console as one ASGI application: routes, guard, and what its views share."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions.calls import Calls
from innkeeper.actions.imports import ImportWork
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.interfaces.console.assets import PREFIX, load_assets
from innkeeper.interfaces.console.cookies import SESSION_COOKIES
from innkeeper.interfaces.console.failures import missing_page
from innkeeper.interfaces.console.guard import Guard
from innkeeper.interfaces.console.languages import Languages
from innkeeper.interfaces.console.pages import development_routes, routes
from innkeeper.interfaces.console.rendering import Rendering
from innkeeper.interfaces.console.visits import Console
from innkeeper.kit.clock import Clock, utc_now
from innkeeper.kit.gate import Gate


def make_console(
    calls: Calls,
    *,
    public_origin: str | None = None,
    gate: Gate | None = None,
    imports: ImportWork | None = None,
    rooms: KeptRooms | None = None,
    sends_mail: bool = False,
    clock: Clock = utc_now,
    is_development: bool = False,
) -> Starlette:
    """Build the console; raises when a file that the browser needs is missing from its package.

    `public_origin` is how browsers reach the site, like https://files.example.org. `gate` is the one that all
    doors share. `imports` does the work of import pages, `rooms` opens the files of the site. `sends_mail`:
    there is a mail server. Development adds the component page and the pseudo-language.
    """
    assets = load_assets()
    rendering = Rendering(assets, Languages(with_pseudo=is_development), clock)
    console = Starlette(
        routes=[
            Route(PREFIX + "/{digest}/{name}", assets.serve),
            *routes(),
            *(development_routes() if is_development else []),
        ],
        middleware=[Middleware(Guard, public_origin=public_origin, session_cookies=SESSION_COOKIES)],
        exception_handlers={404: missing(rendering)},
    )
    console.state.console = Console(
        calls=calls,
        rendering=rendering,
        gate=gate or Gate(),
        public_origin=public_origin,
        imports=imports,
        rooms=rooms,
        sends_mail=sends_mail,
    )
    return console


def missing(rendering: Rendering) -> Callable[[Request, Exception], Response]:
    """What answers addresses that no page has."""

    def answer(request: Request, _: Exception) -> Response:
        return missing_page(rendering, request)

    return answer
