"""Moments as people read them: in their zone, by their language's rules."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta

JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Times:
    """Formats moments for one reader."""

    locale: Locale
    zone: ZoneInfo
    now: datetime

    def day(self, moment: datetime) -> str:
        """`31 Mar 2027`, in the reader's zone."""
        return format_date(moment.astimezone(self.zone), "medium", locale=self.locale)

    def last_day(self, moment: datetime) -> str:
        """The last day on which something that ends at this moment still holds."""
        return self.day(moment - JUST_BEFORE)

    def short_day(self, day: date) -> str:
        """`31 Mar`: a day on a chart's axis."""
        return format_skeleton_day(day, self.locale)

    def stamp(self, moment: datetime) -> str:
        """Day and time, with the zone."""
        return format_datetime(moment, "medium", tzinfo=self.zone, locale=self.locale) + f" ({self.zone.key})"

    def clock(self, moment: datetime) -> str:
        """The time of day alone."""
        return format_time(moment, "short", tzinfo=self.zone, locale=self.locale)

    def ago(self, moment: datetime) -> str:
        """`4 minutes ago`, `in 3 days`."""
        return format_timedelta(moment - self.now, add_direction=True, locale=self.locale, threshold=1.1)

    def date_value(self, moment: datetime | None) -> str:
        """What `<input type=date>` takes: the last day on which this still holds."""
        return "" if moment is None else (moment - JUST_BEFORE).astimezone(self.zone).date().isoformat()

    def last_days(self, number: int) -> list[date]:
        """The reader's last days up to today."""
        today = self.now.astimezone(self.zone).date()
        return [today - timedelta(days=back) for back in range(number - 1, -1, -1)]


def format_skeleton_day(day: date, locale: Locale) -> str:
    """Day and month in the order the language wants them."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMd", day, locale=locale)


def zone_of(*wanted: str) -> ZoneInfo:
    """The first zone that this machine knows; UTC if none."""
    known = available_timezones()
    return ZoneInfo(next((name for name in wanted if name in known), "UTC"))


def zone_names() -> list[str]:
    """Every zone with a place in its name, for a menu."""
    return sorted(
        name
        for name in available_timezones()
        if ("/" in name and not name.startswith(("Etc/", "SystemV/"))) or name == "UTC"
    )
