"""`/device`: a signed-in user types the code that a device shows, and lets it in or not (RFC 8628 §3.3)."""

from collections.abc import Callable
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import desktop
from innkeeper.domain.desktop import shown_code, user_code_in
from innkeeper.domain.errors import NotFound, Refused, Unauthenticated
from innkeeper.domain.texts import N_
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.owners import reader_of
from innkeeper.interfaces.console.patience import at_gate
from innkeeper.interfaces.console.visits import Visit, signed_in

T = TypeVar("T")
WRONG = N_("This code is wrong, used or older than ten minutes. Let the device show a new one.")
CONNECTIONS = "/account?tab=connections"


async def show(visit: Visit) -> Response:
    """The form for the code; with a code, the question whether its device may come in."""
    code = visit.query("user_code")
    if not code.strip():
        return visit.page("device", form=Form({"user_code": [""]}))
    try:
        grant = await _try(visit, visit.read, desktop.look, code)
    except Refused as refused:
        return _again(visit, code, refused)
    is_near = grant.address == visit.caller.address
    return visit.page("device_question", grant=grant, code=shown_code(grant.user_code), is_near=is_near)


async def approve(visit: Visit) -> Response:
    """Let it in."""
    code = Form(typed(await visit.form(), ("user_code",))).value("user_code")
    try:
        session = await _try(visit, visit.write, desktop.approve, code)
    except Refused as refused:
        return _again(visit, code, refused)
    notice = visit.text("%(client)s is connected. You can go back to it now.", client=session.client)
    return visit.go(CONNECTIONS, notice)


async def deny(visit: Visit) -> Response:
    """Keep it out."""
    code = Form(typed(await visit.form(), ("user_code",))).value("user_code")
    try:
        grant = await _try(visit, visit.write, desktop.deny, code)
    except Refused as refused:
        return _again(visit, code, refused)
    return visit.go(CONNECTIONS, visit.text("%(client)s was not let in.", client=grant.client_name))


async def _try(visit: Visit, run: Callable[..., Any], action: Callable[..., T], code: str) -> T:
    """Held to what the gate lets one address and one user guess; raises Unauthenticated for a wrong code."""

    async def found() -> T | None:
        try:
            result: T = await run(action, code)
        except NotFound:
            return None
        return result

    return await at_gate(visit, f"device code of {reader_of(visit).id}", found)


def _again(visit: Visit, code: str, refused: Refused) -> Response:
    if refused.code == "proof_needed":
        raise refused
    form = Form({"user_code": [shown_code(user_code_in(code)) if code else ""]})
    if isinstance(refused, Unauthenticated):
        form.errors["user_code"] = form.message = visit.text(WRONG)
    else:
        form.refuse(refused, visit.text)
    return visit.page("device", 422, form=form)


ROUTES = [
    Route("/device", signed_in(show)),
    Route("/device/approve", signed_in(approve), methods=["POST"]),
    Route("/device/deny", signed_in(deny), methods=["POST"]),
]
