"""From a credential to an actor, at the start of every call: is it still good, now, from here?"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from innkeeper.domain.actors import STRANGER, Actor, system
from innkeeper.domain.admission import Circumstances, may_be_used_from, why_not
from innkeeper.domain.desktop import ACCESS_PREFIX, TokenKind
from innkeeper.domain.errors import Unauthenticated
from innkeeper.domain.groups import Belonging, Window, in_window, reached_groups
from innkeeper.domain.lifetimes import is_good
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.passwords import is_due
from innkeeper.domain.rights import Reach, Scope
from innkeeper.domain.sessions import SESSION_TOUCH_INTERVAL, Session
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, Role, SessionId, UserId
from innkeeper.kit.ids import digest
from innkeeper.store import credentials, desktop, groups, sessions, settings, users
from innkeeper.store.unit import Unit

EVERYONE = Scope(Reach.ANYONE)


@dataclass(frozen=True, slots=True)
class Caller:
    """How a request presents itself. One of: a session token, an API key, the system's own name, nothing.

    `api_key` is whatever bearer token came; those of desktop connections begin differently.
    """

    interface: str
    address: str = ""
    client: str = ""
    session_token: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    system_name: str | None = None


def identify(unit: Unit, caller: Caller) -> Actor:
    """Who this is; raises Unauthenticated when a credential is wrong, spent, or its user may not be in."""
    if caller.system_name is not None:
        return system(caller.system_name)
    if caller.api_key is not None and caller.api_key.startswith(ACCESS_PREFIX):
        return _by_desktop_token(unit, caller, caller.api_key)
    if caller.api_key is not None:
        return _by_api_key(unit, caller, caller.api_key)
    if caller.session_token is not None:
        return _by_session(unit, caller, caller.session_token)
    return STRANGER


def note_use(unit: Unit, actor: Actor, interface: str) -> None:
    """Keep 'last used' of the credential and 'last active' of the user, at most once a minute."""
    if actor.user_id is None:
        return
    if actor.kind == "api_key" and actor.id is not None:
        credentials.note_api_key_use(unit, actor.id, unit.now, interface)
    if actor.session_id is not None:
        sessions.note_session_use(unit, SessionId(actor.session_id), unit.now)
    users.note_use(unit, actor.user_id, {"last_active_at": unit.now})


def is_use_due(unit: Unit, actor: Actor) -> bool:
    """True when the last noted use lies a minute back; asked after `identify` in the same unit."""
    last: datetime | None = unit.memo.get("last_used_at")
    return actor.user_id is not None and (last is None or unit.now - last >= SESSION_TOUCH_INTERVAL)


def belonging(unit: Unit, user_id: UserId) -> Belonging:
    """Where a user belongs, nested groups included."""
    entries = groups.memberships_of(unit, [user_id])
    if not entries:
        return Belonging()
    windows = reached_groups(entries, groups.parents(unit), unit.now)
    now = [group_id for group_id, held in windows.items() if any(_holds(window, unit) for window in held)]
    direct = tuple(entry for entry in entries if entry.is_in_force(unit.now))
    return Belonging(tuple(groups.many(unit, EVERYONE, now).values()), direct, windows)


def _holds(window: Window, unit: Unit) -> bool:
    return in_window(window.starts_at, window.ends_at, unit.now)


def circumstances(unit: Unit, belongs: Belonging, interface: str, address: str) -> Circumstances:
    """The facts that `why_not` weighs."""
    return Circumstances(settings.load(unit), belongs.groups, interface, address, unit.now)


def actor_of(user: User, belongs: Belonging) -> Actor:
    """The user as an actor, with the roles that count now."""
    administered = frozenset(entry.group_id for entry in belongs.direct if entry.is_admin)
    roles = {Role.USER, *user.roles} | ({Role.GROUP_ADMINISTRATOR} if administered else set())
    return Actor("user", user.id, user.username, user.id, None, frozenset(roles), administered)


def session_problem(user: User, session: Session, unit: Unit) -> WhyNot | None:
    """Why this sign-in no longer counts; None while it does."""
    idle = settings.load(unit).session_idle
    spent = session.interface == "web" and not session.is_open(unit.now, idle)
    cut = user.sessions_valid_after is not None and session.created_at <= user.sessions_valid_after
    return WhyNot.SESSION_ENDED if spent or cut or session.ended_at is not None else None


def _by_api_key(unit: Unit, caller: Caller, token: str) -> Actor:
    key = credentials.api_key_by_digest(unit, digest(token))
    is_known = key is not None and is_good(key, settings.load(unit), unit.now)
    if key is None or not is_known or not may_be_used_from(key, caller.address):
        raise Unauthenticated
    user, belongs = _admit(unit, caller, key.user_id)
    unit.memo["last_used_at"] = key.last_used_at
    actor = replace(actor_of(user, belongs), kind="api_key", id=key.id)
    return replace(actor, is_read_only=key.is_read_only, scopes=frozenset(key.scopes))


def _by_desktop_token(unit: Unit, caller: Caller, token: str) -> Actor:
    """The user of a desktop connection. It cannot be asked for a proof; a session that was let it in."""
    known = desktop.token(unit, digest(token), TokenKind.ACCESS)
    session = desktop.session(unit, known.session_id) if known is not None else None
    if known is None or session is None or not session.is_open(unit.now, settings.load(unit).desktop_rest):
        raise Unauthenticated
    user, belongs = _admit(unit, replace(caller, interface=session.interface), session.user_id)
    if session_problem(user, session, unit) is not None:
        raise Unauthenticated
    unit.memo["last_used_at"] = session.last_used_at
    return replace(actor_of(user, belongs), session_id=session.id, scopes=known.scopes)


def _by_session(unit: Unit, caller: Caller, token: str) -> Actor:
    session = sessions.session_by_digest(unit, digest(token))
    if session is None or not session.is_open(unit.now, settings.load(unit).session_idle):
        raise Unauthenticated
    user, belongs = _admit(unit, caller, session.user_id)
    if session_problem(user, session, unit) is not None:
        raise Unauthenticated
    unit.memo["last_used_at"] = session.last_used_at
    actor = replace(actor_of(user, belongs), session_id=session.id)
    # A desktop client cannot be asked again; it was approved by a session that was.
    return _in_browser(unit, actor, user, session) if session.interface == "web" else actor


def _in_browser(unit: Unit, actor: Actor, user: User, session: Session) -> Actor:
    """A password may become due in the middle of a session."""
    owes = session.owes
    if is_due(user, settings.load(unit), unit.now):
        owes |= {Duty.PASSWORD_CHANGE}
    return replace(actor, owes=owes, proved_at=session.proved_at or session.created_at)


def _admit(unit: Unit, caller: Caller, user_id: UserId) -> tuple[User, Belonging]:
    user = users.one(unit, EVERYONE, user_id)
    if user is None:
        raise Unauthenticated
    belongs = belonging(unit, user_id)
    if why_not(user, circumstances(unit, belongs, caller.interface, caller.address)) is not None:
        raise Unauthenticated
    return user, belongs
