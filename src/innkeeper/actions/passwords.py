"""Passwords: the first one, an administrator's reset, the user's own change."""

from dataclasses import replace

from innkeeper.actions import sessions
from innkeeper.actions.call import Call, user_target
from innkeeper.domain.changes import check_password, with_password
from innkeeper.domain.errors import Invalid, NotNow, Problem
from innkeeper.domain.events import Kind
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.kit.passwords import Password
from innkeeper.store import users


def initial(call: Call, user: User, password: Password | None) -> User:
    """A new user with the password they start with, if any; raises Invalid if it breaks the rules."""
    if password is None:
        return user
    check_password(password, user, call.site)
    return with_password(user, password, now=call.now)


def reset(call: Call, user_id: UserId, password: Password, *, must_change: bool | None = None) -> User:
    """Set a user's password for them. Every session and connection of theirs ends; raises Invalid."""
    user, permit = call.take_user(user_id, Right.PASSWORD_RESET)
    check_password(password, user, call.site)
    changed = replace(
        with_password(user, password, now=call.now),
        sessions_valid_after=call.now,
        locked_until=None,
        failed_logins=0,
        require_password_change=user.require_password_change if must_change is None else must_change,
    )
    changed = users.save(call.unit, permit, changed)
    call.record(Kind.PASSWORD_RESET, user_target(user), user_id=user.id)
    return changed


def own_hash(call: Call) -> str | None:
    """The stored hash of the actor's own password, to prove the old one before `change_own`."""
    return _own(call).password_hash


def change_own(call: Call, password: Password, *, old_hash: str | None) -> User:
    """Change one's own password, the old one having been proved against `old_hash`. Other sessions end."""
    user = _own(call)
    if user.password_hash is None or user.password_hash != old_hash:
        raise NotNow("the password was changed meanwhile; try again")
    check_password(password, user, call.site)
    _, permit = call.take_user(user.id, Right.CREDENTIAL_EDIT)
    changed = replace(with_password(user, password, now=call.now), require_password_change=False)
    changed = users.save(call.unit, permit, changed)
    call.record(Kind.PASSWORD_CHANGED, user_target(user), user_id=user.id)
    sessions.end_others(call, user.id)
    return changed


def _own(call: Call) -> User:
    if call.actor.user_id is None:
        raise Invalid(Problem("password", None, "a call in a user's own name"))
    return call.take_user(call.actor.user_id, Right.USER_READ)[0]
