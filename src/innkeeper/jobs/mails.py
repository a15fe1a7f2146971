"""One try to deliver a mail. It may be begun at any time, also on two nodes: the store says whose it is."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import structlog

from innkeeper.actions import mail_delivery
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import Mail
from innkeeper.domain.texts import Text
from innkeeper.domain.words import MailId
from innkeeper.kit.vault import VaultError
from innkeeper.mail.sending import Postman, Undelivered, compose

JOB = Caller("system", system_name="mail")
LOOK_SECONDS = 0.2
# A server that stops lets a mail under way finish for so long.
PATIENCE_SECONDS = 4.0
INSISTENCE = (0.2, 1.0, 5.0, 20.0)

log = structlog.get_logger()


class Stopped(Exception):
    """The server stopped while the mail was under way; whether it arrived nobody knows."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who carries the mails, if anybody, and the address of the console, for the links in them."""

    postman: Postman | None = None
    home: Callable[[], str] = str


def deliver(calls: Calls, office: Office, mail_id: MailId, stopping: threading.Event) -> datetime | None:
    """Try once; answers when to come again, or None when the mail is done with. Raises Stopped."""
    claimed = calls.write_now(JOB, mail_delivery.claim, mail_id)
    if not isinstance(claimed, Mail):
        return claimed
    if office.postman is None:
        calls.write_now(JOB, mail_delivery.note_unsent, claimed)
        return None
    try:
        message = _compose(calls, office.postman, claimed, office.home())
        answer = asyncio.run(_send(office.postman, message, stopping))
    except Undelivered as error:
        return calls.write_now(
            JOB, mail_delivery.note_failure, claimed, error.text, is_permanent=error.is_permanent
        )
    _note_sent(calls, claimed, stopping)
    log.info("a mail was sent", mail=claimed.id, kind=claimed.kind.value, answer=answer)
    return None


def _compose(calls: Calls, postman: Postman, mail: Mail, home: str) -> EmailMessage:
    """The message; raises Undelivered for one that will never be right."""
    try:
        letter = calls.read_now(JOB, mail_delivery.letter_of, mail, home)
    except VaultError as error:
        said = Text("the link or code in it cannot be read: %(reason)s", {"reason": str(error)})
        raise Undelivered(said, is_permanent=True) from error
    return compose(letter, mail, sender=postman.sender, now=calls.database.clock())


def _note_sent(calls: Calls, mail: Mail, stopping: threading.Event) -> None:
    """Insist: should this not be known, the mail would be sent once more."""
    for wait in INSISTENCE:
        try:
            return calls.write_now(JOB, mail_delivery.note_sent, mail)
        except Exception:
            log.exception("a mail was sent, and this cannot be stored yet", mail=mail.id, seconds=wait)
        stopping.wait(wait)
    return calls.write_now(JOB, mail_delivery.note_sent, mail)


async def _send(postman: Postman, message: EmailMessage, stopping: threading.Event) -> str:
    sending = asyncio.create_task(postman.deliver(message))
    patience = PATIENCE_SECONDS
    while not sending.done():
        await asyncio.wait({sending}, timeout=LOOK_SECONDS)
        patience -= LOOK_SECONDS if stopping.is_set() else 0
        if patience <= 0:
            sending.cancel()
            raise Stopped
    return await sending
