"""Sign in with a password or a passkey, and out. The page says the same whatever was wrong."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import sessions, settings
from innkeeper.actions.attempts import Attempt, SignedIn
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.actions.web_desk import WebDesk
from innkeeper.domain.errors import Refused, Unauthenticated
from innkeeper.domain.fields import username_key
from innkeeper.interfaces.console.cookies import (
    drop_login,
    drop_session,
    keep_device,
    keep_login,
    keep_session,
)
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.paths import own_path
from innkeeper.interfaces.console.patience import Tried, at_gate, hold_back
from innkeeper.interfaces.console.visits import Visit, open_to_all, signed_in

FIELDS = ("username", "next")


async def show(visit: Visit) -> Response:
    """The form."""
    return await _form(visit, Form({"next": [visit.query("next")]}))


async def sign_in(visit: Visit) -> Response:
    """Prove the password; then open the session, or ask for the second factor."""
    data = await visit.form()
    form = Form(typed(data, FIELDS))
    username, password = form.value("username").strip(), str(data.get("password", ""))
    try:
        attempt = await at_gate(visit, username, lambda: prove(visit, username, password))
    except Refused as refused:
        return await _form(visit, form.refuse(refused, visit.text), 422)
    if attempt.owed():
        return await _wait(visit, attempt, form.value("next"))
    return await enter(visit, attempt, form)


async def sign_in_by_passkey(visit: Visit) -> Response:
    """Take what a passkey answered; it stands for password and second factor."""
    form = Form(typed(await visit.form(), ("credential", "challenge", "next")))
    try:
        attempt = await at_gate(visit, "", lambda: prove_passkey(visit, form))
    except Refused as refused:
        return await _form(visit, Form({"next": [form.value("next")]}).refuse(refused, visit.text), 422)
    return await enter(visit, attempt, Form({"next": [form.value("next")]}))


async def sign_out(visit: Visit) -> Response:
    """End the session and forget it."""
    await visit.write(sessions.end_own)
    answer = visit.go("/sign-in", visit.text("You are signed out."))
    drop_session(answer, visit.request)
    return answer


async def prove(visit: Visit, username: str, password: str) -> Tried:
    """Whether this is the password; what was wrong goes to the log only."""
    desk = WebDesk(visit.console.calls)
    attempt = await desk.begin(visit.browser, username)
    if await desk.prove_password(attempt, password):
        return attempt
    await desk.fail(attempt)
    return None


async def prove_passkey(visit: Visit, form: Form) -> Tried:
    """The attempt of whoever's passkey answered."""
    site = visit.relying_party
    if site is None:
        return None
    answer = KeyAnswer(form.value("credential"), form.value("challenge"), site)
    return await WebDesk(visit.console.calls).prove_passkey(visit.browser, answer)


async def enter(visit: Visit, attempt: Attempt, form: Form, waiting: str | None = None) -> Response:
    """Open the session and go where the reader wanted to; the form again when that is refused."""
    opened = await WebDesk(visit.console.calls).sign_in(attempt, waiting)
    if opened is None or opened.token is None:
        await hold_back(visit, attempt.username)
        return await _form(visit, form.refuse(Unauthenticated(), visit.text), 422)
    visit.console.gate.succeeded(visit.caller.address, username_key(attempt.username))
    return welcome(visit, opened, form.value("next"))


def welcome(visit: Visit, opened: SignedIn, wanted: str, notice: str = "") -> Response:
    """The way in, with the session for the browser and what it is known by."""
    answer = visit.go(own_path(wanted, visit.request), notice)
    keep_session(answer, opened.token or "", secure=visit.is_secure)
    if opened.device_token:
        keep_device(answer, opened.device_token, secure=visit.is_secure)
    drop_login(answer, visit.request)
    return answer


async def _wait(visit: Visit, attempt: Attempt, wanted: str) -> Response:
    token = await WebDesk(visit.console.calls).park(attempt)
    answer = visit.go(f"/sign-in/second?{urlencode({'next': wanted})}" if wanted else "/sign-in/second")
    keep_login(answer, token, secure=visit.is_secure)
    return answer


async def _form(visit: Visit, form: Form, status: int = 200) -> Response:
    offer, site, rules = None, visit.relying_party, await visit.read(settings.public)
    if site is not None and rules.passkey_sign_in:
        offer = await WebDesk(visit.console.calls).key_options(None, visit.browser, site)
    may_ask = rules.password_reset_by_mail
    return visit.page("sign_in", status, form=form, offer=offer, may_ask=may_ask)


ROUTES = [
    Route("/sign-in", open_to_all(show)),
    Route("/sign-in", open_to_all(sign_in), methods=["POST"]),
    Route("/sign-in/passkey", open_to_all(sign_in_by_passkey), methods=["POST"]),
    Route("/sign-out", signed_in(sign_out), methods=["POST"]),
]
