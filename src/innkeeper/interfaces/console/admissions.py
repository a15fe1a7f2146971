"""Whether someone could come in, in sentences: the answer, and whose lists decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from innkeeper.actions.admission import Explanation
from innkeeper.domain.admission import ListOwner, Ruler
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User
from innkeeper.interfaces.console import labels
from innkeeper.interfaces.console.stories import REASONS
from innkeeper.interfaces.console.visits import Visit

NO_WAY = N_("nothing that this user signs in with works there")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says."""

    is_yes: bool
    sentence: str
    notes: Sequence[str]


def told(visit: Visit, user: User, found: Explanation) -> Answer:
    """The explanation in the reader's language."""
    values = {
        "name": user.name or user.username,
        "door": visit.text(labels.PROTOCOLS[found.interface.value]),
        "address": found.address,
    }
    if found.may_come_in:
        sentence = visit.text("Yes. %(name)s could come in by %(door)s from %(address)s now.", **values)
    else:
        reason = visit.text(REASONS[found.reason.value] if found.reason else NO_WAY)
        sentence = visit.text(
            "No. %(name)s could not come in by %(door)s from %(address)s now: %(reason)s.",
            **values,
            reason=reason,
        )
    return Answer(found.may_come_in, sentence, _notes(visit, found))


def _notes(visit: Visit, found: Explanation) -> list[str]:
    notes = []
    if found.by:
        lists = ", ".join(dict.fromkeys(_named(visit, ruler) for ruler in found.by))
        notes.append(visit.text("What decided: %(lists)s.", lists=lists))
    if found.locked_until is not None:
        time = visit.times.stamp(found.locked_until)
        notes.append(
            visit.text("Passwords are refused until %(time)s, after too many wrong ones.", time=time)
        )
    return notes


def _named(visit: Visit, ruler: Ruler) -> str:
    if ruler.owner is ListOwner.USER:
        name = visit.text("the user’s own list")
    elif ruler.owner is ListOwner.SITE:
        name = visit.text("the site’s list")
    elif ruler.name:
        name = visit.text("the list of the group %(group)s", group=ruler.name)
    else:
        name = visit.text("the list of a group")
    return name
