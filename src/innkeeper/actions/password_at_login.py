"""A password that is due, changed in the middle of a log-in: all is shown, and this alone is missing."""

from dataclasses import replace

from innkeeper.actions import logins, passwords
from innkeeper.actions.actors import actor_of, belonging
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.call import Call
from innkeeper.actions.passwords import Background
from innkeeper.domain.users import User
from innkeeper.kit.passwords import Password
from innkeeper.store import users


def background(call: Call, attempt: Attempt) -> Background:
    """What the new password is weighed against."""
    user = users.one(call.unit, logins.EVERYONE, attempt.user_id) if attempt.user_id else None
    return passwords.background(call, user) if user else Background()


def change(call: Call, attempt: Attempt, password: Password) -> str | None:
    """The hash of the new password; raises Invalid if it breaks the rules.

    None, with nothing changed, when the user may not be in for another reason; `logins.finish` says which.
    """
    user = users.one_for_change(call.unit, logins.EVERYONE, attempt.user_id) if attempt.user_id else None
    if user is None or not _is_all_that_is_missing(call, attempt, user):
        return None
    call.actor = actor_of(user, belonging(call.unit, user.id))
    return passwords.change_own(call, password, old_hash=attempt.password_hash).password_hash


def _is_all_that_is_missing(call: Call, attempt: Attempt, user: User) -> bool:
    if not attempt.owes_new_password:
        return False
    changed = replace(user, require_password_change=False, password_changed_at=call.now)
    return logins.reason_against(call, attempt, changed, belonging(call.unit, user.id)) is None
