"""Mails: what they tell, and where each stands between the cause and the reader's mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from innkeeper.domain.texts import Text
from innkeeper.domain.words import MailId, UserId


class MailKind(StrEnum):
    """What a mail tells. Stored; never rename one. Each has a letter of its name in `mail/templates/kinds`.

    What its letter reads from the data stands beside it; all of that may be left out. A secret is sealed, and
    wiped once the mail is sent: a `path` on this site, or a `code`.
    """

    INVITATION = "invitation"
    """Secret: path. Data: hours (the link works), by (who invited)."""
    PASSWORD_RESET = "password_reset"
    """Secret: path. Data: minutes (the link works), by (the administrator who asked for it)."""
    EMAIL_CODE = "email_code"
    """Secret: code. Data: minutes (it works)."""
    NEW_DEVICE = "new_device"
    """Data: at, address, client."""
    PASSWORD_CHANGED = "password_changed"
    """Data: at, address, by (whoever it was, unless the user)."""
    PASSWORD_EXPIRING = "password_expiring"
    """Data: days_left, ends_at."""
    FACTOR_ADDED = "factor_added"
    """Data: at, address, by, name (of the factor)."""
    FACTOR_REMOVED = "factor_removed"
    """The same."""
    FACTOR_REMOVAL_ASKED = "factor_removal_asked"
    """The same, and removal_at: when the last factor will be gone."""
    FACTORS_RESET = "factors_reset"
    """Data: at, by."""
    SSH_KEY_ADDED = "ssh_key_added"
    """Data: at, address, by, name (its label), fingerprint."""
    API_KEY_CREATED = "api_key_created"
    """Data: at, address, by, name, prefix."""
    TWO_FACTOR_ENDING = "two_factor_ending"
    """To administrators. Data: ends_at, by."""
    FILES_CHANGED = "files_changed"
    """Secret: path (unsubscribes). Data: folder, by_group, more, and lines as `actions/notices.py` says."""


class MailState(StrEnum):
    """Where a mail stands. Unsent: there is no mail server to give it to."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSENT = "unsent"


# Their letters are worth nothing without the secret, which is gone once they were sent.
WITH_SECRET = frozenset({MailKind.INVITATION, MailKind.PASSWORD_RESET, MailKind.EMAIL_CODE})
# The path among their secrets is where their reader unsubscribes.
WITH_UNSUBSCRIBE = frozenset({MailKind.FILES_CHANGED})
WAITING = frozenset({MailState.QUEUED, MailState.SENDING})
# Between one try and the next; together about a day.
WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 180, 180, 180, 180, 180, 180, 180)
)
# How long the process that sends has a mail for itself. Longer than any try may take.
HOLD = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one address.

    `due_at`: when it is to be tried next; while it is being sent, when whoever sends it counts as lost.
    `cause`: the same cause never makes a second mail.
    """

    id: MailId
    user_id: UserId | None
    kind: MailKind
    to_address: str
    language: str
    data: Mapping[str, object] = field(default_factory=dict)
    sealed: str | None = field(default=None, repr=False)
    state: MailState = MailState.QUEUED
    tries: int = 0
    error: Text | None = None
    cause: str | None = None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = None

    def next_try(self, now: datetime) -> datetime | None:
        """When to try again after a try that failed; None when it is not worth it any more."""
        if self.tries > len(WAITS):
            return None
        due = now + WAITS[self.tries - 1]
        lifetime = self.data.get("minutes")
        is_late = isinstance(lifetime, int) and due >= self.created_at + timedelta(minutes=lifetime)
        return None if is_late else due
