"""Clone a user: who the new one is; everything else comes from the model."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import users
from innkeeper.domain.errors import Refused
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, signed_in

FIELDS = ("username", "name", "email", "password")


async def ask_for_clone(visit: Visit) -> Response:
    """The form."""
    return _page(visit, await _model(visit), Form())


async def clone(visit: Visit) -> Response:
    """Make the new user."""
    model = await _model(visit)
    form = Form(typed(await visit.form(), FIELDS))
    wanted = {name: form.value(name).strip() for name in FIELDS[:3]} | {
        "password": form.value("password") or None
    }
    try:
        made = await visit.write(users.clone, model.id, await visit.console.calls.hashed(wanted))
    except Refused as refused:
        return _page(visit, model, form.refuse(refused, visit.text), 422)
    return visit.go(f"/users/{made.id}", visit.text("%(name)s was added.", name=made.name or made.username))


async def _model(visit: Visit) -> User:
    return await visit.read(users.show, UserId(visit.path("user")))


def _page(visit: Visit, model: User, form: Form, status: int = 200) -> Response:
    return visit.page("clone", status, model=model, form=form)


ROUTES = [
    Route("/users/{user}/clone", signed_in(ask_for_clone)),
    Route("/users/{user}/clone", signed_in(clone), methods=["POST"]),
]
