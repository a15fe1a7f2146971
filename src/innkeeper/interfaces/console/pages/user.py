"""One user: the drawer over the list, and the page."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.domain.errors import NotFound
from innkeeper.domain.words import UserId
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.owners import Owner, owner_of
from innkeeper.interfaces.console.visits import Visit, signed_in


async def show(visit: Visit) -> Response:
    """The page with the tab that the address asks for."""
    return await owners.page(visit, owner_of(visit), visit.query("tab"))


async def context(visit: Visit, user_id: str, tab: str) -> dict[str, Any]:
    """What a list needs to open this user's drawer; nothing if there is no such user."""
    try:
        return await owners.context(visit, Owner(UserId(user_id), f"/users/{user_id}"), tab, in_drawer=True)
    except NotFound:
        return {}


ROUTES = [Route("/users/{user}", signed_in(show)), Route("/account", signed_in(show))]
