"""The mail server that the settings name, and a mail to try it with."""

import asyncio
from collections.abc import Callable

from innkeeper.assembly.opening import CannotStart
from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.words import MailId
from innkeeper.jobs.mails import Office
from innkeeper.kit.clock import utc_now
from innkeeper.kit.ids import new_id
from innkeeper.mail.addresses import read_from, read_url
from innkeeper.mail.letters import Letter
from innkeeper.mail.sending import Postman, Undelivered, compose
from innkeeper.settings import Settings

TEST = "This is a test. Innkeeper can send mail."


def open_office(settings: Settings, home: Callable[[], str]) -> Office:
    """Who carries the mails; nobody without smtp_url. Raises CannotStart for settings that are wrong."""
    if settings.smtp_url and not settings.http and not settings.public_url:
        raise CannotStart("public_url: needed where http is empty, for the links in mails")
    return Office(_postman(settings) if settings.smtp_url else None, home)


def send_test(settings: Settings, address: str) -> str:
    """Send one mail now; answers what the server said, or raises CannotStart with what went wrong."""
    if not settings.smtp_url:
        raise CannotStart("smtp_url: empty; expected smtp://user:password@host:587 or smtps://host:465")
    postman = _postman(settings)
    now = utc_now()
    mail = Mail(
        id=MailId(new_id()),
        user_id=None,
        kind=MailKind.INVITATION,
        to_address=address,
        language="en",
        created_at=now,
        due_at=now,
    )
    letter = Letter("Test from Innkeeper", f"{TEST}\n", f"<p>{TEST}</p>")
    try:
        return asyncio.run(postman.deliver(compose(letter, mail, sender=postman.sender, now=now)))
    except Undelivered as error:
        raise CannotStart(str(error)) from error


def _postman(settings: Settings) -> Postman:
    try:
        return Postman(read_url(settings.smtp_url), read_from(settings.mail_from))
    except ValueError as error:
        raise CannotStart(str(error)) from error
