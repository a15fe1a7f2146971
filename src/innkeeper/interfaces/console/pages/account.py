"""The reader's own account: profile. Keys and sessions are as on any user's page."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import users
from innkeeper.domain.errors import Refused
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.languages import locale_of
from innkeeper.interfaces.console.owners import reader_of
from innkeeper.interfaces.console.times import Times, zone_names, zone_of
from innkeeper.interfaces.console.visits import Visit, signed_in

FIELDS = ("name", "language", "time_zone")


async def ask_to_edit(visit: Visit) -> Response:
    """Name, language and time zone."""
    user = reader_of(visit)
    return _profile(visit, Form({name: [getattr(user, name)] for name in FIELDS}))


async def edit(visit: Visit) -> Response:
    """Save them; the next page is in the new language. Or only show how moments would look."""
    data = await visit.form()
    form = Form(typed(data, FIELDS))
    if data.get("look"):
        return _profile(visit, form)
    try:
        await visit.write(
            users.edit, reader_of(visit).id, {name: form.value(name).strip() for name in FIELDS}
        )
    except Refused as refused:
        return _profile(visit, form.refuse(refused, visit.text), 422)
    return visit.go("/account", visit.text("The changes were saved."))


def _profile(visit: Visit, form: Form, status: int = 200) -> Response:
    languages = visit.console.rendering.languages.names()
    site = visit.reader.site
    return visit.page(
        "account_form",
        status,
        form=form,
        user=reader_of(visit),
        site=site,
        example=_example(visit, form.value("language"), form.value("time_zone")),
        languages=[("", visit.text("Like the site")), *languages.items()],
        zones=[("", visit.text("Like the site")), *((name, name.replace("_", " ")) for name in zone_names())],
    )


def _example(visit: Visit, language: str, zone: str) -> str:
    """This moment, as someone with this language and zone reads it."""
    known = visit.console.rendering.languages.choose(language, visit.reader.site.language)
    times = Times(locale_of(known), zone_of(zone, visit.reader.site.time_zone), visit.times.now)
    return times.stamp(times.now)


ROUTES = [
    Route("/account/edit", signed_in(ask_to_edit)),
    Route("/account/edit", signed_in(edit), methods=["POST"]),
]
