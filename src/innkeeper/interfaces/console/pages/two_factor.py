"""One's own second factors: what there is, renaming, removing, keeping, and new recovery codes."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import enrolment, factor_removal, factors
from innkeeper.domain.errors import Refused
from innkeeper.domain.factors import Factor
from innkeeper.domain.words import FactorId
from innkeeper.interfaces.console import own_factors
from innkeeper.interfaces.console.confirmations import Question, ask
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.owners import reader_of
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in

HOME = "/account/two-factor"


async def show(visit: Visit) -> Response:
    """The reader's second factors, and what they may add."""
    return visit.page("two_factor", own=await visit.read(own_factors.read), site=visit.relying_party)


async def ask_to_rename(visit: Visit) -> Response:
    """The form for another name."""
    factor = await _factor(visit)
    return visit.page("two_factor_name", factor=factor, form=Form({"name": [factor.name]}))


async def rename(visit: Visit) -> Response:
    """Call it so."""
    form = Form(typed(await visit.form(), ("name",)))
    factor = await _factor(visit)
    try:
        await visit.write(factors.rename, factor.id, form.value("name"))
    except Refused as refused:
        return visit.page("two_factor_name", 422, factor=factor, form=form.refuse(refused, visit.text))
    return visit.go(HOME, visit.text("The name was changed."))


async def ask_to_remove(visit: Visit) -> Response:
    """The question before a second factor goes."""
    return ask(visit, await _removing(visit, await _factor(visit)))


async def remove(visit: Visit) -> Response:
    """Take it away, or begin to."""
    factor = await _factor(visit)
    try:
        leaving = await visit.write(factor_removal.remove, factor.id)
    except Refused as refused:
        question = await _removing(visit, factor)
        return ask(visit, question, Form().refuse(refused, visit.text))
    if leaving is None:
        return visit.go(HOME, visit.text("“%(name)s” was removed.", name=factor.name))
    return visit.go(HOME, visit.text("“%(name)s” stays for now; you can still keep it.", name=factor.name))


async def keep(visit: Visit) -> Response:
    """Take the removal back."""
    factor = await visit.write(factor_removal.keep, FactorId(visit.path("factor")))
    return visit.go(HOME, visit.text("“%(name)s” stays.", name=factor.name))


async def ask_for_codes(visit: Visit) -> Response:
    """The question before older recovery codes stop working."""
    left = await visit.read(factors.recovery_codes_left, reader_of(visit).id)
    question = Question(
        title=visit.text("Make ten new recovery codes?"),
        texts=[visit.text("The %(left)s codes that you have left stop working.", left=left)] * bool(left),
        verb=visit.text("Make new codes"),
        action=f"{HOME}/recovery-codes",
        back=HOME,
        is_danger=False,
    )
    return ask(visit, question)


async def make_codes(visit: Visit) -> Response:
    """Ten new codes, shown this once."""
    codes = await visit.write(enrolment.make_recovery_codes, reader_of(visit).id)
    return visit.page("recovery_codes", codes=codes, is_first=False, file_name=file_name(visit))


def file_name(visit: Visit) -> str:
    """What a file with recovery codes is called."""
    return f"{reader_of(visit).username}-recovery-codes.txt"


async def _factor(visit: Visit) -> Factor:
    return await visit.read(factors.show, FactorId(visit.path("factor")))


async def _removing(visit: Visit, factor: Factor) -> Question:
    own = await visit.read(own_factors.read)
    staying = [other for other in own.factors if other.removal_at is None and other.id != factor.id]
    texts = [visit.text("It can no longer be used to sign in.")]
    if not staying:
        texts.append(
            visit.text(
                "It is your last one. It stays for some hours, so that nobody else can drop it unnoticed; "
                "until then you can keep it. After that your password alone is enough."
            )
        )
    return Question(
        title=visit.text("Remove “%(name)s”?", name=factor.name),
        texts=texts,
        verb=visit.text("Remove"),
        action=f"{HOME}/{factor.id}/remove",
        back=HOME,
    )


ROUTES = [
    Route(HOME, signed_in(show)),
    Route(f"{HOME}/recovery-codes", signed_in(freshly_proved(ask_for_codes))),
    Route(f"{HOME}/recovery-codes", signed_in(make_codes), methods=["POST"]),
    Route(f"{HOME}/{{factor}}/rename", signed_in(freshly_proved(ask_to_rename))),
    Route(f"{HOME}/{{factor}}/rename", signed_in(rename), methods=["POST"]),
    Route(f"{HOME}/{{factor}}/remove", signed_in(freshly_proved(ask_to_remove))),
    Route(f"{HOME}/{{factor}}/remove", signed_in(remove), methods=["POST"]),
    Route(f"{HOME}/{{factor}}/keep", signed_in(keep), methods=["POST"]),
]
