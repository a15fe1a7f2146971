"""Tells a user by mail that a key was made in their name: whoever did it, they should know."""

from innkeeper.actions import mails
from innkeeper.actions.call import Call
from innkeeper.domain.mails import MailKind
from innkeeper.domain.users import User


def tell(call: Call, kind: MailKind, user: User, **facts: object) -> None:
    """Queue the mail, with when, from where, and by whom unless it was the user."""
    by = call.actor.name if call.actor.user_id != user.id else ""
    mails.queue(call, kind, user, {"at": call.now, "address": call.address, "by": by, **facts})
