"""Warnings that a password runs out: one mail for each user and each end."""

from datetime import datetime

from innkeeper.actions import mails
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.calls import Calls
from innkeeper.domain.events import Kind
from innkeeper.domain.mails import MailKind
from innkeeper.domain.passwords import days_left, expires_at
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import Status, UserId
from innkeeper.store import aging_passwords
from innkeeper.store import mails as mail_store

CALLER = Caller("system", system_name="password warnings")
CHUNK = 500
# Who cannot sign in anyway is not warned; a lock passes.
WARNED = frozenset({Status.ACTIVE, Status.LOCKED})


def warn_all(calls: Calls) -> int:
    """Warn everyone who is to be warned and was not; answers how many."""
    warned, after = 0, None
    while True:
        number, after = calls.write_now(CALLER, warn, after)
        warned += number
        if after is None:
            return warned


def warn(call: Call, after: UserId | None, *, limit: int = CHUNK) -> tuple[int, UserId | None]:
    """Warn those among the next users; answers how many, and behind whom to go on, None at the end."""
    call.permit_for_site(Right.USER_EDIT)
    if not call.site.password_warning_days:
        return 0, None
    scope = call.scope(Right.USER_READ)
    users = aging_passwords.chunk(call.unit, scope, call.site, after=after, limit=limit)
    due = {_cause(user, ends_at): (user, ends_at) for user in users if (ends_at := _is_due(call, user))}
    known = mail_store.known_causes(call.unit, due)
    for cause, (user, ends_at) in due.items():
        if cause not in known:
            _warn(call, user, ends_at, cause)
    return len(due) - len(known), users[-1].id if len(users) == limit else None


def _is_due(call: Call, user: User) -> datetime | None:
    """When the password runs out, if that is soon and the user can still do something about it."""
    ends_at = expires_at(user, call.site)
    left = days_left(user, call.site, call.now)
    is_soon = left is not None and 0 < left <= call.site.password_warning_days
    return ends_at if is_soon and user.status(call.now) in WARNED else None


def _warn(call: Call, user: User, ends_at: datetime, cause: str) -> None:
    data = {"days_left": days_left(user, call.site, call.now), "ends_at": ends_at.isoformat()}
    if mails.queue(call, MailKind.PASSWORD_EXPIRING, user, data, cause=cause):
        call.record(Kind.PASSWORD_EXPIRING, user_target(user), user_id=user.id, data=data)


def _cause(user: User, ends_at: datetime) -> str:
    return f"password of {user.id} until {ends_at.isoformat()}"
