"""Numbers of a list of days for charts, cut in the reader's zone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from innkeeper.interfaces.console.charts import Column
from innkeeper.interfaces.console.visits import Visit

DAYS = 30
FAILED = ("login.failed",)


def first_moments(visit: Visit, number: int = DAYS) -> Sequence[datetime]:
    """The beginnings of the reader's last days."""
    zone = visit.reader.zone
    return [datetime.combine(day, time(), zone) for day in visit.times.last_days(number)]


def columns_of(
    visit: Visit, per_day: Mapping[tuple[str, str], int], *, only: tuple[str, ...] = ("",), number: int = DAYS
) -> list[Column]:
    """One column a day: kinds that begin with one of `only`, failed sign-ins on top."""
    columns = []
    for day in visit.times.last_days(number):
        found = {
            kind: count
            for (text, kind), count in per_day.items()
            if text == day.isoformat() and kind.startswith(only)
        }
        failed = sum(count for kind, count in found.items() if kind in FAILED)
        columns.append(Column(visit.times.short_day(day), sum(found.values()) - failed, failed))
    return columns
