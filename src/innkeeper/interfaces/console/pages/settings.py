"""The site's settings on one page."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import settings
from innkeeper.domain.errors import Refused
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.words import Protocol
from innkeeper.interfaces.console import labels
from innkeeper.interfaces.console.forms import Form, typed, words
from innkeeper.interfaces.console.times import zone_names
from innkeeper.interfaces.console.visits import Visit, signed_in

TEXTS = ("site_name", "language", "time_zone")
NUMBERS = (
    "password_minimum_length",
    "password_validity_days",
    "lockout_attempts",
    "lockout_minutes",
    "session_idle_minutes",
    "session_hours",
    "brake_percent",
    "brake_users",
)
FIELDS = (*TEXTS, *NUMBERS, "protocols", "allowed_ips")


async def show(visit: Visit) -> Response:
    """The form as the site stands."""
    return _page(visit, _filled(await visit.read(settings.show)))


async def save(visit: Visit) -> Response:
    """Save all of it."""
    form = Form(typed(await visit.form(), FIELDS))
    try:
        await visit.write(settings.edit, _values(form))
    except Refused as refused:
        return _page(visit, form.refuse(refused, visit.text), 422)
    return visit.go("/settings", visit.text("The settings were saved."))


def _page(visit: Visit, form: Form, status: int = 200) -> Response:
    return visit.page(
        "settings",
        status,
        form=form,
        languages=list(visit.console.rendering.languages.names().items()),
        zones=[(name, name.replace("_", " ")) for name in zone_names()],
        protocols=[(protocol.value, visit.text(labels.PROTOCOLS[protocol.value])) for protocol in Protocol],
        may_edit=visit.reader.may(Right.SETTINGS_EDIT, Reach.ANYONE),
        address=visit.caller.address,
    )


def _filled(site: SiteSettings) -> Form:
    shown = {name: [str(getattr(site, name) or "")] for name in (*TEXTS, *NUMBERS)}
    return Form({**shown, "protocols": list(site.protocols), "allowed_ips": ["\n".join(site.allowed_ips)]})


def _values(form: Form) -> dict[str, Any]:
    numbers = {name: _number(form.value(name)) for name in NUMBERS}
    texts = {name: form.value(name).strip() for name in TEXTS}
    return {
        **texts,
        **numbers,
        "protocols": list(form.values("protocols")),
        "allowed_ips": words(form.value("allowed_ips")),
    }


def _number(text: str) -> int | str | None:
    """A whole number, or the text itself for the domain to refuse by name."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 10 else text or None


ROUTES = [Route("/settings", signed_in(show)), Route("/settings", signed_in(save), methods=["POST"])]
