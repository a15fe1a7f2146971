"""Notifications: who hears of what happens to files, when their batch is due, and what it says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from innkeeper.domain.events import Kind, Recorded
from innkeeper.domain.paths import is_within, parent
from innkeeper.domain.users import User
from innkeeper.domain.words import NotificationId, Status, SubjectKind, UserId

DEFAULT_HOUR = 8
# What one mail lists at most; the rest is counted.
SHOWN = 100
# A lock passes; whoever is out for longer is not told.
TOLD = frozenset({Status.ACTIVE, Status.LOCKED})
Place = tuple[int, int]


class FileNews(StrEnum):
    """What can be heard of. Stored; never rename one."""

    UPLOAD = "upload"
    DOWNLOAD = "download"
    DELETE = "delete"
    RENAME = "rename"


class Frequency(StrEnum):
    """How long news is gathered. Stored; never rename one."""

    FIVE_MINUTES = "5_minutes"
    QUARTER_HOUR = "15_minutes"
    HOURLY = "hourly"
    DAILY = "daily"


STEPS = {
    Frequency.FIVE_MINUTES: 300,
    Frequency.QUARTER_HOUR: 900,
    Frequency.HOURLY: 3600,
    Frequency.DAILY: 86400,
}
KINDS = {
    Kind.FILE_UPLOADED: FileNews.UPLOAD,
    Kind.FILE_DOWNLOADED: FileNews.DOWNLOAD,
    Kind.FILE_DELETED: FileNews.DELETE,
    Kind.FILE_MOVED: FileNews.RENAME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A standing wish to hear of a folder, for a user or for everyone in a group.

    `changed_at`: since when it has been as it is; an earlier change of a file may have been told another way.
    """

    id: NotificationId
    subject_kind: SubjectKind
    subject_id: str
    path: str
    is_recursive: bool = True
    verbs: tuple[FileNews, ...] = (FileNews.UPLOAD,)
    frequency: Frequency = Frequency.HOURLY
    created_by: str | None = None
    created_at: datetime
    changed_at: datetime

    def reaches(self, path: str) -> bool:
        """True for a file in the folder, or below it when that is meant too."""
        folder = parent(path)
        return folder == self.path or (self.is_recursive and is_within(folder, self.path))

    def outranks(self, other: "Notification") -> bool:
        """The one of two that tells what both would: the quicker, then the one of the folder further down."""
        return self._rank() < other._rank()

    def _rank(self) -> tuple[int, int, str]:
        return STEPS[self.frequency], -len(self.path), self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One finished act on a file; of a rename the path is the old one."""

    news: FileNews
    path: str
    new_path: str | None
    user_id: str | None
    by: str
    at: datetime
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a mail says of one file: how often it happened, when and by whom the last time."""

    news: FileNews
    path: str
    new_path: str | None
    by: str
    first_at: datetime
    at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told at once; `more` counts the acts that are not listed."""

    lines: tuple[Line, ...]
    more: int = 0


@dataclass(slots=True)
class _Bucket:
    """What one person did in one folder."""

    lines: dict[tuple[FileNews, str, str | None], Line] = field(default_factory=dict)
    more: int = 0


class Digest:
    """What happened in the reach of one notification, kept small however much it was."""

    def __init__(self, notification: Notification) -> None:
        self.notification = notification
        self._buckets: dict[tuple[str, str | None], _Bucket] = {}

    @property
    def is_empty(self) -> bool:
        return not self._buckets

    def add(self, happening: Happening) -> None:
        """Take in what concerns the notification; several acts on one file become one line."""
        side = side_of(self.notification, happening)
        if side is None:
            return
        path, new_path = side
        bucket = self._buckets.setdefault((parent(path), happening.user_id), _Bucket())
        key = (happening.news, path, new_path)
        known = bucket.lines.get(key)
        if known is None and len(bucket.lines) >= SHOWN:
            bucket.more += 1
        else:
            bucket.lines[key] = _line(happening, path, new_path, known)

    def for_reader(
        self,
        user_id: UserId,
        sees: Callable[[str], bool],
        others: Iterable[Notification] = (),
    ) -> Notice:
        """What this user is told: nothing they did, nothing in folders out of their sight.

        `others` are their other notifications; what one of those tells, and no later, is not told again.
        """
        quicker = [other for other in others if other.outranks(self.notification)]
        lines: list[Line] = []
        more = 0
        for (folder, by), bucket in self._buckets.items():
            if by != user_id and sees(folder):
                lines += [_seen(line, sees) for line in bucket.lines.values() if not _is_told(line, quicker)]
                more += bucket.more
        lines.sort(key=lambda line: (line.at, line.path))
        return Notice(tuple(lines[:SHOWN]), more + sum(line.times for line in lines[SHOWN:]))


def happening_of(event: Recorded) -> Happening | None:
    """An event of the log as news; None for what is none, a transfer that broke off for example."""
    news = KINDS.get(event.kind)
    if news is None or not event.data.get("is_complete", True):
        return None
    new_path = event.data.get("new_path")
    return Happening(
        news=news,
        path=event.target.name,
        new_path=new_path if isinstance(new_path, str) else None,
        user_id=event.user_id,
        by=event.actor_name,
        at=event.at,
        place=(event.commit_order, event.position),
    )


def side_of(notification: Notification, happening: Happening) -> tuple[str, str | None] | None:
    """The path to tell, and where it went; None when it is none of the notification's business.

    A file that came in from elsewhere is told by its new name alone.
    """
    if happening.news not in notification.verbs or happening.at < notification.created_at:
        return None
    if notification.reaches(happening.path):
        return happening.path, happening.new_path
    if happening.new_path is not None and notification.reaches(happening.new_path):
        return happening.new_path, None
    return None


def next_due(frequency: Frequency, now: datetime, *, zone: ZoneInfo, hour: int) -> datetime:
    """When the batch that gathers now is due: on the next full step, or at the user's hour in their zone.

    An hour that a day does not have, because clocks go forward, is the first moment after the gap; of one
    that a day has twice it is the first.
    """
    if frequency is not Frequency.DAILY:
        step = STEPS[frequency]
        return datetime.fromtimestamp((int(now.timestamp()) // step + 1) * step, UTC)
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(3))
    moments = (datetime.combine(day, time(hour), zone).astimezone(UTC) for day in days)
    return next(moment for moment in moments if moment > now)


def hour_of(user: User) -> int:
    """The hour of the user's daily mails."""
    hour = user.notification_preferences.get("daily_hour")
    return hour if isinstance(hour, int) and not isinstance(hour, bool) and 0 <= hour < 24 else DEFAULT_HOUR


def zone_of(user: User, site_zone: str) -> ZoneInfo:
    """The zone that the user lives in."""
    return ZoneInfo(user.time_zone or site_zone)


def _line(happening: Happening, path: str, new_path: str | None, known: Line | None) -> Line:
    return Line(
        news=happening.news,
        path=path,
        new_path=new_path,
        by=happening.by,
        first_at=known.first_at if known else happening.at,
        at=happening.at,
        times=known.times + 1 if known else 1,
    )


def _is_told(line: Line, quicker: Iterable[Notification]) -> bool:
    paths = (line.path,) if line.new_path is None else (line.path, line.new_path)
    return any(
        line.news in other.verbs
        and other.changed_at <= line.first_at
        and any(other.reaches(path) for path in paths)
        for other in quicker
    )


def _seen(line: Line, sees: Callable[[str], bool]) -> Line:
    if line.new_path is None or sees(parent(line.new_path)):
        return line
    return Line(**{name: getattr(line, name) for name in Line.__slots__} | {"new_path": None})
