"""Once and no more: a request that comes twice under one key has one effect and one answer.

The answer is kept for a day in the transaction of the effect, under a digest of key and caller. A refusal
is not kept: nothing happened, so the request may be tried again. After the Internet draft
https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from innkeeper.actions.call import Call
from innkeeper.domain.errors import Invalid, Problem, Refused
from innkeeper.domain.texts import N_
from innkeeper.kit.ids import digest
from innkeeper.store import answers
from innkeeper.store.answers import Kept

T = TypeVar("T")
Document = Mapping[str, Any]
KEPT_FOR = timedelta(hours=24)


class AlreadyDone(Refused):
    """The same request was carried out before, and its answer held a secret that is not kept."""

    code = "already_done"

    def __init__(self, target_id: str) -> None:
        super().__init__(
            N_("this was done before and made %(target)s; its secret cannot be shown again"),
            target=repr(target_id),
        )
        self.target_id = target_id


@dataclass(frozen=True, slots=True)
class Ticket:
    """The key that the caller chose, and a digest of all that the request asked for."""

    key: str
    request_digest: str


def once(
    call: Call, ticket: Ticket, action: Callable[[Call], T], picture: Callable[[T], Document]
) -> Document:
    """Run the action and keep its picture, or answer what was kept. Raises Invalid for another request."""
    place = _place(call, ticket)
    known = _begin(call, ticket, place)
    if known is not None and known.document is not None:
        return known.document
    document = picture(action(call))
    answers.keep(call.unit, place, document=document)
    return document


def once_with_secret(call: Call, ticket: Ticket, action: Callable[[Call], T], id_of: Callable[[T], str]) -> T:
    """Run the action and keep only the id of what it made; the second time raise AlreadyDone."""
    place = _place(call, ticket)
    known = _begin(call, ticket, place)
    if known is not None:
        raise AlreadyDone(known.target_id)
    result = action(call)
    answers.keep(call.unit, place, target_id=id_of(result))
    return result


def _place(call: Call, ticket: Ticket) -> str:
    return digest(f"{call.actor.user_id or call.actor.name}\n{ticket.key}")


def _begin(call: Call, ticket: Ticket, place: str) -> Kept | None:
    """Take the key for this unit; answers what is kept when someone had it first."""
    answers.forget_before(call.unit, call.now - KEPT_FOR)
    if answers.reserve(call.unit, place, ticket.request_digest):
        return None
    known = answers.find(call.unit, place)
    if known is None or known.request_digest != ticket.request_digest:
        expected = N_("a key that no other request has used")
        raise Invalid(Problem("Idempotency-Key", ticket.key, expected, "key_reused"))
    return known
