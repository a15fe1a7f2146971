"""Notices: the batches of news that are due become mails, each exactly once.

What one batch holds is a stretch of the event log. A reader's turn says where it begins; the mail and the
turn's next place are stored together, so that a crash repeats nothing and leaves nothing out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from innkeeper.actions import mails, notifications
from innkeeper.actions.actors import EVERYONE, belonging
from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.events import Recorded
from innkeeper.domain.groups import Belonging
from innkeeper.domain.mails import MailKind
from innkeeper.domain.notifications import KINDS, TOLD, Digest, Line, Notice, Notification, Place
from innkeeper.domain.paths import below
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import NotificationId, SubjectKind
from innkeeper.store import events, users
from innkeeper.store import notifications as store
from innkeeper.store.notifications import Turn

AT_ONCE = 5000
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """Readers whose batches are due, the notifications they are due for, and where the log ends now."""

    turns: Sequence[Turn]
    notifications: dict[NotificationId, Notification]
    end: Place


def welcome_members(call: Call) -> None:
    """Give turns to those who came into a group that is told of a folder."""
    call.permit_for_site(Right.NOTIFICATION_EDIT)
    for notification in store.of_groups(call.unit):
        notifications.begin(call, notification)


def due(call: Call, *, limit: int = AT_ONCE) -> Due:
    """Batches to close now."""
    call.permit_for_site(Right.NOTIFICATION_READ)
    turns = store.turns_due(call.unit, limit)
    known = store.many(call.unit, (turn.notification_id for turn in turns))
    return Due(turns, known, events.last_place(call.unit))


def news(call: Call, after: Place, end: Place, *, limit: int) -> list[Recorded]:
    """The next acts on files behind a place and up to another, oldest first."""
    call.permit_for_site(Right.EVENT_READ)
    return events.between(call.unit, after, end, KINDS, limit)


def tell(call: Call, turns: Iterable[Turn], digest: Digest, end: Place) -> int:
    """Close these readers' batches, and mail them what concerns them; answers how many mails there are."""
    call.permit_for_site(Right.NOTIFICATION_EDIT)
    return sum(_tell(call, turn, digest, end) for turn in turns)


def _tell(call: Call, turn: Turn, digest: Digest, end: Place) -> bool:
    notification = digest.notification
    user = users.one(call.unit, EVERYONE, turn.user_id)
    # Whoever is in the recycle bin may come back, and is told of what happens from then on.
    next_at = call.now + A_DAY if user is None else notifications.due_at(call, notification, user)
    if not store.move_turn(call.unit, turn, end, next_at) or user is None:
        return False
    notice = _notice(call, user, digest)
    return bool(notice.lines) and _queue(call, user, notification, notice, turn)


def _notice(call: Call, user: User, digest: Digest) -> Notice:
    if digest.is_empty or not user.email or user.status(call.now) not in TOLD:
        return Notice(())
    belongs = belonging(call.unit, user.id)
    subjects = {user.id, *(group.id for group in belongs.groups)}
    if digest.notification.subject_id not in subjects:
        return Notice(())
    sees = notifications.sees(call, user, belongs)
    return digest.for_reader(user.id, sees, _others(call, user, belongs))


def _others(call: Call, user: User, belongs: Belonging) -> list[Notification]:
    refused = store.refused_by(call.unit, user.id)
    subjects = [user.id, *(group.id for group in belongs.groups)]
    return [entry for entry in store.of_subjects(call.unit, subjects) if entry.id not in refused]


def _queue(call: Call, user: User, notification: Notification, notice: Notice, turn: Turn) -> bool:
    return mails.queue(
        call,
        MailKind.FILES_CHANGED,
        user,
        {
            "folder": below(notification.path, user.user_root),
            "by_group": notification.subject_kind is SubjectKind.GROUP,
            "more": notice.more,
            "lines": [_told(line, user) for line in notice.lines],
        },
        secret={"path": notifications.link_of(call, notification, user)},
        cause=f"notice {notification.id} {user.id} {turn.place[0]}.{turn.place[1]}",
    )


def _told(line: Line, user: User) -> dict[str, object]:
    """A line as its reader knows the paths."""
    return {
        "news": line.news.value,
        "path": below(line.path, user.user_root),
        "new_path": None if line.new_path is None else below(line.new_path, user.user_root),
        "by": line.by,
        "at": plain(line.at),
        "times": line.times,
    }
