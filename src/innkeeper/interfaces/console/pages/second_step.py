"""The second factor of a sign-in: a code, or a security key."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import settings
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.actions.web_desk import WebDesk
from innkeeper.domain.errors import Refused, Unauthenticated
from innkeeper.domain.texts import N_
from innkeeper.domain.words import FactorKind
from innkeeper.interfaces.console.cookies import drop_login, login_token
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.pages.sign_in import enter
from innkeeper.interfaces.console.patience import at_gate
from innkeeper.interfaces.console.visits import Visit, open_to_all

FIELDS = ("next", "code", "credential", "challenge", "trust")
TOO_LATE = N_("That took too long, or was tried too often. Sign in again.")


async def show(visit: Visit) -> Response:
    """The form for the second factor; back to the beginning when no attempt waits."""
    attempt = await _waiting(visit)
    if attempt is None:
        return _start_again(visit, visit.query("next"))
    return await _form(visit, attempt, Form({"next": [visit.query("next")]}))


async def prove(visit: Visit) -> Response:
    """Take the code or the key's answer, and open the session."""
    form = Form(typed(await visit.form(), FIELDS))
    attempt = await _waiting(visit)
    if attempt is None:
        return _start_again(visit, form.value("next"))
    attempt.trust_device = bool(form.value("trust"))
    try:
        await at_gate(visit, attempt.username, lambda: _prove(visit, attempt, form))
    except Refused as refused:
        if isinstance(refused, Unauthenticated) and await _waiting(visit) is None:
            return _start_again(visit, form.value("next"))
        return await _form(visit, attempt, form.refuse(refused, visit.text), 422)
    return await enter(visit, attempt, form, login_token(visit.request))


async def send_code(visit: Visit) -> Response:
    """Mail a code to the user of the waiting attempt."""
    form = Form(typed(await visit.form(), ("next",)))
    attempt = await _waiting(visit)
    if attempt is None:
        return _start_again(visit, form.value("next"))
    if FactorKind.EMAIL not in attempt.kinds:
        return await _form(visit, attempt, form)
    try:
        await WebDesk(visit.console.calls).send_code_for(attempt, login_token(visit.request) or "")
    except Refused as refused:
        return await _form(visit, attempt, form.refuse(refused, visit.text), 422)
    return visit.go(
        with_next("/sign-in/second", form.value("next")), visit.text("A code is on its way to your mailbox.")
    )


async def _prove(visit: Visit, attempt: Attempt, form: Form) -> Attempt | None:
    desk, site = WebDesk(visit.console.calls), visit.relying_party
    if form.value("credential"):
        answer = KeyAnswer(form.value("credential"), form.value("challenge"), site) if site else None
        is_right = answer is not None and await desk.prove_key(attempt, answer)
    else:
        is_right = await desk.prove_code(attempt, form.value("code"))
    if is_right:
        return attempt
    await desk.wrong_step(attempt, login_token(visit.request) or "")
    return None


async def _waiting(visit: Visit) -> Attempt | None:
    token = login_token(visit.request)
    return await WebDesk(visit.console.calls).resume(visit.browser, token) if token else None


async def _form(visit: Visit, attempt: Attempt, form: Form, status: int = 200) -> Response:
    offer, site = None, visit.relying_party
    if FactorKind.WEBAUTHN in attempt.kinds and site is not None:
        offer = await WebDesk(visit.console.calls).key_options(attempt, visit.browser, site)
    days = (await visit.read(settings.public)).remember_device_days
    kinds = {kind.value for kind in attempt.kinds}
    return visit.page("second_step", status, form=form, kinds=kinds, offer=offer, days=days)


def _start_again(visit: Visit, wanted: str) -> Response:
    answer = visit.go(with_next("/sign-in", wanted), visit.text(TOO_LATE))
    drop_login(answer, visit.request)
    return answer


def with_next(path: str, wanted: str) -> str:
    """An address of the sign-in that remembers where the reader wanted to go."""
    return f"{path}?{urlencode({'next': wanted})}" if wanted else path


ROUTES = [
    Route("/sign-in/second", open_to_all(show)),
    Route("/sign-in/second", open_to_all(prove), methods=["POST"]),
    Route("/sign-in/second/code", open_to_all(send_code), methods=["POST"]),
]
