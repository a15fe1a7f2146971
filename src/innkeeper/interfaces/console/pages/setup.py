"""First run: the link that the server printed makes the first administrator, once."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import settings, setup
from innkeeper.actions.web_desk import WebDesk
from innkeeper.domain.errors import NotFound, Refused
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.pages.sign_in import prove, welcome
from innkeeper.interfaces.console.times import zone_names
from innkeeper.interfaces.console.visits import Visit, open_to_all

PERSON = ("name", "email", "username")
SITE = ("site_name", "language", "time_zone")


async def show(visit: Visit) -> Response:
    """The form, while the link is good."""
    try:
        await visit.read(setup.check_link, visit.path("token"))
    except NotFound:
        return visit.page("setup_closed", 404)
    return await _page(
        visit, Form({"site_name": ["Innkeeper"], "language": [visit.reader.language], "time_zone": ["UTC"]})
    )


async def finish(visit: Visit) -> Response:
    """Make administrator and site, and sign them in."""
    data = await visit.form()
    form = Form(typed(data, (*PERSON, *SITE, "password")))
    person = {name: form.value(name) for name in PERSON} | {"password": form.value("password")}
    site = {name: form.value(name) for name in SITE}
    try:
        hashed = await visit.console.calls.hashed(person)
        await visit.write(setup.finish, visit.path("token"), hashed, site)
    except NotFound:
        return visit.page("setup_closed", 404)
    except Refused as refused:
        return await _page(visit, form.refuse(refused, visit.text), 422)
    attempt = await prove(visit, form.value("username"), form.value("password"))
    opened = await WebDesk(visit.console.calls).sign_in(attempt) if attempt else None
    notice = visit.text("The site is set up. Welcome.")
    return welcome(visit, opened, "/", notice) if opened else visit.go("/", notice)


async def _page(visit: Visit, form: Form, status: int = 200) -> Response:
    site = await visit.read(settings.public)
    return visit.page(
        "setup",
        status,
        form=form,
        minimum_length=site.password_minimum_length,
        languages=list(visit.console.rendering.languages.names().items()),
        zones=[(name, name.replace("_", " ")) for name in zone_names()],
    )


ROUTES = [
    Route("/setup/{token}", open_to_all(show)),
    Route("/setup/{token}", open_to_all(finish), methods=["POST"]),
]
