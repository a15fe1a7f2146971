"""Suspend, reactivate, unlock, delete, restore: each asks first and says what follows."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import users
from innkeeper.domain.errors import Invalid, Problem, Refused
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in


async def ask_to_suspend(visit: Visit) -> Response:
    """The question before a user is out."""
    return ask(visit, _suspending(visit, await _user(visit)))


async def suspend(visit: Visit) -> Response:
    """Out at once, with the reason kept."""
    user = await _user(visit)
    form = Form(typed(await visit.form(), ("reason",)))
    try:
        await visit.write(users.suspend, user.id, reason=form.value("reason").strip())
    except Refused as refused:
        return ask(visit, _suspending(visit, user), form.refuse(refused, visit.text))
    return answered(visit, _page(user), visit.text("%(name)s is suspended.", name=_name(user)))


async def ask_to_reactivate(visit: Visit) -> Response:
    """The question before a user may be in again."""
    user = await _user(visit)
    question = Question(
        title=visit.text("Reactivate %(name)s?", name=_name(user)),
        texts=[visit.text("They can sign in again at once. Sessions that were ended stay ended.")],
        verb=visit.text("Reactivate"),
        action=f"{_page(user)}/reactivate",
        back=_page(user),
        is_danger=False,
    )
    return ask(visit, question)


async def reactivate(visit: Visit) -> Response:
    """In again."""
    user = await visit.write(users.reactivate, _id(visit))
    return answered(visit, _page(user), visit.text("%(name)s is active again.", name=_name(user)))


async def unlock(visit: Visit) -> Response:
    """Forget the wrong passwords."""
    user = await visit.write(users.unlock, _id(visit))
    return answered(visit, _page(user), visit.text("%(name)s is unlocked.", name=_name(user)))


async def ask_to_delete(visit: Visit) -> Response:
    """The question before the recycle bin; the user name must be typed."""
    return ask(visit, _deleting(visit, await _user(visit)))


async def delete(visit: Visit) -> Response:
    """To the recycle bin."""
    user = await _user(visit)
    form = Form(typed(await visit.form(), ("typed",)))
    try:
        if form.value("typed").strip().casefold() != user.username.casefold():
            expected = Text("the user name %(username)s", {"username": user.username})
            raise Invalid(Problem("typed", form.value("typed"), expected))
        await visit.write(users.delete, user.id)
    except Refused as refused:
        return ask(visit, _deleting(visit, user), form.refuse(refused, visit.text))
    return answered(visit, _page(user), visit.text("%(name)s is in the recycle bin.", name=_name(user)))


async def restore(visit: Visit) -> Response:
    """Back from the recycle bin, whole."""
    user = await visit.write(users.restore, _id(visit))
    return answered(visit, _page(user), visit.text("%(name)s is restored.", name=_name(user)))


def _suspending(visit: Visit, user: User) -> Question:
    return Question(
        title=visit.text("Suspend %(name)s?", name=_name(user)),
        texts=[
            visit.text("They are signed out everywhere at once and cannot sign in."),
            visit.text("Files, keys, groups and permissions stay, so you can reactivate them later."),
        ],
        verb=visit.text("Suspend"),
        action=f"{_page(user)}/suspend",
        back=_page(user),
        reason_label=visit.text("Reason"),
    )


def _deleting(visit: Visit, user: User) -> Question:
    return Question(
        title=visit.text("Delete %(name)s?", name=_name(user)),
        texts=[
            visit.text("They are signed out everywhere at once and cannot sign in."),
            visit.text("They wait in the recycle bin with all they have, and can be restored from there."),
        ],
        verb=visit.text("Delete"),
        action=f"{_page(user)}/delete",
        back=_page(user),
        typed_label=visit.text("Type the user name %(name)s to go on", name=user.username),
    )


async def _user(visit: Visit) -> User:
    return await visit.read(users.show, _id(visit))


def _id(visit: Visit) -> UserId:
    return UserId(visit.path("user"))


def _page(user: User) -> str:
    return f"/users/{user.id}"


def _name(user: User) -> str:
    return user.name or user.username


ROUTES = [
    Route("/users/{user}/suspend", signed_in(ask_to_suspend)),
    Route("/users/{user}/suspend", signed_in(suspend), methods=["POST"]),
    Route("/users/{user}/reactivate", signed_in(ask_to_reactivate)),
    Route("/users/{user}/reactivate", signed_in(reactivate), methods=["POST"]),
    Route("/users/{user}/unlock", signed_in(unlock), methods=["POST"]),
    Route("/users/{user}/delete", signed_in(freshly_proved(ask_to_delete))),
    Route("/users/{user}/delete", signed_in(delete), methods=["POST"]),
    Route("/users/{user}/restore", signed_in(restore), methods=["POST"]),
]
