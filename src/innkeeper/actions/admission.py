"""Could they come in? The door's own answer to a question that nobody at a door has asked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address

from innkeeper.actions.actors import belonging, circumstances
from innkeeper.actions.call import Call
from innkeeper.domain.admission import ListOwner, Ruler, weigh
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.logins import WhyNot, ways_in
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.texts import N_, Text
from innkeeper.domain.users import User
from innkeeper.domain.words import Protocol, UserId
from innkeeper.store import groups

# Where the authentication method decides what has to be shown.
BY_METHOD = (Protocol.SFTP, Protocol.FTPS, Protocol.WEBDAV, Protocol.WEB)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the door would say, and whose lists decided.

    `has_way` is False where nothing that this user signs in with works. While `locked_until` runs, passwords
    are refused, other proofs are not.
    """

    interface: Protocol
    address: str
    reason: WhyNot | None
    by: tuple[Ruler, ...]
    has_way: bool
    locked_until: datetime | None

    @property
    def may_come_in(self) -> bool:
        return self.reason is None and self.has_way


def explain(call: Call, user_id: UserId, interface: str, address: str) -> Explanation:
    """Whether this user could come in at this door from this address now. Raises Invalid."""
    user, _ = call.take_user(user_id, Right.USER_READ)
    door, address = _checked(interface, address)
    where = circumstances(call.unit, belonging(call.unit, user.id), door.value, address)
    verdict = weigh(user, where)
    return Explanation(
        interface=door,
        address=address,
        reason=verdict.reason,
        by=_as_seen(call, verdict.by),
        has_way=door not in BY_METHOD or bool(ways_in(user.authentication_method, door.value)),
        locked_until=_lock(call, user),
    )


def _checked(interface: str, address: str) -> tuple[Protocol, str]:
    problems = []
    if interface not in set(Protocol):
        expected = Text("one of %(names)s", {"names": ", ".join(Protocol)})
        problems.append(Problem("interface", interface, expected))
    try:
        address = str(ip_address(address.strip()))
    except ValueError:
        expected = Text(N_("an address like 203.0.113.7 or 2001:db8::7"))
        problems.append(Problem("address", address, expected))
    if problems:
        raise Invalid(*problems)
    return Protocol(interface), address


def _as_seen(call: Call, rulers: Iterable[Ruler]) -> tuple[Ruler, ...]:
    """Groups that the reader may not see keep their name to themselves."""
    sees = reach(call.actor, Right.GROUP_READ) is not Reach.NOBODY
    wanted = [ruler.id for ruler in rulers if ruler.id is not None] if sees else []
    seen = groups.many(call.unit, call.scope_to_see(Right.GROUP_READ), wanted) if wanted else {}
    return tuple(
        ruler if ruler.owner is not ListOwner.GROUP or ruler.id in seen else replace(ruler, id=None, name="")
        for ruler in rulers
    )


def _lock(call: Call, user: User) -> datetime | None:
    return user.locked_until if user.is_locked(call.now) else None
