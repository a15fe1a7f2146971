"""What one value must be: the checkers that the fields of users, groups, folders and settings are made of.

A checker takes a value as JSON knows it and answers it as the domain keeps it, or raises Expected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from ipaddress import ip_network
from zoneinfo import ZoneInfo, available_timezones

from innkeeper.domain.paths import normalize
from innkeeper.domain.storable import unstorable
from innkeeper.domain.texts import Parameter, Text

LONGEST_TEXT = 10_000


class Expected(ValueError):
    """Says what would have been right; becomes a Problem that names field and value."""

    def __init__(self, template: str, /, **parameters: Parameter) -> None:
        self.text = Text(template, parameters)
        super().__init__(str(self.text))


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone in which a date without a time is read: it means the end of that day there."""

    name: str = "UTC"


Checker = Callable[[object, Zone], object]


def refuse_unstorable(value: object) -> None:
    """Raise Expected for a value that no database can hold."""
    expected = unstorable(value)
    if expected is not None:
        raise Expected(expected)


def text_up_to(limit: int) -> Checker:
    """Text of at most so many characters; None for none."""

    def checker(value: object, _: Zone) -> str:
        text = "" if value is None else value
        if not isinstance(text, str) or len(text) > limit or "\x00" in text:
            raise Expected("text of at most %(limit)s characters", limit=limit)
        return text

    return checker


def texts(value: object) -> list[str]:
    """A list of texts; None for an empty one."""
    if value is None:
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise Expected("a list of texts")
    return [item for item in value if isinstance(item, str)]


def choice(options: tuple[str, ...], make: Callable[[str], object]) -> Checker:
    """One of these words."""

    def checker(value: object, _: Zone) -> object:
        if not isinstance(value, str) or value not in options:
            raise Expected("one of %(options)s", options=", ".join(options))
        return make(value)

    return checker


def choices(options: tuple[str, ...], make: Callable[[str], object]) -> Checker:
    """Some of these words, each once, in this order."""

    def checker(value: object, _: Zone) -> object:
        chosen = texts(value)
        if not set(chosen) <= set(options):
            raise Expected("a list out of %(options)s", options=", ".join(options))
        return tuple(make(option) for option in options if option in chosen)

    return checker


def boolean(value: object, _: Zone) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Expected("true or false")
    return value


def boolean_or_none(value: object, zone: Zone) -> bool | None:
    """True, false or nothing."""
    return None if value is None else boolean(value, zone)


def days(value: object, _: Zone) -> int | None:
    """A number of days, or none."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 36_500:
        raise Expected("a whole number of days from 1 to 36500")
    return value


def moment(value: object, zone: Zone) -> datetime | None:
    """A date (the end of that day in the zone) or a time with offset, in UTC; None or '' for none."""
    if value in (None, ""):
        return None
    try:
        return _moment(value, ZoneInfo(zone.name))
    except (ValueError, OverflowError) as error:
        raise Expected(
            "a date like 2027-03-31, or a time with its offset like 2027-03-31T18:00:00+02:00"
        ) from error


def time_zone(value: object, _: Zone) -> str:
    """The name of a time zone; '' for none."""
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in time_zones():
        raise Expected("an IANA time zone, like Europe/Berlin")
    return value


@lru_cache(1)
def time_zones() -> frozenset[str]:
    """The IANA zone names that this machine knows."""
    return frozenset(available_timezones())


def networks(value: object, _: Zone) -> tuple[str, ...]:
    """A list of addresses and networks, in canonical form."""
    try:
        return tuple(dict.fromkeys(str(ip_network(entry.strip(), strict=False)) for entry in texts(value)))
    except ValueError as error:
        raise Expected("a list of addresses or networks, like 203.0.113.7 or 2001:db8::/32") from error


def folder_path(value: object, _: Zone) -> str:
    """The canonical path of a folder; the root where nothing is said. Raises Invalid as well."""
    if value in (None, ""):
        return "/"
    if not isinstance(value, str) or not value.startswith("/"):
        raise Expected("a folder path that begins with '/'")
    return normalize(value)


def document(value: object, _: Zone) -> dict[str, object]:
    """An object of limited size; None for an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or len(value) > 100 or not all(isinstance(key, str) for key in value):
        raise Expected("an object with at most 100 entries")
    if len(repr(value)) > LONGEST_TEXT:
        raise Expected("an object of at most %(limit)s characters", limit=LONGEST_TEXT)
    return dict(value)


def _moment(value: object, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        parsed = value
    elif isinstance(value, str) and len(value) == 10:
        day = date.fromisoformat(value) + timedelta(days=1)
        parsed = datetime.combine(day, time(), zone)
    elif isinstance(value, str):
        parsed = datetime.fromisoformat(value)
    else:
        raise ValueError(value)
    if parsed.tzinfo is None:
        raise ValueError(value)
    return parsed.astimezone(UTC)
