"""Pages for what went wrong: refused, not found, broken."""

from starlette.requests import Request
from starlette.responses import Response

from innkeeper.domain.errors import Refused
from innkeeper.domain.texts import N_
from innkeeper.interfaces.console.problems import headline
from innkeeper.interfaces.console.reader import Site, make_reader
from innkeeper.interfaces.console.rendering import Rendering

STATUSES = {
    "forbidden": 403,
    "connection_ended": 403,
    "not_found": 404,
    "stale": 409,
    "not_now": 409,
    "already_there": 409,
    "no_space": 409,
    "too_many_attempts": 429,
}
TITLES = {
    403: N_("You may not do this"),
    404: N_("There is nothing here"),
    409: N_("This is not possible now"),
    422: N_("Something in the request was wrong"),
    429: N_("Too many attempts"),
    500: N_("Something broke on the server"),
}
NOT_FOUND = N_("The address is wrong, the thing is gone, or you may not see it.")
BROKEN = N_("This is our fault. Nothing you typed was wrong; try again in a moment.")


def refusal_page(rendering: Rendering, request: Request, refused: Refused) -> Response:
    """A refusal that no form can show."""
    text = headline(refused, lambda message: rendering.gettext(request, message))
    return _page(rendering, request, STATUSES.get(refused.code, 422), text)


def missing_page(rendering: Rendering, request: Request) -> Response:
    """No page has this address."""
    meet(rendering, request)
    return _page(rendering, request, 404, rendering.gettext(request, NOT_FOUND))


def broken_page(rendering: Rendering, request: Request) -> Response:
    """An exception nobody expected; the log has the rest."""
    meet(rendering, request)
    return _page(rendering, request, 500, rendering.gettext(request, BROKEN))


def meet(rendering: Rendering, request: Request) -> None:
    """Treat the one who asks as a stranger where nobody has looked yet."""
    if not hasattr(request.state, "reader"):
        request.state.reader = make_reader(request, rendering.languages, site=Site())


def _page(rendering: Rendering, request: Request, code: int, text: str) -> Response:
    title = rendering.gettext(request, TITLES[code])
    return rendering.page(request, "problem", code, code=code, title=title, text=text)
