"""Sessions and open connections on a user's page: end one, end all."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import connections, sessions
from innkeeper.domain.words import ConnectionId, SessionId
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.owners import owner_of, reader_of
from innkeeper.interfaces.console.visits import Visit, signed_in


async def end_session(visit: Visit) -> Response:
    """End one sign-in and whatever it opened."""
    await visit.write(sessions.end, SessionId(visit.path("session")))
    return await owners.done(visit, owner_of(visit), "connections", visit.text("The session was ended."))


async def end_others(visit: Visit) -> Response:
    """End every sign-in but this one."""
    owner = owner_of(visit)
    await visit.write(sessions.end_others, owner.id, interface="web", reason="revoked")
    return await owners.done(visit, owner, "connections", visit.text("Your other sessions were ended."))


async def end_connection(visit: Visit) -> Response:
    """End one open connection."""
    await visit.write(connections.end, ConnectionId(visit.path("connection")))
    return await owners.done(
        visit, owner_of(visit), "connections", visit.text("The connection is being ended.")
    )


async def ask_to_end_all(visit: Visit) -> Response:
    """The question before every session ends."""
    owner = owner_of(visit)
    is_self = owner.id == reader_of(visit).id
    question = Question(
        title=visit.text("End every session?"),
        texts=[
            visit.text("You are signed out here too, and on every other device.")
            if is_self
            else visit.text("They are signed out everywhere at once. They can sign in again.")
        ],
        verb=visit.text("End all"),
        action=f"{owner.base}/sessions/end",
        back=f"{owner.base}?tab=connections",
    )
    return ask(visit, question)


async def end_all(visit: Visit) -> Response:
    """End every sign-in and connection of the user."""
    owner = owner_of(visit)
    await visit.write(sessions.end_all, owner.id)
    return answered(visit, f"{owner.base}?tab=connections", visit.text("Every session was ended."))


async def ask_to_end_desktops(visit: Visit) -> Response:
    """The question before every desktop connection ends."""
    owner = owner_of(visit)
    question = Question(
        title=visit.text("End every desktop connection?"),
        texts=[visit.text("Each of these devices has to be let in again by a code.")],
        verb=visit.text("End all"),
        action=f"{owner.base}/desktop/end",
        back=f"{owner.base}?tab=connections",
    )
    return ask(visit, question)


async def end_desktops(visit: Visit) -> Response:
    """End every desktop connection of the user."""
    owner = owner_of(visit)
    await visit.write(sessions.end_all, owner.id, interface="desktop")
    return answered(visit, f"{owner.base}?tab=connections", visit.text("Every desktop connection was ended."))


ROUTES = [
    route
    for base in ("/users/{user}", "/account")
    for route in (
        Route(f"{base}/sessions/{{session}}/end", signed_in(end_session), methods=["POST"]),
        Route(f"{base}/connections/{{connection}}/end", signed_in(end_connection), methods=["POST"]),
        Route(f"{base}/sessions/end", signed_in(ask_to_end_all)),
        Route(f"{base}/sessions/end", signed_in(end_all), methods=["POST"]),
        Route(f"{base}/sessions/end-others", signed_in(end_others), methods=["POST"]),
        Route(f"{base}/desktop/end", signed_in(ask_to_end_desktops)),
        Route(f"{base}/desktop/end", signed_in(end_desktops), methods=["POST"]),
    )
]
