"""Who hears of which acts on files, and when: the rules alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from innkeeper.domain.notifications import (
    SHOWN,
    Digest,
    FileNews,
    Frequency,
    Happening,
    Line,
    Notification,
    next_due,
)
from innkeeper.domain.words import NotificationId, SubjectKind, UserId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOB = UserId("bob")
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
moments = some.integers(0, 10 * 365 * 86400).map(lambda seconds: SINCE + timedelta(seconds=seconds))
frequencies = some.sampled_from(Frequency)
zones = some.sampled_from([ZoneInfo(name) for name in ZONES])
hours = some.integers(0, 23)
people = some.sampled_from(["ada", "bob", "charlie"])
files = some.sampled_from(["/in/a", "/in/b", "/in/deep/a", "/out/a"])


def wish(
    path: str = "/in", frequency: Frequency = Frequency.HOURLY, *verbs: FileNews, is_recursive: bool = True
) -> Notification:
    return Notification(
        id=NotificationId(f"{path} {frequency}"),
        subject_kind=SubjectKind.USER,
        subject_id="bob",
        path=path,
        is_recursive=is_recursive,
        verbs=verbs or tuple(FileNews),
        frequency=frequency,
        created_at=NOW,
        changed_at=NOW,
    )


def act(
    path: str = "/in/a",
    by: str = "ada",
    news: FileNews = FileNews.UPLOAD,
    *,
    new_path: str | None = None,
    at: datetime = NOW,
) -> Happening:
    return Happening(news=news, path=path, new_path=new_path, user_id=by, by=by, at=at, place=(0, 1))


def everywhere(_: str) -> bool:
    return True


def lines(notification: Notification, *acts: Happening) -> tuple[Line, ...]:
    digest = Digest(notification)
    for happening in acts:
        digest.add(happening)
    return digest.for_reader(BOB, everywhere).lines


@given(frequencies, moments, zones, hours)
def test_a_batch_is_due_later_and_not_much_later(
    frequency: Frequency, now: datetime, zone: ZoneInfo, hour: int
) -> None:
    due = next_due(frequency, now, zone=zone, hour=hour)

    # Samoa left out a whole day once; elsewhere a day has at most 25 hours, and an hour may be missing.
    assert now < due <= now + timedelta(hours=26)


@given(moments, zones, hours)
def test_a_daily_mail_comes_once_on_each_local_day(now: datetime, zone: ZoneInfo, hour: int) -> None:
    first = next_due(Frequency.DAILY, now, zone=zone, hour=hour)
    second = next_due(Frequency.DAILY, first, zone=zone, hour=hour)

    days = second.astimezone(zone).date() - first.astimezone(zone).date()
    assert days == timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # Clocks go from 2:00 to 3:00 on the 29th of March, and from 3:00 to 2:00 on the 25th of October.
        ("2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00"),
        ("2026-03-29T12:00+02:00", "2026-03-30T02:00+02:00"),
        ("2026-10-24T12:00+02:00", "2026-10-25T02:00+02:00"),
        ("2026-10-25T02:00+02:00", "2026-10-26T02:00+01:00"),
    ],
)
def test_daily_mail_knows_when_clocks_change(now: str, due: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    expected = datetime.fromisoformat(due)

    assert expected == next_due(Frequency.DAILY, datetime.fromisoformat(now), zone=berlin, hour=2)


@given(some.lists(some.tuples(files, people)))
def test_nobody_hears_of_their_own_acts_and_of_no_other_is_anything_lost(acts: list[tuple[str, str]]) -> None:
    told = lines(wish(), *(act(path, by) for path, by in acts))

    foreign = [(path, by) for path, by in acts if by != "bob" and path.startswith("/in/")]
    assert all(line.by != "bob" for line in told)
    assert sorted({path for path, _ in foreign}) == sorted({line.path for line in told})
    assert len(foreign) == sum(line.times for line in told)


@given(some.lists(some.tuples(files, frequencies), max_size=6), files)
def test_of_several_notifications_exactly_one_tells(wishes: list[tuple[str, Frequency]], path: str) -> None:
    held = {(folder, much): wish(folder.rsplit("/", 1)[0], much) for folder, much in wishes}
    notifications = list({entry.id: entry for entry in held.values()}.values())
    told = 0
    for notification in notifications:
        digest = Digest(notification)
        digest.add(act(path))
        told += len(digest.for_reader(BOB, everywhere, notifications).lines)

    assert told == min(1, sum(entry.reaches(path) for entry in notifications))


def test_several_acts_on_a_file_are_one_line() -> None:
    [line] = lines(wish(), act(), act(at=NOW + timedelta(minutes=1)))

    assert (line.times, line.first_at, line.at) == (2, NOW, NOW + timedelta(minutes=1))


def test_a_folder_alone_is_not_what_lies_below() -> None:
    assert not lines(wish(is_recursive=False), act("/in/deep/a"))


def test_a_name_that_begins_alike_is_another_folder() -> None:
    assert not lines(wish(), act("/incoming/a"))


def test_what_happened_before_is_no_news() -> None:
    assert not lines(wish(), act(at=NOW - timedelta(seconds=1)))


def test_a_file_out_of_sight_is_not_told_of_nor_where_one_went() -> None:
    digest = Digest(wish("/"))
    digest.add(act("/secret/a"))
    digest.add(act("/in/a", news=FileNews.RENAME, new_path="/secret/b"))

    [line] = digest.for_reader(BOB, lambda folder: folder == "/in").lines

    assert (line.path, line.new_path) == ("/in/a", None)


def test_a_file_that_came_in_is_told_by_its_new_name() -> None:
    [line] = lines(wish(), act("/out/a", news=FileNews.RENAME, new_path="/in/b"))

    assert (line.path, line.new_path) == ("/in/b", None)


def test_a_notification_changed_since_takes_nothing_from_another() -> None:
    daily = wish("/in", Frequency.DAILY)
    changed = Notification(
        **{name: getattr(daily, name) for name in daily.__slots__}
        | {"id": "x", "frequency": Frequency.HOURLY, "changed_at": NOW + timedelta(hours=1)}
    )
    digest = Digest(daily)
    digest.add(act())

    assert len(digest.for_reader(BOB, everywhere, [changed]).lines) == 1


def test_a_long_batch_is_cut_and_the_rest_counted() -> None:
    digest = Digest(wish())
    for number in range(250):
        digest.add(act(f"/in/{number}"))
    digest.add(act("/in/deep/x"))

    notice = digest.for_reader(BOB, everywhere)

    assert (len(notice.lines), notice.more) == (SHOWN, 151)
