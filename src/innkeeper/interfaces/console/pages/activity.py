"""The activity log: filter, columns by day, what changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import events
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Refused
from innkeeper.domain.queries import EventQuery
from innkeeper.interfaces.console import labels, stories
from innkeeper.interfaces.console.dates import end_of_day, start_of_day
from innkeeper.interfaces.console.days import columns_of, first_moments
from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.paths import linker, with_query, without
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in

PATH = "/activity"
FACETS = ("kind", "interface")
FIELDS = ("q", "user", "target", "from", "until")
SHOWN = 50


async def show(visit: Visit) -> Response:
    """The page, or the list alone."""
    asked = visit.request.query_params
    pairs = [(name, value) for name, value in asked.multi_items() if value]
    form = Form({name: [asked.get(name, "")] for name in FIELDS})
    chosen = {name: [value for value in asked.getlist(name) if value] for name in FACETS}
    try:
        query = _query(visit, form, chosen, asked)
    except Refused as refused:
        form.refuse(refused, visit.text, rename={"since": "from"})
        query = EventQuery(limit=SHOWN)
    seen = await visit.read(look, query, first_moments(visit))
    answer = visit.page(
        "activity",
        form=form,
        chosen=chosen,
        facets=_facets(visit),
        chips=_chips(visit, pairs, chosen, form),
        stories=[stories.tell(event, visit.text) for event in seen["events"].items],
        series=columns_of(visit, seen["per_day"]),
        link=linker(PATH, pairs, {}),
        next_cursor=seen["events"].next_cursor,
        cursor=query.cursor,
    )
    return address(answer, with_query(PATH, pairs, {}))


def look(call: Call, query: EventQuery, days: Sequence[datetime]) -> dict[str, Any]:
    """One page of events, and how many there were each day."""
    offset = int((days[-1].utcoffset() or timedelta()).total_seconds() // 60)
    return {
        "events": events.page(call, query),
        "per_day": events.per_day(call, query, days[0], offset_minutes=offset),
    }


def _query(visit: Visit, form: Form, chosen: dict[str, list[str]], asked: QueryParams) -> EventQuery:
    return EventQuery(
        text=form.value("q").strip(),
        user_id=form.value("user") or None,
        target_id=form.value("target") or None,
        kinds=tuple(kind for kind in chosen["kind"] if kind in stories.KINDS or kind in stories.SENTENCES),
        interface=next(iter(chosen["interface"]), ""),
        since=start_of_day(visit, "from", form.value("from")),
        until=end_of_day(visit, "until", form.value("until")),
        limit=SHOWN,
        cursor=asked.get("cursor") or None,
    )


def _facets(visit: Visit) -> list[tuple[str, str, list[tuple[str, str]]]]:
    kinds = [(kind, visit.text(name)) for kind, name in stories.KINDS.items()]
    doors = [
        (code, visit.text(name))
        for code, name in labels.INTERFACES.items()
        if code in ("sftp", "web", "api", "cli", "system")
    ]
    return [("kind", visit.text("Kind"), kinds), ("interface", visit.text("Door"), doors)]


def _chips(
    visit: Visit, pairs: list[tuple[str, str]], chosen: dict[str, list[str]], form: Form
) -> list[tuple[str, str]]:
    names = {(name, value): text for name, _, options in _facets(visit) for value, text in options}
    chips = [
        (names.get((name, value), value), without(PATH, pairs, name, value, {}))
        for name, values in chosen.items()
        for value in values
    ]
    if form.value("user"):
        chips.append((visit.text("One user"), without(PATH, pairs, "user", form.value("user"), {})))
    if form.value("target"):
        chips.append((visit.text("One thing"), without(PATH, pairs, "target", form.value("target"), {})))
    return chips


ROUTES = [Route(PATH, signed_in(show))]
