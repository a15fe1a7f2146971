"""The page behind the link of a mail with news: hear no more of that folder, without signing in.

Looking at it changes nothing, since scanners of mails open links; mail programs send the form by themselves
when their own button is pressed (RFC 8058).
"""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import notifications
from innkeeper.domain.errors import NotFound
from innkeeper.interfaces.console.visits import Visit, open_to_all


async def ask(visit: Visit) -> Response:
    """The question, while there is something to unsubscribe from."""
    try:
        await visit.read(notifications.open_link, visit.path("token"))
    except NotFound:
        return visit.page("unsubscribed", 404, is_done=False)
    return visit.page("unsubscribe", token=visit.path("token"))


async def unsubscribe(visit: Visit) -> Response:
    """Do it; the same link opens nothing else."""
    try:
        await visit.write(notifications.follow_link, visit.path("token"))
    except NotFound:
        return visit.page("unsubscribed", 404, is_done=False)
    return visit.page("unsubscribed", is_done=True)


ROUTES = [
    Route("/unsubscribe/{token}", open_to_all(ask)),
    Route("/unsubscribe/{token}", open_to_all(unsubscribe), methods=["POST"]),
]
