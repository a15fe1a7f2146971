"""The e-mail log: what was sent to whom, what became of it, and how it looks."""

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from innkeeper.actions import mails
from innkeeper.domain.mails import WAITING, WITH_SECRET, Mail, MailState
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.words import MailId, UserId
from innkeeper.interfaces.console.mail_labels import KINDS, STATES
from innkeeper.interfaces.console.paths import linker, with_query, without
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in

PATH = "/mails"
SHOWN = 50
# A letter brings its own style and nothing else; it cannot reach the page that links to it.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups"
)


async def show_all(visit: Visit) -> Response:
    """The page, or the list alone."""
    asked = visit.request.query_params
    pairs = [(name, value) for name, value in asked.multi_items() if value]
    chosen = [MailState(value) for value in asked.getlist("state") if value in set(MailState)]
    user = asked.get("user") or None
    text = asked.get("q", "").strip()
    found = await visit.read(
        mails.page,
        user_id=UserId(user) if user else None,
        states=tuple(chosen),
        text=text,
        limit=SHOWN,
        cursor=asked.get("cursor") or None,
    )
    answer = visit.page(
        "mails",
        found=found,
        text=text,
        user=user,
        chosen=[state.value for state in chosen],
        states=[(state.value, visit.text(name)) for state, name in STATES.items()],
        chips=_chips(visit, pairs, chosen, user),
        link=linker(PATH, pairs, {}),
        cursor=asked.get("cursor"),
        sends_mail=visit.console.sends_mail,
        kinds=KINDS,
    )
    return address(answer, with_query(PATH, pairs, {}))


async def show(visit: Visit) -> Response:
    """One mail, with its text."""
    entry, letter = await visit.read(mails.show, MailId(visit.path("mail")), home=_home(visit))
    return visit.page(
        "mail",
        entry=entry,
        letter=letter,
        kinds=KINDS,
        is_waiting=entry.mail.state in WAITING,
        may_send=visit.reader.may(Right.SETTINGS_EDIT, Reach.ANYONE) and _can_be_sent(entry.mail),
        sends_mail=visit.console.sends_mail,
    )


async def show_letter(visit: Visit) -> Response:
    """The letter as its reader sees it, with dots for the link or code in it."""
    _, letter = await visit.read(mails.show, MailId(visit.path("mail")), home=_home(visit))
    return HTMLResponse(letter.html, headers={"Content-Security-Policy": LETTER_POLICY})


async def send_again(visit: Visit) -> Response:
    """Send it once more, or now if it waits."""
    entry = await visit.write(mails.send_again, MailId(visit.path("mail")))
    return visit.go(f"{PATH}/{entry.mail.id}", visit.text("The mail is on its way."))


def _can_be_sent(mail: Mail) -> bool:
    return mail.state is MailState.QUEUED or (mail.state not in WAITING and mail.kind not in WITH_SECRET)


def _home(visit: Visit) -> str:
    return visit.console.public_origin or str(visit.request.base_url).rstrip("/")


def _chips(
    visit: Visit, pairs: list[tuple[str, str]], chosen: list[MailState], user: str | None
) -> list[tuple[str, str]]:
    """What the list is narrowed to, and the address without it."""
    chips = [(visit.text(STATES[state]), without(PATH, pairs, "state", state.value, {})) for state in chosen]
    if user:
        chips.append((visit.text("One user"), without(PATH, pairs, "user", user, {})))
    return chips


ROUTES = [
    Route(PATH, signed_in(show_all)),
    Route(f"{PATH}/{{mail}}", signed_in(show)),
    Route(f"{PATH}/{{mail}}/letter", signed_in(show_letter)),
    Route(f"{PATH}/{{mail}}/send-again", signed_in(send_again), methods=["POST"]),
]
