"""The reader's own password: change it, whether they want to or have to."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import passwords, settings
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.web_desk import WebDesk
from innkeeper.domain.errors import Invalid, NotNow, Problem, Refused, Unauthenticated
from innkeeper.domain.passwords import days_left
from innkeeper.domain.words import Duty
from innkeeper.interfaces.console.choosing import choice_of, refuse, weigh
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.owners import reader_of
from innkeeper.interfaces.console.patience import at_gate
from innkeeper.interfaces.console.visits import Visit, signed_in
from innkeeper.kit.passwords import Password


async def show(visit: Visit) -> Response:
    """The form for a new password."""
    _demand_password(visit)
    return await _page(visit, Form())


async def change(visit: Visit) -> Response:
    """Prove the old one, which is as good as a fresh proof, and take the new one; other sessions end."""
    _demand_password(visit)
    form = Form(typed(await visit.form(), ("old_password", "password")))
    password: Password | None = None
    try:
        attempt = await _prove(visit, form.value("old_password"))
        against = await visit.read(passwords.background_of, reader_of(visit).id)
        password = await weigh(visit, form.value("password"), against)
        await visit.write(passwords.change_own, password, old_hash=attempt.password_hash)
    except Refused as refused:
        return await _page(visit, refuse(visit, form, refused), refused, password)
    return visit.go(
        "/account?tab=security", visit.text("Your password was changed. Your other sessions have ended.")
    )


def _demand_password(visit: Visit) -> None:
    if reader_of(visit).password_hash is None:
        raise NotNow("you have no password that could be changed here")


async def _prove(visit: Visit, text: str) -> Attempt:
    try:
        return await at_gate(visit, reader_of(visit).username, lambda: _try(visit, text))
    except Unauthenticated as error:
        raise Invalid(
            Problem("old_password", None, "the password that you have now", "wrong_password")
        ) from error


async def _try(visit: Visit, text: str) -> Attempt | None:
    desk = WebDesk(visit.console.calls)
    attempt = await desk.begin_again(visit.caller)
    if await desk.prove_password(attempt, text) and await desk.finish_again(visit.caller, attempt):
        return attempt
    await desk.fail(attempt)
    return None


async def _page(
    visit: Visit, form: Form, refused: Refused | None = None, password: Password | None = None
) -> Response:
    site, user = await visit.read(settings.public), reader_of(visit)
    return visit.page(
        "own_password",
        422 if refused else 200,
        form=form,
        must_change=Duty.PASSWORD_CHANGE in visit.reader.actor.owes,
        days_left=days_left(user, site, visit.console.rendering.clock()),
        choice=choice_of(visit, site, refused, password),
    )


ROUTES = [
    Route("/account/password", signed_in(show)),
    Route("/account/password", signed_in(change), methods=["POST"]),
]
