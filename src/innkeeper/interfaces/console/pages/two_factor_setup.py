"""Setting up one's own second factors: an app, codes by e-mail, a passkey, a security key."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import enrolment, key_enrolment
from innkeeper.actions.call import Call
from innkeeper.actions.enrolment import Begun, Enrolled
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.domain.errors import Invalid, NotFound, Problem, Refused
from innkeeper.domain.passkeys import EXPECTED, Wish
from innkeeper.domain.texts import N_
from innkeeper.domain.words import FactorId, UserId
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.owners import reader_of
from innkeeper.interfaces.console.pages.two_factor import HOME, file_name
from innkeeper.interfaces.console.qr_codes import qr_code
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in


@dataclass(frozen=True, slots=True)
class Way:
    """A second factor that shows codes: how it begins, and what it is called at first."""

    begin: Callable[[Call, UserId, str], Begun]
    name: str


WAYS = {
    "app": Way(enrolment.begin_app, N_("Authenticator app")),
    "email": Way(enrolment.begin_email, N_("E-mail")),
}
KEYS = {
    "passkey": (Wish.PASSKEY, N_("Passkey")),
    "security-key": (Wish.SECURITY_KEY, N_("Security key")),
}


async def explain(visit: Visit) -> Response:
    """What will be needed, before anything is made."""
    way = _known(visit, WAYS)
    return visit.page("two_factor_begin", way=way, email=reader_of(visit).email, form=Form())


async def begin(visit: Visit) -> Response:
    """Make the secret, or mail the code; show the form that takes a code."""
    way = _known(visit, WAYS)
    name = visit.text(WAYS[way].name)
    try:
        begun = await visit.write(WAYS[way].begin, reader_of(visit).id, name)
    except Refused as refused:
        form = Form().refuse(refused, visit.text)
        return visit.page("two_factor_begin", 422, way=way, email=reader_of(visit).email, form=form)
    return _code_page(visit, way, begun, Form({"name": [name]}))


async def confirm(visit: Visit) -> Response:
    """Take the code; from now on it counts."""
    way = _known(visit, WAYS)
    form = Form(typed(await visit.form(), ("name", "code")))
    factor_id = FactorId(visit.path("factor"))
    try:
        enrolled = await visit.write(
            enrolment.confirm, factor_id, form.value("code"), name=form.value("name")
        )
    except Invalid as refused:
        begun = await visit.write(enrolment.begun, factor_id)
        return _code_page(visit, way, begun, form.refuse(refused, visit.text), 422)
    return _done(visit, enrolled)


async def ask_for_key(visit: Visit) -> Response:
    """The form that has the browser make a key."""
    name = visit.text(KEYS[_known(visit, KEYS)][1])
    return await _key_page(visit, Form({"name": [name]}))


async def add_key(visit: Visit) -> Response:
    """Take what the browser made."""
    _known(visit, KEYS)
    form = Form(typed(await visit.form(), ("name", "credential", "challenge")))
    site = visit.relying_party
    try:
        if site is None or not form.value("credential"):
            raise Invalid(Problem("credential", None, EXPECTED))
        answer = KeyAnswer(form.value("credential"), form.value("challenge"), site)
        enrolled = await visit.write(
            key_enrolment.finish, reader_of(visit).id, answer, name=form.value("name")
        )
    except Refused as refused:
        named = Form({"name": [form.value("name")]})
        return await _key_page(visit, named.refuse(refused, visit.text), 422)
    return _done(visit, enrolled)


def _code_page(visit: Visit, way: str, begun: Begun, form: Form, status: int = 200) -> Response:
    drawn = qr_code(begun.otpauth_uri) if begun.otpauth_uri else ""
    return visit.page(
        "two_factor_code",
        status,
        way=way,
        begun=begun,
        qr_code=drawn,
        email=reader_of(visit).email,
        form=form,
    )


async def _key_page(visit: Visit, form: Form, status: int = 200) -> Response:
    way, site, offer = _known(visit, KEYS), visit.relying_party, None
    if site is not None:
        offer = await visit.write(key_enrolment.begin, reader_of(visit).id, KEYS[way][0], site)
    return visit.page("two_factor_key", status, way=way, offer=offer, form=form)


def _done(visit: Visit, enrolled: Enrolled) -> Response:
    """The first factor brings recovery codes, which no later page shows."""
    if enrolled.recovery_codes:
        return visit.page(
            "recovery_codes", codes=enrolled.recovery_codes, is_first=True, file_name=file_name(visit)
        )
    return visit.go(HOME, visit.text("“%(name)s” was added.", name=enrolled.factor.name))


def _known(visit: Visit, ways: dict[str, Way] | dict[str, tuple[Wish, str]]) -> str:
    way = visit.path("way")
    if way not in ways:
        raise NotFound("page", visit.request.url.path)
    return way


ROUTES = [
    Route(f"{HOME}/codes/{{way}}", signed_in(freshly_proved(explain))),
    Route(f"{HOME}/codes/{{way}}", signed_in(begin), methods=["POST"]),
    Route(f"{HOME}/codes/{{way}}/{{factor}}", signed_in(confirm), methods=["POST"]),
    Route(f"{HOME}/keys/{{way}}", signed_in(freshly_proved(ask_for_key))),
    Route(f"{HOME}/keys/{{way}}", signed_in(add_key), methods=["POST"]),
]
