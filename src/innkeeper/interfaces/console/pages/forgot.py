"""For people who forgot their password: a link by mail. Every name gets the same answer, and as late."""

import asyncio
import time

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import password_links, settings
from innkeeper.domain.errors import Invalid, NotFound, Problem, Refused, TooManyAttempts
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, open_to_all
from innkeeper.kit.gate import TurnedAway

# In seconds; longer than it takes to make a link, so that nobody can tell whether one was made.
ANSWERED_AFTER = 0.6


async def show(visit: Visit) -> Response:
    """The form."""
    await _demand_offer(visit)
    return visit.page("forgot", form=Form())


async def ask(visit: Visit) -> Response:
    """Have a link sent to whoever this is, if it is anybody."""
    await _demand_offer(visit)
    form = Form(typed(await visit.form(), ("name",)))
    begun = time.monotonic()
    try:
        if not form.value("name").strip():
            raise Invalid(Problem("name", None, "a user name or an address", "name_missing"))
        _pass_gate(visit)
        await visit.write(password_links.ask_for_reset, form.value("name"))
    except Refused as refused:
        return visit.page("forgot", 422, form=form.refuse(refused, visit.text))
    await asyncio.sleep(begun + ANSWERED_AFTER - time.monotonic())
    return visit.go("/forgot/sent")


async def tell(visit: Visit) -> Response:
    """What happens now, whoever asked."""
    return visit.page("forgot_sent", minutes=(await visit.read(settings.public)).reset_link_minutes)


async def _demand_offer(visit: Visit) -> None:
    if not (await visit.read(settings.public)).password_reset_by_mail:
        raise NotFound("link", "")


def _pass_gate(visit: Visit) -> None:
    """One address cannot ask for ever."""
    gate, address = visit.console.gate, visit.caller.address
    try:
        gate.leave(gate.enter(address))
    except TurnedAway as error:
        raise TooManyAttempts("too many attempts from this address; wait a few minutes") from error
    gate.wasted(address)


ROUTES = [
    Route("/forgot", open_to_all(show)),
    Route("/forgot", open_to_all(ask), methods=["POST"]),
    Route("/forgot/sent", open_to_all(tell)),
]
