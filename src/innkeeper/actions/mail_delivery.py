"""One try to deliver a mail, in two short units with the mail server between them: claim, then settle.

Whoever claims a mail has it for a while for itself, on whatever node; should it die, the mail is due again.
"""

import json
from datetime import datetime, timedelta

from innkeeper.actions import mails as mail_actions
from innkeeper.actions.call import Call
from innkeeper.domain.events import Kind
from innkeeper.domain.mails import WAITING, Mail, MailState
from innkeeper.domain.rights import Right
from innkeeper.domain.texts import Text
from innkeeper.domain.words import MailId
from innkeeper.mail import letters
from innkeeper.mail.letters import Letter, Sender
from innkeeper.store import mails


def claim(call: Call, mail_id: MailId) -> Mail | datetime | None:
    """The mail, held for one try; when it is not due, the time when it is; None when it is done with."""
    scope = call.scope(Right.MAIL_READ)
    is_mine = mails.claim(call.unit, mail_id)
    mail = mails.one(call.unit, scope, mail_id)
    if mail is None or mail.state not in WAITING:
        return None
    return mail if is_mine else mail.due_at


def letter_of(call: Call, mail: Mail, home: str) -> Letter:
    """The letter, with its secret; raises VaultError when that was sealed with a key that is gone."""
    call.permit_for_site(Right.SETTINGS_EDIT)
    secret = json.loads(call.unseal(mail.sealed)) if mail.sealed else {}
    return letters.write(mail, Sender(call.site.site_name, home), secret)


def note_sent(call: Call, mail: Mail) -> None:
    """The mail server has taken it."""
    call.permit_for_site(Right.SETTINGS_EDIT)
    mails.settle(call.unit, mail.id, MailState.SENT)


def note_unsent(call: Call, mail: Mail) -> None:
    """There is no mail server; the mail stays in the log, and its secret goes."""
    call.permit_for_site(Right.SETTINGS_EDIT)
    mails.settle(call.unit, mail.id, MailState.UNSENT)


def note_failure(call: Call, mail: Mail, error: Text, *, is_permanent: bool) -> datetime | None:
    """A try failed; answers when the next one is due, or None when it was the last."""
    call.permit_for_site(Right.SETTINGS_EDIT)
    due_at = None if is_permanent else mail.next_try(call.now)
    state = MailState.FAILED if due_at is None else MailState.QUEUED
    mails.settle(call.unit, mail.id, state, error=error, due_at=due_at)
    if due_at is None:
        mail_actions.record(call, Kind.MAIL_FAILED, mail, error=str(error))
    return due_at


def overdue(call: Call, *, by: timedelta, limit: int = 1000) -> list[Mail]:
    """Mails that nobody seems to be at work on: their next try should have been that long ago."""
    call.permit_for_site(Right.SETTINGS_EDIT)
    return mails.waiting(call.unit, due_before=call.now - by, limit=limit)
