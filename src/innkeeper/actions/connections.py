"""Open protocol links: opened at log-in, renewed by lease, rechecked at events, ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from innkeeper.actions import access
from innkeeper.actions.actors import EVERYONE, belonging, circumstances, session_problem
from innkeeper.actions.call import Call
from innkeeper.domain.access import Access
from innkeeper.domain.admission import may_be_used_from, why_not
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.errors import NotFound
from innkeeper.domain.events import Kind, Recorded, Target
from innkeeper.domain.groups import Belonging
from innkeeper.domain.lifetimes import Key, end_of, is_good
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.domain.rights import Right
from innkeeper.domain.scopes import abilities_with
from innkeeper.domain.sessions import Connection, Session
from innkeeper.domain.users import User
from innkeeper.domain.words import ConnectionId, GroupId, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.store import credentials, groups, sessions, users

LEASE = timedelta(seconds=15)
# Events after which a user may stand differently; whatever else happens leaves open connections alone.
TOUCHING = (
    "user.",
    "password.",
    "group.",
    "membership.",
    "folder.",
    "grant.",
    "ssh_key.",
    "api_key.",
    "factor.reset",
    "session.ended",
    "connection.end_asked",
    "settings.edited",
)
EVERYBODY = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an open connection stands now: why it must end, or with which access and until when it goes on."""

    problem: str | None
    access: Access | None = None
    user_root: str = "/"
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The facts about an open connection that its node keeps in memory."""

    connection_id: str
    session_id: str
    user_id: str
    interface: str
    address: str


def show(call: Call, connection_id: ConnectionId) -> Connection:
    """One connection by id."""
    found = sessions.connection(call.unit, call.scope_to_see(Right.SESSION_READ), connection_id)
    if found is None:
        raise NotFound("connection", connection_id)
    return found


def page(
    call: Call,
    *,
    user_id: UserId | None = None,
    interface: str | None = None,
    address: str | None = None,
    only_open: bool = True,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Connection]:
    """A page of connections, newest first."""
    return sessions.page_of_connections(
        call.unit,
        call.scope(Right.SESSION_READ),
        user_id=user_id,
        interface=interface,
        address=address,
        only_open=only_open,
        limit=limit,
        cursor=cursor,
    )


def usernames(call: Call, found: Iterable[Connection]) -> dict[str, str]:
    """The names of the users whose connections these are, by id."""
    return users.names(call.unit, {connection.user_id for connection in found})


def end(call: Call, connection_id: ConnectionId, *, reason: str = "revoked") -> None:
    """Ask the node that holds a connection to end it, with its session so that it cannot come back on it."""
    _end(call, show(call, connection_id), reason)


def end_all(
    call: Call,
    *,
    user_id: UserId | None = None,
    interface: str | None = None,
    address: str | None = None,
    reason: str = "revoked",
) -> int:
    """The same for every open connection of a user, at a door, from an address; answers how many."""
    where: dict[str, Any] = {"user_id": user_id, "interface": interface, "address": address}
    ended = 0
    cursor: str | None = None
    while True:
        found = page(call, **where, limit=500, cursor=cursor)
        for connection in found.items:
            _end(call, connection, reason)
        ended += len(found.items)
        cursor = found.next_cursor
        if cursor is None:
            return ended


def _end(call: Call, found: Connection, reason: str) -> None:
    _, permit = call.take_user(found.user_id, Right.SESSION_END)
    sessions.end_session(call.unit, permit, found.session_id, reason)
    target = Target("connection", found.id, found.interface)
    data = {"reason": reason, "session_id": found.session_id}
    call.record(Kind.CONNECTION_END_ASKED, target, user_id=found.user_id, data=data)


def open_link(call: Call, session: Session, node: str, *, cipher: str = "") -> Connection:
    """Register a connection that belongs to a sign-in, at the sign-in's own door."""
    connection = Connection(
        id=ConnectionId(new_id()),
        session_id=session.id,
        user_id=session.user_id,
        node=node,
        interface=session.interface,
        address=call.address,
        client=call.client,
        credential=session.credential,
        started_at=call.now,
        lease_until=call.now + LEASE,
        cipher=cipher,
    )
    sessions.insert_connection(call.unit, call.permit(Right.SESSION_OPEN), connection)
    target = Target("connection", connection.id, connection.interface)
    data = {"session_id": session.id, "client": call.client, "node": node, "cipher": cipher}
    call.record(Kind.CONNECTION_OPENED, target, user_id=session.user_id, data=data)
    return connection


def close(call: Call, connection_id: ConnectionId, *, reason: str, bytes_in: int, bytes_out: int) -> None:
    """Record that a connection is over, and with it the sign-in that was made for it alone.

    Nothing if it was recorded before.
    """
    found = sessions.connection(call.unit, EVERYONE, connection_id)
    if found is None or found.ended_at is not None:
        return
    ended = replace(found, ended_at=call.now, end_reason=reason, bytes_in=bytes_in, bytes_out=bytes_out)
    permit = call.permit(Right.SESSION_END)
    sessions.end_connection(call.unit, permit, ended)
    signed = sessions.sessions_by_id(call.unit, [found.session_id]).get(found.session_id)
    if signed is not None and signed.is_of_door:
        sessions.end_session(call.unit, permit, found.session_id, reason)
    target = Target("connection", found.id, found.interface)
    data = {"reason": reason, "bytes_in": bytes_in, "bytes_out": bytes_out}
    call.record(Kind.CONNECTION_ENDED, target, user_id=found.user_id, data=data)


def affected(call: Call, event: Recorded) -> Iterable[str] | None:
    """The users whose open connections an event may touch; EVERYBODY (None) for the whole site."""
    kind = event.kind.value
    if not kind.startswith(TOUCHING):
        return ()
    if kind.startswith(("settings.", "folder.")):
        return EVERYBODY
    if event.user_id is not None:
        return (event.user_id,)
    if kind == Kind.GROUP_DELETED:
        return EVERYBODY
    group_id = event.data.get("subject_id") if kind.startswith("grant.") else event.target.id
    return groups.users_below(call.unit, GroupId(str(group_id)))


def recheck(call: Call, links: Sequence[Link]) -> dict[str, Standing]:
    """How each of these connections stands now, access included."""
    return {link.connection_id: standing for link, standing in _examined(call, links, with_access=True)}


def renew(call: Call, links: Sequence[Link], readings: Sequence[Mapping[str, object]]) -> dict[str, Standing]:
    """Extend the leases of connections that stand well; answer those that must end."""
    bad = {
        link.connection_id: standing
        for link, standing in _examined(call, links, with_access=False)
        if standing.problem is not None
    }
    sessions.renew_leases(call.unit, [row for row in readings if row["row_id"] not in bad], LEASE)
    going_on = [link.session_id for link in links if link.connection_id not in bad]
    credentials.note_keys_in_use(call.unit, going_on)
    return bad


def _examined(call: Call, links: Sequence[Link], *, with_access: bool) -> Iterable[tuple[Link, Standing]]:
    found = users.many(call.unit, EVERYONE, {link.user_id for link in links})
    signed = sessions.sessions_by_id(call.unit, [link.session_id for link in links])
    belongs = {user_id: belonging(call.unit, UserId(user_id)) for user_id in found}
    for link in links:
        user, session = found.get(link.user_id), signed.get(link.session_id)
        if user is None or session is None:
            yield link, Standing(WhyNot.SESSION_ENDED)
            continue
        problem = _problem(call, link, user, session, belongs[user.id])
        if problem is not None:
            yield link, Standing(problem)
        else:
            yield link, _good(call, user, session, belongs[user.id]) if with_access else Standing(None)


def _problem(call: Call, link: Link, user: User, session: Session, belongs: Belonging) -> WhyNot | None:
    facts = circumstances(call.unit, belongs, link.interface, link.address)
    problem = why_not(user, facts) or session_problem(user, session, call.unit)
    if problem is None and session.credential_id is not None and _key_of(call, session) is None:
        problem = WhyNot.CREDENTIAL_GONE
    return problem


def _key_of(call: Call, session: Session) -> Key | None:
    """The key that opened the session, while it counts."""
    memo = ("keys", session.credential_id)
    if memo not in call.unit.memo:
        find = credentials.api_key_by_id if session.credential == Proof.API_KEY else credentials.ssh_key_by_id
        key = find(call.unit, str(session.credential_id))
        is_known = key is not None and is_good(key, call.site, call.now)
        call.unit.memo[memo] = key if is_known and not _is_elsewhere(key, session.address) else None
    found: Key | None = call.unit.memo[memo]
    return found


def _is_elsewhere(key: Key | None, address: str) -> bool:
    return isinstance(key, ApiKey) and not may_be_used_from(key, address)


def _good(call: Call, user: User, session: Session, belongs: Belonging) -> Standing:
    key = _key_of(call, session) if session.credential_id is not None else None
    ends = [user.deadline(), end_of(key, call.site) if key is not None else None]
    deadline = min((end for end in ends if end is not None), default=None)
    granted = access.of_user(call.unit, user, belongs)
    if isinstance(key, ApiKey):
        granted = granted.within(abilities_with(key))
    return Standing(None, granted, user.user_root, deadline)
