"""Events that people are told of by mail, so that nobody uses their account unnoticed."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from innkeeper.actions import mails as mail_actions
from innkeeper.actions.call import Call
from innkeeper.domain.events import Kind, Recorded
from innkeeper.domain.mails import MailKind
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.store import mails, users

# What is older is no news: a log that is read for the first time goes back to the beginning.
NEWS_FOR = timedelta(days=1)
TOLD: Mapping[Kind, MailKind] = {
    Kind.LOGIN_SUCCEEDED: MailKind.NEW_DEVICE,
    Kind.PASSWORD_CHANGED: MailKind.PASSWORD_CHANGED,
    Kind.PASSWORD_RESET: MailKind.PASSWORD_CHANGED,
    Kind.FACTOR_ADDED: MailKind.FACTOR_ADDED,
    Kind.FACTOR_REMOVED: MailKind.FACTOR_REMOVED,
    Kind.FACTORS_RESET: MailKind.FACTORS_RESET,
    Kind.SSH_KEY_ADDED: MailKind.SSH_KEY_ADDED,
    Kind.API_KEY_CREATED: MailKind.API_KEY_CREATED,
}
MORE: Mapping[Kind, Callable[[Recorded], Mapping[str, object]]] = {
    Kind.LOGIN_SUCCEEDED: lambda event: {"client": event.data.get("client")},
    Kind.FACTOR_ADDED: lambda event: {"name": event.target.name},
    Kind.FACTOR_REMOVED: lambda event: {"name": event.target.name},
    Kind.SSH_KEY_ADDED: lambda event: {
        "name": event.after.get("label"),
        "fingerprint": event.after.get("fingerprint"),
    },
    Kind.API_KEY_CREATED: lambda event: {"name": event.target.name, "prefix": event.after.get("prefix")},
}


def is_told(event: Recorded) -> bool:
    """True for an event that its user may have to be told of; the cheap half of `tell`.

    Not of a first password, which nobody else could choose, nor of what an import did to thousands.
    """
    if event.data.get("by") == "signup" or "import_id" in event.data:
        return False
    if event.kind is Kind.LOGIN_SUCCEEDED:
        return bool(event.data.get("is_new_device"))
    return event.kind in TOLD and event.user_id is not None


def tell(call: Call, event: Recorded) -> None:
    """Queue the mail about an event, once, unless the action that caused it has done so itself."""
    scope = call.scope(Right.USER_READ)
    user = users.one(call.unit, scope, UserId(event.user_id)) if event.user_id else None
    kind = TOLD[event.kind]
    if user is None or user.deleted_at is not None or not _is_news(call, event, user):
        return
    if mails.is_made(call.unit, user.id, kind, event.at):
        return
    by = event.actor_name if event.actor_kind != "system" and event.actor_name != user.username else None
    data = {"at": event.at, "address": event.address, "by": by, **MORE.get(event.kind, _nothing)(event)}
    known = {name: value for name, value in data.items() if value}
    mail_actions.queue(call, kind, user, known, cause=f"event {event.position}")


def _is_news(call: Call, event: Recorded, user: User) -> bool:
    """Not long ago, wanted by the site, and not what an account was made with."""
    is_wanted = event.kind is not Kind.LOGIN_SUCCEEDED or call.site.new_device_mail
    return is_wanted and call.now - event.at < NEWS_FOR and event.at != user.created_at


def _nothing(_: Recorded) -> Mapping[str, object]:
    return {}
