"""The site's settings, but for those of signing in, which have a page of their own."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import settings
from innkeeper.domain.errors import Refused
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.settings import SiteSettings
from innkeeper.interfaces.console.forms import Form, number, typed
from innkeeper.interfaces.console.times import zone_names
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in

TEXTS = ("site_name", "language", "time_zone", "home_pattern")
NUMBERS = ("home_quota_mb", "brake_percent", "brake_users")
FIELDS = (*TEXTS, *NUMBERS)


async def show(visit: Visit) -> Response:
    """The form as the site stands. Who may only look needs no fresh proof."""
    return await (freshly_proved(_show) if _may_edit(visit) else _show)(visit)


async def save(visit: Visit) -> Response:
    """Save all of it."""
    form = Form(typed(await visit.form(), FIELDS))
    try:
        await visit.write(settings.edit, _values(form))
    except Refused as refused:
        return _page(visit, form.refuse(refused, visit.text), 422)
    return visit.go("/settings", visit.text("The settings were saved."))


async def _show(visit: Visit) -> Response:
    return _page(visit, _filled(await visit.read(settings.show)))


def _page(visit: Visit, form: Form, status: int = 200) -> Response:
    return visit.page(
        "settings",
        status,
        form=form,
        sends_mail=visit.console.sends_mail,
        languages=list(visit.console.rendering.languages.names().items()),
        zones=[(name, name.replace("_", " ")) for name in zone_names()],
        may_edit=_may_edit(visit),
    )


def _may_edit(visit: Visit) -> bool:
    return visit.reader.may(Right.SETTINGS_EDIT, Reach.ANYONE)


def _filled(site: SiteSettings) -> Form:
    return Form({name: [str(getattr(site, name) or "")] for name in (*TEXTS, *NUMBERS)})


def _values(form: Form) -> dict[str, Any]:
    texts: dict[str, Any] = {name: form.value(name).strip() for name in TEXTS}
    return texts | {name: number(form.value(name)) for name in NUMBERS}


ROUTES = [Route("/settings", signed_in(show)), Route("/settings", signed_in(save), methods=["POST"])]
