"""A letter becomes a message, and is handed to a mail server (RFC 5321; STARTTLS: RFC 3207)."""

import asyncio
import ssl
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from innkeeper.domain.mails import Mail
from innkeeper.domain.texts import Text
from innkeeper.mail.addresses import MailServer, address_of
from innkeeper.mail.letters import Letter, one_line

if TYPE_CHECKING:
    import aiosmtplib

# All of a try; less than the time for which a mail is held for it.
TRY_SECONDS = 120.0
STEP_SECONDS = 60.0
LONGEST_ANSWER = 300


class Undelivered(Exception):
    """The mail was not taken. Permanent: it would not be taken another time either."""

    def __init__(self, text: Text, *, is_permanent: bool = False) -> None:
        super().__init__(str(text))
        self.text = text
        self.is_permanent = is_permanent


def compose(letter: Letter, mail: Mail, *, sender: Address, now: datetime) -> EmailMessage:
    """The message with its headers; raises Undelivered for an address that cannot be written to.

    The same mail has the same Message-ID at each try, so that a mailbox can tell when it gets one twice.
    """
    try:
        to = address_of(str(mail.data.get("to_name", "")), mail.to_address)
    except ValueError as error:
        raise Undelivered(Text("no mail can be sent to this address"), is_permanent=True) from error
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    # RFC 3834, and Exchange's own word for it: no out-of-office notes in return.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.unsubscribe:
        # RFC 2369, and RFC 8058 for the one click.
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = one_line(mail.language)
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


class Postman:
    """Hands messages to one server, each over a connection of its own."""

    def __init__(self, server: MailServer, sender: Address) -> None:
        self.server = server
        self.sender = sender

    async def deliver(self, message: EmailMessage) -> str:
        """What the server said when it took the message; raises Undelivered."""
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await self._deliver(message)
        except TimeoutError as error:
            raise Undelivered(Text("the mail server took too long")) from error

    async def _deliver(self, message: EmailMessage) -> str:
        client = self._client()
        try:
            await self._connect(client)
            return await self._hand_over(client, message)
        finally:
            with suppress(Exception):
                await client.quit(timeout=5)
            client.close()

    def _client(self) -> "aiosmtplib.SMTP":
        # Most of what is ever started sends no mail.
        import aiosmtplib

        return aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            username=self.server.username,
            password=self.server.password,
            use_tls=self.server.is_tls,
            start_tls=True if self.server.must_encrypt else None,
            local_hostname=self.sender.domain,
            timeout=STEP_SECONDS,
        )

    async def _connect(self, client: "aiosmtplib.SMTP") -> None:
        """Whatever goes wrong here says nothing of the mail, so that it may be tried again."""
        from aiosmtplib import SMTPException, SMTPResponseException

        try:
            await client.connect()
        except SMTPResponseException as error:
            raise _answered(error.code, error.message) from error
        except (SMTPException, OSError, ssl.SSLError) as error:
            where = f"{self.server.host}:{self.server.port}"
            reason = one_line(str(error) or type(error).__name__)[:LONGEST_ANSWER]
            said = Text(
                "the mail server %(server)s cannot be used: %(reason)s", {"server": where, "reason": reason}
            )
            raise Undelivered(said) from error

    async def _hand_over(self, client: "aiosmtplib.SMTP", message: EmailMessage) -> str:
        from aiosmtplib import SMTPException, SMTPNotSupported, SMTPRecipientsRefused, SMTPResponseException

        try:
            return one_line((await client.send_message(message))[1])
        except SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _answered(refused.code, refused.message, is_about_mail=True) from error
        except SMTPResponseException as error:
            raise _answered(error.code, error.message, is_about_mail=True) from error
        except SMTPNotSupported as error:
            raise Undelivered(Text("no mail can be sent to this address"), is_permanent=True) from error
        except (SMTPException, OSError) as error:
            reason = one_line(str(error) or type(error).__name__)[:LONGEST_ANSWER]
            raise Undelivered(Text("the mail server broke off: %(reason)s", {"reason": reason})) from error


def _answered(code: int, message: str, *, is_about_mail: bool = False) -> Undelivered:
    answer = one_line(f"{code} {message}")[:LONGEST_ANSWER]
    said = Text("the mail server answered: %(answer)s", {"answer": answer})
    return Undelivered(said, is_permanent=is_about_mail and code >= 500)
