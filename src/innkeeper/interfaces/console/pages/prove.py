"""Showing again who one is, before a sensitive change."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions.attempts import Attempt
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.actions.web_desk import WebDesk
from innkeeper.domain.errors import Refused
from innkeeper.domain.words import FactorKind
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.paths import own_path
from innkeeper.interfaces.console.patience import at_gate
from innkeeper.interfaces.console.visits import Visit, signed_in

FIELDS = ("next", "password", "code", "credential", "challenge")


async def show(visit: Visit) -> Response:
    """What the reader may show: the password, or a second factor."""
    return await _form(visit, Form({"next": [visit.query("next")]}))


async def prove(visit: Visit) -> Response:
    """Take it, and go back to where the proof was asked for."""
    form = Form(typed(await visit.form(), FIELDS))
    try:
        await at_gate(visit, visit.reader.actor.name, lambda: _prove(visit, form))
    except Refused as refused:
        return await _form(visit, form.refuse(refused, visit.text), 422)
    return visit.go(own_path(form.value("next"), visit.request))


async def _prove(visit: Visit, form: Form) -> Attempt | None:
    desk, site = WebDesk(visit.console.calls), visit.relying_party
    attempt = await desk.begin_again(visit.caller)
    if form.value("credential"):
        answer = KeyAnswer(form.value("credential"), form.value("challenge"), site) if site else None
        is_right = answer is not None and await desk.prove_key(attempt, answer)
    elif form.value("code"):
        is_right = await desk.prove_code(attempt, form.value("code"))
    else:
        is_right = await desk.prove_password(attempt, form.value("password"))
    if is_right and await desk.finish_again(visit.caller, attempt):
        return attempt
    await desk.fail(attempt)
    return None


async def _form(visit: Visit, form: Form, status: int = 200) -> Response:
    desk, site = WebDesk(visit.console.calls), visit.relying_party
    attempt = await desk.begin_again(visit.caller)
    offer = None
    if FactorKind.WEBAUTHN in attempt.kinds and site is not None:
        offer = await desk.key_options(attempt, visit.browser, site)
    return visit.page(
        "prove",
        status,
        form=form,
        kinds={kind.value for kind in attempt.kinds},
        has_password=attempt.password_hash is not None,
        offer=offer,
        back=own_path(form.value("next"), visit.request),
    )


ROUTES = [
    Route("/prove", signed_in(show)),
    Route("/prove", signed_in(prove), methods=["POST"]),
]
