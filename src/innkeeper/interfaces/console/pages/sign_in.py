"""Sign in and out. The page says the same whatever was wrong."""

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import logins, sessions
from innkeeper.actions.logins import SignedIn
from innkeeper.domain.errors import Refused, TooManyAttempts, Unauthenticated
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.interfaces.console.cookies import drop_session, keep_session
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.paths import own_path
from innkeeper.interfaces.console.visits import Visit, open_to_all, signed_in
from innkeeper.kit.gate import TurnedAway
from innkeeper.kit.passwords import TooBusy

FIELDS = ("username", "next")


async def show(visit: Visit) -> Response:
    """The form."""
    return visit.page("sign_in", form=Form({"next": [visit.query("next")]}))


async def sign_in(visit: Visit) -> Response:
    """Prove the password, open the session, and go where the reader wanted to."""
    data = await visit.form()
    form = Form(typed(data, FIELDS))
    try:
        opened = await prove_at_gate(visit, form.value("username").strip(), str(data.get("password", "")))
        if opened is None or opened.token is None:
            raise Unauthenticated
    except Refused as refused:
        return visit.page("sign_in", 422, form=form.refuse(refused, visit.text))
    answer = visit.go(own_path(form.value("next"), visit.request))
    keep_session(answer, opened.token, secure=visit.is_secure)
    return answer


async def sign_out(visit: Visit) -> Response:
    """End the session and forget it."""
    await visit.write(sessions.end_own)
    answer = visit.go("/sign-in", visit.text("You are signed out."))
    drop_session(answer, visit.request)
    return answer


async def prove(visit: Visit, username: str, password: str) -> SignedIn | None:
    """A new session, or None; what was wrong goes to the log only."""
    attempt = await visit.read(logins.begin, username)
    if await visit.console.calls.hasher.verify(attempt.password_hash, password):
        attempt.shown |= {Proof.PASSWORD}
        return await visit.write(logins.finish, attempt)
    await visit.write(logins.fail, attempt, attempt.failure or WhyNot.WRONG_PASSWORD)
    return None


async def prove_at_gate(visit: Visit, username: str, password: str) -> SignedIn | None:
    """The same, held to what the gate lets one address try; raises TooManyAttempts."""
    gate, address = visit.console.gate, visit.caller.address
    try:
        ticket = gate.enter(address)
    except TurnedAway as error:
        raise TooManyAttempts("too many attempts from this address; wait a few minutes") from error
    try:
        opened = await prove(visit, username, password)
        if opened is None:
            await asyncio.sleep(gate.failed(address, username))
        else:
            gate.succeeded(address, username)
    except TooBusy as error:
        raise TooManyAttempts("the server is busy checking passwords; try again in a moment") from error
    finally:
        gate.leave(ticket)
    return opened


ROUTES = [
    Route("/sign-in", open_to_all(show)),
    Route("/sign-in", open_to_all(sign_in), methods=["POST"]),
    Route("/sign-out", signed_in(sign_out), methods=["POST"]),
]
