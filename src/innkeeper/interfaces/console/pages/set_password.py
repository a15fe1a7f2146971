"""The page behind a link that came by mail: choose the first password, or a new one. Each link works once."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import password_links, settings
from innkeeper.actions.password_links import OpenLink
from innkeeper.domain.errors import NotFound, Refused
from innkeeper.interfaces.console.choosing import choice_of, refuse, weigh
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, open_to_all
from innkeeper.kit.passwords import Password


async def show(visit: Visit) -> Response:
    """The form, while the link is good."""
    try:
        link = await visit.read(password_links.open_link, visit.path("token"))
    except NotFound:
        return await _closed(visit)
    return await _page(visit, link, Form())


async def choose(visit: Visit) -> Response:
    """Set the password; then it takes a sign-in like any other, with a second factor where there is one."""
    token, form = visit.path("token"), Form(typed(await visit.form(), ("password",)))
    password: Password | None = None
    try:
        link, against = await visit.read(password_links.open_for_choice, token)
    except NotFound:
        return await _closed(visit)
    try:
        password = await weigh(visit, form.value("password"), against)
        await visit.write(password_links.set_password, token, password)
    except NotFound:
        return await _closed(visit)
    except Refused as refused:
        refuse(visit, form, refused)
        return await _page(visit, link, form, refused=refused, password=password)
    return visit.go("/sign-in", visit.text("Your password is set. Sign in with it now."))


async def _page(
    visit: Visit,
    link: OpenLink,
    form: Form,
    *,
    refused: Refused | None = None,
    password: Password | None = None,
) -> Response:
    site = await visit.read(settings.public)
    return visit.page(
        "set_password",
        422 if refused else 200,
        form=form,
        token=visit.path("token"),
        user=link.user,
        is_first=link.is_first,
        choice=choice_of(visit, site, refused, password),
    )


async def _closed(visit: Visit) -> Response:
    site = await visit.read(settings.public)
    return visit.page("link_closed", 404, may_ask=site.password_reset_by_mail)


ROUTES = [
    Route("/set-password/{token}", open_to_all(show)),
    Route("/set-password/{token}", open_to_all(choose), methods=["POST"]),
]
