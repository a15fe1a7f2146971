"""Passwords: the first one, an administrator's reset, the user's own change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from innkeeper.actions import proofs, sessions
from innkeeper.actions.call import Call, user_target
from innkeeper.domain.changes import with_password
from innkeeper.domain.errors import Invalid, NotNow, Problem
from innkeeper.domain.events import Kind
from innkeeper.domain.passwords import (
    IMPORTED,
    broken_rules,
    check_password,
    estimate,
    imported_hash_problems,
    own_words,
    takes_imported,
)
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import Duty, UserId
from innkeeper.kit.breached_passwords import BreachedPasswords
from innkeeper.kit.passphrases import new_passphrase
from innkeeper.kit.passwords import Password, is_imported, make_password, normalise, verify
from innkeeper.store import password_history, users

Values = Mapping[str, Any]
# In groups of so many characters.
SHORTEST_SUGGESTION, GROUP = 4, 7


@dataclass(frozen=True, slots=True)
class Background:
    """What a new password is weighed against, outside the database: who its user is, and what they had."""

    words: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def background_of(call: Call, user_id: UserId) -> Background:
    """That of a user whose password is about to be set; raises NotFound."""
    return background(call, call.take_user(user_id, Right.USER_READ)[0])


def background(call: Call, user: User) -> Background:
    """That of a user at hand."""
    return Background(own_words(user), tuple(earlier_hashes(call, user)))


def weigh(text: str, against: Background, breached: BreachedPasswords | None) -> Password:
    """A new password with all that takes long to find out about it; for the hasher's threads."""
    password = make_password(text)
    if not password.hash:
        return password
    return replace(
        password,
        is_breached=breached is not None and breached.holds(normalise(text)),
        matches={stored: verify(stored, text) for stored in against.earlier},
        estimate=estimate(text, against.words),
    )


def earlier_hashes(call: Call, user: User) -> Sequence[str]:
    """The hashes of the passwords that may not come again; the one that the user has is always among them."""
    current = [user.password_hash] if user.password_hash else []
    limit = call.site.password_history - len(current)
    return current + (password_history.newest(call.unit, user.id, limit) if limit > 0 else [])


def suggest(call: Call, user_id: UserId) -> str:
    """A password made by chance that this user may have."""
    user, _ = call.take_user(user_id, Right.USER_READ)
    groups = max(SHORTEST_SUGGESTION, call.site.password_minimum_length // GROUP + 1)
    while True:
        text = new_passphrase(groups)
        if not broken_rules(Password(text, ""), user, call.site):
            return text


def initial(call: Call, user: User, checked: Values) -> User:
    """A new user with the password they start with, if any; raises Invalid if it breaks the rules."""
    password = wanted(user, checked)
    if password is None:
        return user
    check_password(password, user, call.site)
    return with_password(user, password, now=call.now)


def wanted(user: User, checked: Values) -> Password | None:
    """The password among checked values, or the hash of one that another product made; raises Invalid."""
    given: Password | None = checked.get("password")
    imported = checked.get(IMPORTED)
    if imported is None:
        return given
    problems = imported_hash_problems(user, with_password=given is not None)
    if problems:
        raise Invalid(*problems)
    return Password(None, imported) if takes_imported(user, imported) else None


def edit(call: Call, user: User, checked: Values) -> User:
    """Set a password that is among edited fields, unless it is the one that the user has."""
    password = wanted(user, checked)
    if password is None or (user.password_hash and password.matches.get(user.password_hash)):
        return user
    return reset(call, user.id, password)


def reset(call: Call, user_id: UserId, password: Password, *, must_change: bool | None = None) -> User:
    """Set a user's password for them. Every session and connection of theirs ends; raises Invalid."""
    user, permit = call.take_user(user_id, Right.PASSWORD_RESET)
    check_password(password, user, call.site, earlier=earlier_hashes(call, user))
    changed = replace(
        renewed(call, permit, user, password),
        require_password_change=user.require_password_change if must_change is None else must_change,
    )
    changed = users.save(call.unit, permit, changed)
    call.record(Kind.PASSWORD_RESET, user_target(user), user_id=user.id)
    return changed


def renewed(call: Call, permit: Permit, user: User, password: Password) -> User:
    """The user with another password, signed out everywhere and free of a lock; the old one is remembered."""
    remember(call, permit, user)
    changed = with_password(user, password, now=call.now)
    return replace(changed, sessions_valid_after=call.now, locked_until=None, failed_logins=0)


def change_own(call: Call, password: Password, *, old_hash: str | None) -> User:
    """Change one's own password, the old one having been proved against `old_hash`. Other sessions end."""
    user = _own(call)
    if user.password_hash is None or user.password_hash != old_hash:
        raise NotNow("the password was changed meanwhile; try again")
    check_password(password, user, call.site, earlier=earlier_hashes(call, user))
    _, permit = call.take_user(user.id, Right.CREDENTIAL_EDIT)
    remember(call, permit, user)
    changed = replace(with_password(user, password, now=call.now), require_password_change=False)
    changed = users.save(call.unit, permit, changed)
    call.record(Kind.PASSWORD_CHANGED, user_target(user), user_id=user.id)
    sessions.end_others(call, user.id)
    proofs.discharge(call, Duty.PASSWORD_CHANGE)
    return changed


def remember(call: Call, permit: Permit, user: User) -> None:
    """Keep the hash that is about to go, so that its password does not come again; none of other products."""
    if user.password_hash is None or is_imported(user.password_hash):
        return
    if call.site.password_history:
        password_history.add(call.unit, permit, user.id, user.password_hash)
    password_history.keep_newest(call.unit, user.id, call.site.password_history)


def _own(call: Call) -> User:
    if call.actor.user_id is None:
        raise Invalid(Problem("password", None, "a call in a user's own name"))
    return call.take_user(call.actor.user_id, Right.USER_READ)[0]
