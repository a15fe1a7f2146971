"""Every key of the site, for those who look after users: which are unused, about to end, old or shared."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import key_lists
from innkeeper.actions.call import Call
from innkeeper.domain.lifetimes import KeyView
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.interfaces.console.paths import linker, with_query
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in

PATH = "/keys"
DEFAULTS = {"kind": "ssh", "view": "all"}
KINDS = {
    "ssh": (key_lists.ssh_keys, key_lists.count_ssh_keys),
    "api": (key_lists.api_keys, key_lists.count_api_keys),
}
SHOWN = 50


async def show(visit: Visit) -> Response:
    """One kind of keys, narrowed to a view and by words."""
    asked = visit.request.query_params
    pairs = [(name, value) for name, value in asked.multi_items() if value]
    kind = asked.get("kind", "ssh") if asked.get("kind") in KINDS else "ssh"
    view = KeyView(asked["view"]) if asked.get("view") in set(KeyView) else KeyView.ALL
    text = asked.get("q", "").strip()
    query = KeyQuery(text=text, view=view, limit=SHOWN, cursor=asked.get("cursor") or None)
    shown = await visit.read(look, kind, query)
    answer = visit.page(
        "keys",
        kind=kind,
        view=view.value,
        text=text,
        views=_views(visit),
        link=linker(PATH, pairs, DEFAULTS),
        cursor=query.cursor,
        **shown,
    )
    return address(answer, with_query(PATH, pairs, DEFAULTS))


def look(call: Call, kind: str, query: KeyQuery) -> dict[str, Any]:
    """A page of keys, and how many each view holds. Who shares a key is told to those who see everyone."""
    find, count = KINDS[kind]
    sees_shared = kind == "ssh" and reach(call.actor, Right.CREDENTIAL_READ) is Reach.ANYONE
    views = [view for view in KeyView if view is not KeyView.SHARED or sees_shared]
    return {"found": find(call, query), "counts": count(call, query.text, views)}


def _views(visit: Visit) -> list[tuple[str, str]]:
    return [
        ("all", visit.text("All")),
        ("unused", visit.text("Unused")),
        ("expiring", visit.text("Ending soon")),
        ("old", visit.text("Old")),
        ("shared", visit.text("Shared")),
    ]


ROUTES = [Route(PATH, signed_in(show))]
