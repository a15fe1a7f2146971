"""Mails: queue one beside its cause, look through what was sent, send again.

Nothing is sent here. That a mail is queued stands in the event log, and `subscribers/mail.py` follows it.
"""

import json
from collections.abc import Mapping

from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.users import User
from innkeeper.domain.words import MailId
from innkeeper.kit.ids import new_id
from innkeeper.store import mails


def queue(
    call: Call,
    kind: MailKind,
    user: User,
    data: Mapping[str, object],
    *,
    secret: Mapping[str, str] | None = None,
    to: str | None = None,
    cause: str | None = None,
) -> None:
    """Send a user a mail once this unit commits; nothing happens when they have no address.

    `to` is an address other than the user's. `secret` holds a `path` on this site, or a `code`. The same
    `cause` never makes a second mail.
    """
    address = to or user.email
    if not address:
        return
    mail = Mail(
        id=MailId(new_id()),
        user_id=user.id,
        kind=kind,
        to_address=address,
        language=user.language or call.site.language,
        data=_about(call, user) | {name: plain(value) for name, value in data.items()},
        sealed=call.seal(json.dumps(dict(secret))) if secret else None,
        cause=cause,
        created_at=call.now,
        due_at=call.now,
    )
    if mails.add(call.unit, mail):
        record(call, Kind.MAIL_QUEUED, mail)


def _about(call: Call, user: User) -> dict[str, object]:
    zone = user.time_zone or call.site.time_zone
    return {"to_name": user.name or user.username, "username": user.username, "zone": zone}


def record(call: Call, kind: Kind, mail: Mail, **data: object) -> None:
    """Write what became of a mail into the log."""
    target = Target("mail", mail.id, str(mail.data.get("username", "")))
    call.record(kind, target, user_id=mail.user_id, data={"kind": mail.kind.value, **data})
