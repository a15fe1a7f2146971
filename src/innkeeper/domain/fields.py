"""The fields of a user, by the one name that API, CSV, YAML, CLI and console share, and what each accepts.

Values arrive as JSON knows them (text, numbers, lists, objects); `check` answers them as the domain keeps
them, or raises Invalid with every problem at once.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from innkeeper.domain.credentials import ParsedKey, parse_ssh_key
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.paths import normalize
from innkeeper.domain.storable import unstorable
from innkeeper.domain.texts import Parameter, Text
from innkeeper.domain.users import LifecycleBypass
from innkeeper.domain.words import AuthenticationMethod, Level, Protocol, Role
from innkeeper.kit.passwords import Password, make_password

LANGUAGES = ("en", "de")
GRANTABLE_ROLES = (Role.SITE_ADMINISTRATOR, Role.READ_ONLY_ADMINISTRATOR)
LEVELS = frozenset(level.value for level in Level)
LONGEST_TEXT = 10_000
LONGEST_PASSWORD = 1024
USERNAME = re.compile(r"[^\s/\\:\x00-\x1f]{1,128}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
TAG = re.compile(r"[^\s,;]{1,64}")

Values = Mapping[str, object]


class Expected(ValueError):
    """Says what would have been right; becomes a Problem that names field and value."""

    def __init__(self, template: str, /, **parameters: Parameter) -> None:
        self.text = Text(template, parameters)
        super().__init__(str(self.text))


@dataclass(frozen=True, slots=True)
class WantedGrant:
    """One entry of the `grants` field: a path, a level, and whether the folders below are meant too."""

    path: str
    level: Level
    is_recursive: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.level}" + ("" if self.is_recursive else ":only")


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone in which a date without a time is read: it means the end of that day there."""

    name: str = "UTC"


Checker = Callable[[object, Zone], object]


def check(values: Values, *, zone: str = "UTC") -> dict[str, Any]:
    """Check every value; raises Invalid naming field, value and what would be right, for all of them."""
    checked: dict[str, Any] = {}
    problems: list[Problem] = []
    where = Zone(zone)
    for name, value in values.items():
        checker = CHECKERS.get(name)
        if checker is None:
            problems.append(Problem(name, None, "a field that users have", "unknown_field"))
            continue
        try:
            refuse_unstorable(value)
            checked[name] = checker(value, where)
        except Expected as expected:
            problems.append(Problem(name, value if name not in SECRET else None, expected.text))
        except Invalid as invalid:
            problems.extend(invalid.problems)
    if problems:
        raise Invalid(*problems)
    return checked


def refuse_unstorable(value: object) -> None:
    """Raise Expected for a value that no database can hold."""
    expected = unstorable(value)
    if expected is not None:
        raise Expected(expected)


def username_key(username: str) -> str:
    """What makes two user names the same: compatibility form, without case."""
    if username.isascii():
        return username.lower()
    return unicodedata.normalize("NFKC", username).casefold()


def _username(value: object, _: Zone) -> str:
    if not isinstance(value, str) or not USERNAME.fullmatch(value):
        raise Expected("1 to 128 characters without spaces, '/', '\\' or ':'")
    return unicodedata.normalize("NFC", value)


def _email(value: object, _: Zone) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or len(value) > 254 or not EMAIL.fullmatch(value):
        raise Expected("an address with a domain that has a dot, like name@example.org")
    return value


def _text(limit: int) -> Checker:
    def checker(value: object, _: Zone) -> str:
        text = "" if value is None else value
        if not isinstance(text, str) or len(text) > limit or "\x00" in text:
            raise Expected("text of at most %(limit)s characters", limit=limit)
        return text

    return checker


def _tags(value: object, _: Zone) -> tuple[str, ...]:
    tags = _texts(value)
    if not all(TAG.fullmatch(tag) for tag in tags):
        raise Expected("a list of tags of 1 to 64 characters without spaces, ',' or ';'")
    return tuple(dict.fromkeys(tags))


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise Expected("a list of texts")
    return [item for item in value if isinstance(item, str)]


def _language(value: object, _: Zone) -> str:
    if value not in ("", None, *LANGUAGES):
        raise Expected("one of %(options)s", options=", ".join(LANGUAGES))
    return str(value or "")


@lru_cache(1)
def time_zones() -> frozenset[str]:
    """The IANA zone names that this machine knows."""
    return frozenset(available_timezones())


def _time_zone(value: object, _: Zone) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in time_zones():
        raise Expected("an IANA time zone, like Europe/Berlin")
    return value


def _choice(options: tuple[str, ...], make: Callable[[str], object]) -> Checker:
    def checker(value: object, _: Zone) -> object:
        if not isinstance(value, str) or value not in options:
            raise Expected("one of %(options)s", options=", ".join(options))
        return make(value)

    return checker


def _choices(options: tuple[str, ...], make: Callable[[str], object]) -> Checker:
    def checker(value: object, _: Zone) -> object:
        chosen = _texts(value)
        if not set(chosen) <= set(options):
            raise Expected("a list out of %(options)s", options=", ".join(options))
        return tuple(make(option) for option in options if option in chosen)

    return checker


def _protocols(value: object, zone: Zone) -> object:
    return None if value is None else _choices(tuple(Protocol), Protocol)(value, zone)


def _boolean(value: object, _: Zone) -> bool:
    if not isinstance(value, bool):
        raise Expected("true or false")
    return value


def _boolean_or_none(value: object, zone: Zone) -> bool | None:
    return None if value is None else _boolean(value, zone)


def _days(value: object, _: Zone) -> int | None:
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


def _allowed_ips(value: object, _: Zone) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(str(ip_network(entry.strip(), strict=False)) for entry in _texts(value)))
    except ValueError as error:
        raise Expected("a list of addresses or networks, like 203.0.113.7 or 2001:db8::/32") from error


def _path(value: object, _: Zone) -> str:
    if value in (None, ""):
        return "/"
    if not isinstance(value, str) or not value.startswith("/"):
        raise Expected("a folder path that begins with '/'")
    return normalize(value)


def _bypass(value: object, zone: Zone) -> LifecycleBypass | None:
    if value in (None, False, ""):
        return None
    if not isinstance(value, Mapping) or not set(value) <= {"reason", "until"}:
        raise Expected("an object with 'reason' and, if it ends, 'until'")
    reason = value.get("reason")
    if not isinstance(reason, str) or not 1 <= len(reason) <= 500:
        raise Expected("a 'reason' of 1 to 500 characters")
    return LifecycleBypass(reason, moment(value.get("until"), zone))


def _object(value: object, _: Zone) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or len(value) > 100 or not all(isinstance(key, str) for key in value):
        raise Expected("an object with at most 100 entries")
    if len(repr(value)) > LONGEST_TEXT:
        raise Expected("an object of at most %(limit)s characters", limit=LONGEST_TEXT)
    return dict(value)


def _external_ids(value: object, zone: Zone) -> dict[str, object]:
    checked = _object(value, zone)
    if not all(isinstance(item, str) for item in checked.values()):
        raise Expected('an object of texts, like {"okta": "00u1"}')
    return checked


def _password(value: object, _: Zone) -> Password | None:
    if value in (None, ""):
        return None
    if isinstance(value, Password):
        return value
    if not isinstance(value, str) or len(value) > LONGEST_PASSWORD:
        raise Expected("text of at most %(limit)s characters", limit=LONGEST_PASSWORD)
    return make_password(value)


def _groups(value: object, _: Zone) -> tuple[str, ...]:
    names = [name.strip() for name in _texts(value)]
    if not all(1 <= len(name) <= 200 for name in names):
        raise Expected("a list of group names")
    return tuple(dict.fromkeys(names))


def _ssh_keys(value: object, _: Zone) -> tuple[ParsedKey, ...]:
    keys = {key.fingerprint: key for key in map(parse_ssh_key, _texts(value))}
    return tuple(keys.values())


def _grants(value: object, _: Zone) -> tuple[WantedGrant, ...]:
    return tuple(dict.fromkeys(_grant(text) for text in _texts(value)))


@lru_cache(4096)
def _grant(text: str) -> WantedGrant:
    path, _, rest = text.strip().partition(":")
    level, _, only = rest.partition(":")
    if not path.startswith("/") or level not in LEVELS or only not in ("", "only"):
        raise Expected(
            "entries like /projects/a:read, with a level out of %(levels)s", levels=", ".join(Level)
        )
    return WantedGrant(normalize(path), Level(level), not only)


SECRET = frozenset({"password"})
SEEDS = frozenset({"groups", "ssh_keys", "grants", "password"})
CHECKERS: dict[str, Checker] = {
    "username": _username,
    "name": _text(200),
    "email": _email,
    "company": _text(200),
    "notes": _text(LONGEST_TEXT),
    "tags": _tags,
    "language": _language,
    "time_zone": _time_zone,
    "header_text": _text(1000),
    "authentication_method": _choice(tuple(AuthenticationMethod), AuthenticationMethod),
    "password": _password,
    "require_password_change": _boolean,
    "password_validity_days": _days,
    "access_expires_at": moment,
    "require_login_by": moment,
    "disabled": _boolean,
    "roles": _choices(GRANTABLE_ROLES, Role),
    "groups": _groups,
    "primary_group": _text(200),
    "user_root": _path,
    "user_home": _path,
    "protocols": _protocols,
    "allowed_ips": _allowed_ips,
    "bypass_site_allowed_ips": _boolean,
    "require_2fa": _boolean_or_none,
    "bypass_lifecycle_rules": _bypass,
    "notification_preferences": _object,
    "ssh_keys": _ssh_keys,
    "grants": _grants,
    "external_ids": _external_ids,
    "attributes": _object,
}
