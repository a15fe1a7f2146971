"""Second factors on another user's page: all of them taken away, for whoever lost theirs."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import factor_removal, users
from innkeeper.domain.errors import Refused
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in


async def ask_to_reset(visit: Visit) -> Response:
    """The question before everything goes."""
    return ask(visit, _resetting(visit, await _user(visit)))


async def reset(visit: Visit) -> Response:
    """Take all second factors away; every session of the user ends."""
    user = await _user(visit)
    try:
        await visit.write(factor_removal.reset, user.id)
    except Refused as refused:
        return ask(visit, _resetting(visit, user), Form().refuse(refused, visit.text))
    notice = visit.text("The second factors of %(name)s were removed.", name=user.name or user.username)
    return answered(visit, f"/users/{user.id}?tab=security", notice)


def _resetting(visit: Visit, user: User) -> Question:
    return Question(
        title=visit.text("Reset two-factor of %(name)s?", name=user.name or user.username),
        texts=[
            visit.text("All their second factors and recovery codes go, and they are signed out everywhere."),
            visit.text(
                "Until they set up a new one, their password alone is enough. Be sure who asks you for this."
            ),
        ],
        verb=visit.text("Reset two-factor"),
        action=f"/users/{user.id}/reset-2fa",
        back=f"/users/{user.id}?tab=security",
    )


async def _user(visit: Visit) -> User:
    return await visit.read(users.show, UserId(visit.path("user")))


ROUTES = [
    Route("/users/{user}/reset-2fa", signed_in(freshly_proved(ask_to_reset))),
    Route("/users/{user}/reset-2fa", signed_in(reset), methods=["POST"]),
]
