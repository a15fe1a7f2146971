"""Who is connected at this moment, through which door; and the end of it."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import connections
from innkeeper.actions.call import Call
from innkeeper.domain.rights import Right
from innkeeper.domain.sessions import Connection
from innkeeper.domain.words import ConnectionId, Protocol, UserId
from innkeeper.interfaces.console.confirmations import Question, ask
from innkeeper.interfaces.console.labels import INTERFACES
from innkeeper.interfaces.console.paths import linker, with_query
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in
from innkeeper.kit.paging import Page

PATH = "/connections"
SHOWN = 100


async def show(visit: Visit) -> Response:
    """The list, which looks again by itself."""
    pairs = _pairs(visit)
    found, names = await visit.read(_found, _where(visit), visit.query("cursor") or None)
    answer = visit.page(
        "connections",
        found=found,
        names=names,
        doors=[(door.value, visit.text(INTERFACES[door.value])) for door in Protocol],
        chosen=visit.query("door"),
        from_address=visit.query("address"),
        user=visit.query("user"),
        is_narrowed=bool(pairs),
        here=with_query(PATH, pairs, {}),
        end_all=with_query(f"{PATH}/end", pairs, {}),
        link=linker(PATH, pairs, {}),
        cursor=visit.query("cursor"),
        may_end=visit.reader.may(Right.SESSION_END),
    )
    return address(answer, with_query(PATH, pairs, {}))


async def end(visit: Visit) -> Response:
    """End one."""
    await visit.write(connections.end, ConnectionId(visit.path("connection")))
    return visit.go(PATH, visit.text("The connection is ended."))


async def ask_to_end_all(visit: Visit) -> Response:
    """The question before all that the list shows are ended."""
    pairs = _pairs(visit)
    question = Question(
        title=visit.text("End all of these connections?"),
        texts=[visit.text("Transfers stop in the middle. People who may still come in can connect again.")],
        verb=visit.text("End all"),
        action=with_query(f"{PATH}/end", pairs, {}),
        back=with_query(PATH, pairs, {}),
    )
    return ask(visit, question)


async def end_all(visit: Visit) -> Response:
    """End those that the list was narrowed to."""
    ended = await visit.write(connections.end_all, **_where(visit))
    return visit.go(PATH, visit.text("%(number)s connections are ended.", number=ended))


def _found(call: Call, where: dict[str, Any], cursor: str | None) -> tuple[Page[Connection], dict[str, str]]:
    page = connections.page(call, **where, limit=SHOWN, cursor=cursor)
    return page, connections.usernames(call, page.items)


def _where(visit: Visit) -> dict[str, Any]:
    user, door, from_address = visit.query("user"), visit.query("door"), visit.query("address").strip()
    return {
        "user_id": UserId(user) if user else None,
        "interface": door if door in set(Protocol) else None,
        "address": from_address or None,
    }


def _pairs(visit: Visit) -> list[tuple[str, str]]:
    return [(name, visit.query(name)) for name in ("user", "door", "address") if visit.query(name)]


ROUTES = [
    Route(PATH, signed_in(show)),
    Route(f"{PATH}/end", signed_in(ask_to_end_all)),
    Route(f"{PATH}/end", signed_in(end_all), methods=["POST"]),
    Route(f"{PATH}/{{connection}}/end", signed_in(end), methods=["POST"]),
]
