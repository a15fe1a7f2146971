"""Links by mail with which people choose a password: their first one, or a new one for one they forgot.

A link stands for the user as they were when it was made: with another address or another password it is
worthless. It proves that somebody reads the user's mail, no more, so that a second factor is asked after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from innkeeper.actions import mails, passwords
from innkeeper.actions.actors import EVERYONE, actor_of, belonging
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.passwords import Background
from innkeeper.domain.errors import Invalid, NotFound, NotNow
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.mails import MailKind
from innkeeper.domain.passwords import check_password, invitation_problems, may_use_link
from innkeeper.domain.rights import Right
from innkeeper.domain.storable import unstorable
from innkeeper.domain.tokens import OneTimeToken, Purpose
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.kit.ids import digest, new_secret
from innkeeper.kit.passwords import Password
from innkeeper.store import tokens, users

PURPOSES = (Purpose.RESET, Purpose.SIGNUP)
# How many links strangers may have sent to one user, and in which time.
MOST, WITHIN = 3, timedelta(hours=1)
LONGEST_NAME = 254
# How many users of one address get their link when the address is given.
MOST_NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that works: whose it is, and whether it leads to their first password."""

    user: User
    is_first: bool


def ask_for_reset(call: Call, name: str) -> None:
    """Mail a link to whoever has this user name or address. Nothing tells the asker whether anybody has."""
    if not call.site.password_reset_by_mail:
        return
    name = "" if unstorable(name) else name.strip()[:LONGEST_NAME]
    found = _named(call, name)
    for user in found:
        is_sent = _may_be_sent(call, user)
        if is_sent:
            _send(call, user, Purpose.RESET)
        _record_asking(call, user_target(user), user.id, name, is_sent=is_sent)
    if not found:
        _record_asking(call, Target("user", "", name), None, name, is_sent=False)


def send(call: Call, user_id: UserId) -> User:
    """Mail a user the link to a new password, as an administrator; the old one works until then."""
    user, _ = call.take_user(user_id, Right.PASSWORD_RESET)
    if not user.email or not may_use_link(user, call.now):
        raise NotNow(
            "user %(user)s cannot get a link: that takes an address, a method with a password, and no bar",
            user=repr(user.username),
        )
    _send(call, user, Purpose.RESET)
    _record_asking(call, user_target(user), user.id, user.username, is_sent=True)
    return user


def invite(call: Call, user_id: UserId) -> User:
    """Mail a user the link to their first password, once more; the link before stops working."""
    user, _ = call.take_user(user_id, Right.PASSWORD_RESET)
    if not user.is_invited or not may_use_link(user, call.now):
        raise NotNow("user %(user)s does not wait for an invitation", user=repr(user.username))
    welcome(call, user)
    return user


def welcome(call: Call, user: User) -> None:
    """Invite a user who waits for a first password, if they may be in; raises Invalid without an address."""
    problems = invitation_problems(user)
    if problems:
        raise Invalid(*problems)
    if not may_use_link(user, call.now):
        return
    tokens.drop(call.unit, user.id, Purpose.SIGNUP)
    _send(call, user, Purpose.SIGNUP)
    call.record(Kind.USER_INVITED, user_target(user), user_id=user.id)


def open_link(call: Call, token: str) -> OpenLink:
    """Whose link it is and what for; raises NotFound for one that is wrong, used, too old or worthless."""
    kept = _kept(call, token)
    user = users.one(call.unit, EVERYONE, kept.user_id) if kept.user_id else None
    return OpenLink(_holding(call, kept, user), kept.purpose is Purpose.SIGNUP)


def open_for_choice(call: Call, token: str) -> tuple[OpenLink, Background]:
    """The same with what the new password is weighed against."""
    link = open_link(call, token)
    return link, passwords.background(call, link.user)


def set_password(call: Call, token: str, password: Password) -> User:
    """Set the password of the link's user; all their sessions end. A link works once.

    Raises NotFound, or Invalid for a password that breaks the rules; the link is good for another try then.
    """
    kept = _kept(call, token)
    user = users.one_for_change(call.unit, EVERYONE, kept.user_id) if kept.user_id else None
    user = _holding(call, kept, user)
    check_password(password, user, call.site, earlier=passwords.earlier_hashes(call, user))
    if not tokens.use(call.unit, kept.token_digest):
        raise _gone()
    call.actor = actor_of(user, belonging(call.unit, user.id))
    permit = call.permit(Right.CREDENTIAL_EDIT)
    changed = replace(passwords.renewed(call, permit, user, password), require_password_change=False)
    changed = users.save(call.unit, permit, changed)
    for purpose in PURPOSES:
        tokens.drop(call.unit, user.id, purpose)
    call.record(Kind.PASSWORD_CHANGED, user_target(user), user_id=user.id, data={"by": kept.purpose.value})
    return changed


def _named(call: Call, name: str) -> list[User]:
    user = users.by_username(call.unit, EVERYONE, name)
    return [user] if user else users.by_email(call.unit, EVERYONE, name, MOST_NAMESAKES)


def _may_be_sent(call: Call, user: User) -> bool:
    lately = tokens.count_since(call.unit, user.id, Purpose.RESET, call.now - WITHIN)
    return bool(user.email) and may_use_link(user, call.now) and lately < MOST


def _send(call: Call, user: User, purpose: Purpose) -> None:
    secret = new_secret()
    is_first = purpose is Purpose.SIGNUP
    site, by = call.site, "" if call.actor.user_id is None else call.actor.name
    lifetime = (
        timedelta(hours=site.signup_link_hours) if is_first else timedelta(minutes=site.reset_link_minutes)
    )
    token = OneTimeToken(
        token_digest=digest(secret),
        purpose=purpose,
        user_id=user.id,
        document=_standing(user),
        created_at=call.now,
        expires_at=call.now + lifetime,
    )
    tokens.add(call.unit, token)
    kind = MailKind.INVITATION if is_first else MailKind.PASSWORD_RESET
    data = {"hours": site.signup_link_hours} if is_first else {"minutes": site.reset_link_minutes}
    mails.queue(call, kind, user, {**data, "by": by}, secret={"path": f"/set-password/{secret}"})


def _record_asking(call: Call, target: Target, user_id: UserId | None, name: str, *, is_sent: bool) -> None:
    data = {"username": name, "is_sent": is_sent}
    call.record(Kind.PASSWORD_RESET_ASKED, target, user_id=user_id, data=data)


def _kept(call: Call, token: str) -> OneTimeToken:
    found = (tokens.find(call.unit, digest(token), purpose) for purpose in PURPOSES)
    kept = next((one for one in found if one is not None), None)
    if kept is None or not kept.is_good(call.now):
        raise _gone()
    return kept


def _holding(call: Call, kept: OneTimeToken, user: User | None) -> User:
    """The user, if they may still use the link and are who it was made for; raises NotFound."""
    if user is None or not may_use_link(user, call.now) or _standing(user) != kept.document:
        raise _gone()
    return user


def _standing(user: User) -> Mapping[str, object]:
    return {"email": user.email, "password": digest(user.password_hash) if user.password_hash else ""}


def _gone() -> NotFound:
    return NotFound("link", "")
