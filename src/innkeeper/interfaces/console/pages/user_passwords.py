"""An administrator's ways to a user's password: set one, have one made, send a link, invite again."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import password_links, passwords, settings, users
from innkeeper.domain.errors import ProofNeeded, Refused
from innkeeper.domain.passwords import may_use_link
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.interfaces.console.choosing import choice_of, refuse, weigh
from innkeeper.interfaces.console.confirmations import answered
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in
from innkeeper.kit.passwords import Password

FIELDS = ("password", "require_password_change", "in_dialog")

# Where the form opens over another page; answers to it come without that, so the form tells.
DIALOG = "#confirm-body"


async def ask(visit: Visit) -> Response:
    """The form for a new password, and what else may be done instead."""
    return await _page(visit, await _user(visit), Form({"require_password_change": ["yes"]}))


async def reset(visit: Visit) -> Response:
    """Set the password that was typed; every session of the user ends."""
    user, form = await _user(visit), Form(typed(await visit.form(), FIELDS))
    refused = await _set(visit, user, form, form.value("password"))
    return refused or _answer(
        visit, user, visit.text("The password of %(name)s was reset.", name=user.name or user.username)
    )


async def generate(visit: Visit) -> Response:
    """Set one that was made by chance, and show it this once."""
    user, form = await _user(visit), Form(typed(await visit.form(), FIELDS))
    text = await visit.read(passwords.suggest, user.id)
    refused = await _set(visit, user, form, text)
    return refused or visit.page(
        "password_made", user=user, secret=text, in_dialog=bool(form.value("in_dialog"))
    )


async def send_link(visit: Visit) -> Response:
    """Mail the user a link to a new password; until they use it, nothing changes."""
    user = await visit.write(password_links.send, UserId(visit.path("user")))
    return _answer(visit, user, visit.text("A link was sent to %(address)s.", address=user.email))


async def invite(visit: Visit) -> Response:
    """Mail the user the link to their first password once more."""
    user = await visit.write(password_links.invite, UserId(visit.path("user")))
    return _answer(visit, user, visit.text("An invitation was sent to %(address)s.", address=user.email))


async def _set(visit: Visit, user: User, form: Form, text: str) -> Response | None:
    """Set the password; the form again when it is refused."""
    must_change = bool(form.values("require_password_change"))
    password: Password | None = None
    try:
        password = await weigh(visit, text, await visit.read(passwords.background_of, user.id))
        await visit.write(passwords.reset, user.id, password, must_change=must_change)
    except ProofNeeded:
        raise
    except Refused as refused:
        return await _page(visit, user, refuse(visit, form, refused), refused, password)
    return None


async def _page(
    visit: Visit, user: User, form: Form, refused: Refused | None = None, password: Password | None = None
) -> Response:
    site = await visit.read(settings.public)
    return visit.page(
        "password",
        422 if refused else 200,
        user=user,
        form=form,
        in_dialog=visit.fragment == DIALOG or bool(form.value("in_dialog")),
        choice=choice_of(visit, site, refused, password),
        may_link=bool(user.email) and may_use_link(user, visit.console.rendering.clock()),
    )


async def _user(visit: Visit) -> User:
    return await visit.read(users.show, UserId(visit.path("user")))


def _answer(visit: Visit, user: User, notice: str) -> Response:
    return answered(visit, f"/users/{user.id}?tab=security", notice)


ROUTES = [
    Route("/users/{user}/password", signed_in(freshly_proved(ask))),
    Route("/users/{user}/password", signed_in(reset), methods=["POST"]),
    Route("/users/{user}/password/made", signed_in(generate), methods=["POST"]),
    Route("/users/{user}/password/link", signed_in(send_link), methods=["POST"]),
    Route("/users/{user}/invite", signed_in(invite), methods=["POST"]),
]
