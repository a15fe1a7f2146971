"""Dates typed into forms: a day means its end, or its beginning, in the site's zone, and the page says so."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import N_
from innkeeper.interfaces.console.times import zone_of
from innkeeper.interfaces.console.visits import Visit

EXPECTED = N_("a date like 2027-03-31")


def end_of_day(visit: Visit, name: str, text: str) -> datetime | None:
    """The moment after this day is over; None for no date. Raises Invalid for something else."""
    day = _day(name, text)
    return None if day is None else _midnight(day + timedelta(days=1), visit)


def changed_end(visit: Visit, name: str, text: str, known: datetime | None) -> datetime | None:
    """`end_of_day`, but the very moment that was known before when its day was left as it stood."""
    is_same = text.strip() == visit.times.date_value(known)
    return known if is_same else end_of_day(visit, name, text)


def start_of_day(visit: Visit, name: str, text: str) -> datetime | None:
    """The moment this day begins; None for no date. Raises Invalid for something else."""
    day = _day(name, text)
    return None if day is None else _midnight(day, visit)


def site_zone(visit: Visit) -> ZoneInfo:
    """The zone in which dates of access are meant."""
    return zone_of(visit.reader.site.time_zone)


def _midnight(day: date, visit: Visit) -> datetime:
    return datetime.combine(day, time(), site_zone(visit))


def _day(name: str, text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(Problem(name, text, EXPECTED)) from error
    if not 1970 <= day.year <= 9000:
        raise Invalid(Problem(name, text, EXPECTED))
    return day
