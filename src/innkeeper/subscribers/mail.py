"""Mails follow from the log: what was queued is sent, and people are told what happens to their account."""

from collections.abc import Sequence

from innkeeper.actions import mail_news
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.mails import MailWork
from innkeeper.domain.events import Kind, Recorded
from innkeeper.domain.words import MailId

CALLER = Caller("system", system_name="mail")


class MailRoom:
    """Reads on from where it stopped. Two nodes may read the same, and each event still makes one mail."""

    name = "mail"
    remembers = True

    def __init__(self, calls: Calls, work: MailWork) -> None:
        self._calls = calls
        self._work = work

    async def handle(self, events: Sequence[Recorded]) -> None:
        """Begin to send what was queued, and queue what people have to be told."""
        for event in events:
            if event.kind is Kind.MAIL_QUEUED:
                await self._work.begin_delivery(MailId(event.target.id), str(event.position))
            elif mail_news.is_told(event):
                await self._calls.write(CALLER, mail_news.tell, event)
