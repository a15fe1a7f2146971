"""Mails: queue one beside its cause, look through what was sent, send again.

Nothing is sent here. That a mail is queued stands in the event log, and `subscribers/mail.py` follows it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import NotFound, NotNow
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.mails import WAITING, WITH_SECRET, Mail, MailKind, MailState
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import MailId, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.mail import letters
from innkeeper.mail.letters import Letter, Sender
from innkeeper.store import mails


class MailWork(Protocol):
    """What does the work in the background; `jobs.runner.Jobs` is one."""

    async def begin_delivery(self, mail_id: MailId, turn: str) -> None:
        """Send a mail; the same turn of a mail begins once. Answers when the work cannot be lost any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail in the log, with what it is about."""

    mail: Mail
    subject: str


def queue(
    call: Call,
    kind: MailKind,
    user: User,
    data: Mapping[str, object],
    *,
    secret: Mapping[str, str] | None = None,
    to: str | None = None,
    cause: str | None = None,
) -> bool:
    """Send a user a mail once this unit commits; False, and nothing happens, when they have no address.

    `to` is an address other than the user's. `secret` holds a `path` on this site, or a `code`. The same
    `cause` never makes a second mail.
    """
    address = to or user.email
    if not address:
        return False
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
    is_new = mails.add(call.unit, mail)
    if is_new:
        record(call, Kind.MAIL_QUEUED, mail)
    return is_new


def page(
    call: Call,
    *,
    user_id: UserId | None = None,
    states: Sequence[MailState] = (),
    text: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Entry]:
    """A page of the e-mail log, newest first. `text`: a part of the address."""
    scope = call.scope(Right.MAIL_READ)
    found = mails.page(
        call.unit, scope, user_id=user_id, states=states, text=text, limit=limit, cursor=cursor
    )
    return Page([_entry(call, mail) for mail in found.items], found.next_cursor)


def show(call: Call, mail_id: MailId, *, home: str = "") -> tuple[Entry, Letter]:
    """One mail and its letter, with dots for its secret; raises NotFound. `home`: where the console is."""
    mail = _one(call, mail_id)
    return _entry(call, mail), letters.show(mail, Sender(call.site.site_name, home))


def send_again(call: Call, mail_id: MailId) -> Entry:
    """Send the same mail once more, or now if it waits; raises NotNow for one whose secret is gone."""
    call.permit_for_site(Right.SETTINGS_EDIT)
    mail = _one(call, mail_id)
    if mail.state in WAITING:
        _hasten(call, mail)
        return _entry(call, mail)
    if mail.kind in WITH_SECRET:
        raise NotNow("what this mail was for is kept only until it is sent; ask for a new one instead")
    again = replace(mail, id=MailId(new_id()), state=MailState.QUEUED, tries=0, error=None, sent_at=None)
    again = replace(again, cause=None, created_at=call.now, due_at=call.now)
    mails.add(call.unit, again)
    record(call, Kind.MAIL_QUEUED, again)
    return _entry(call, again)


def record(call: Call, kind: Kind, mail: Mail, **data: object) -> None:
    """Write what became of a mail into the log."""
    target = Target("mail", mail.id, str(mail.data.get("username", "")))
    call.record(kind, target, user_id=mail.user_id, data={"kind": mail.kind.value, **data})


def _hasten(call: Call, mail: Mail) -> None:
    if not mails.hasten(call.unit, mail.id):
        raise NotNow("this mail is being sent at this very moment")
    record(call, Kind.MAIL_QUEUED, mail)


def _one(call: Call, mail_id: MailId) -> Mail:
    mail = mails.one(call.unit, call.scope(Right.MAIL_READ), mail_id)
    if mail is None:
        raise NotFound("mail", mail_id)
    return mail


def _entry(call: Call, mail: Mail) -> Entry:
    return Entry(mail, letters.subject_of(mail, Sender(call.site.site_name, "")))


def _about(call: Call, user: User) -> dict[str, object]:
    zone = user.time_zone or call.site.time_zone
    return {"to_name": user.name or user.username, "username": user.username, "zone": zone}
