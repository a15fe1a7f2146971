"""The fields of groups, folders and of the site's settings, and what each accepts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from innkeeper.domain.checkers import Checker, Expected, Zone, boolean, refuse_unstorable
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.fields import CHECKERS as USER_CHECKERS
from innkeeper.domain.homes import USERNAME_PLACE, is_home_pattern
from innkeeper.domain.texts import N_
from innkeeper.domain.words import FactorKind, Protocol, Role

Values = Mapping[str, object]
UTC_ZONE = Zone()


def _name(value: object, _: Zone) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 200 or "," in value or "\x00" in value:
        raise Expected("1 to 200 characters without ','")
    return value.strip()


def _whole(low: int, high: int) -> Checker:
    def checker(value: object, _: Zone) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Expected("a whole number from %(low)s to %(high)s", low=low, high=high)
        return value

    return checker


def _days_or_none(value: object, zone: Zone) -> object:
    return None if value is None else _whole(1, 3650)(value, zone)


def _quota(value: object, zone: Zone) -> object:
    return None if value is None else _whole(1, 1_000_000_000)(value, zone)


def _home_pattern(value: object, _: Zone) -> object:
    if value in (None, ""):
        return ""
    if not is_home_pattern(value):
        raise Expected("a path like '/home/%(name)s', or nothing", name=USERNAME_PLACE)
    return value


def _some_of(words: type[StrEnum]) -> Checker:
    def checker(value: object, _: Zone) -> tuple[StrEnum, ...]:
        names = [word.value for word in words]
        if not isinstance(value, list | tuple) or any(name not in names for name in value):
            raise Expected("a list of %(names)s", names=", ".join(names))
        return tuple(word for word in words if word.value in value)

    return checker


def _models(value: object, _: Zone) -> tuple[str, ...]:
    try:
        if not isinstance(value, list | tuple):
            raise TypeError
        return tuple(sorted({str(UUID(str(model))) for model in value}))
    except (TypeError, ValueError) as error:
        raise Expected("a list of authenticator models (AAGUID), each a UUID") from error


def _site_protocols(value: object, zone: Zone) -> object:
    return tuple(Protocol) if value is None else USER_CHECKERS["protocols"](value, zone)


def _zone(value: object, zone: Zone) -> object:
    checked = USER_CHECKERS["time_zone"](value, zone)
    return ZoneInfo(str(checked or "UTC")).key


def _language(value: object, zone: Zone) -> object:
    return USER_CHECKERS["language"](value, zone) or "en"


GROUP_CHECKERS: dict[str, Checker] = {
    "name": _name,
    "notes": USER_CHECKERS["notes"],
    "protocols": USER_CHECKERS["protocols"],
    "allowed_ips": USER_CHECKERS["allowed_ips"],
    "require_2fa": boolean,
}
FOLDER_CHECKERS: dict[str, Checker] = {
    "path": USER_CHECKERS["user_root"],
    "is_fenced": boolean,
    "quota_mb": _quota,
    "notes": USER_CHECKERS["notes"],
}
SETTING_CHECKERS: dict[str, Checker] = {
    "site_name": _name,
    "language": _language,
    "time_zone": _zone,
    "protocols": _site_protocols,
    "allowed_ips": USER_CHECKERS["allowed_ips"],
    "password_minimum_length": _whole(8, 128),
    "password_minimum_classes": _whole(0, 4),
    "password_minimum_strength": _whole(0, 4),
    "password_history": _whole(0, 50),
    "password_refuse_common": boolean,
    "password_validity_days": USER_CHECKERS["password_validity_days"],
    "password_warning_days": _whole(0, 90),
    "password_reset_by_mail": boolean,
    "reset_link_minutes": _whole(5, 1440),
    "signup_link_hours": _whole(1, 720),
    "lockout_attempts": _whole(3, 100),
    "lockout_minutes": _whole(1, 1440),
    "session_idle_minutes": _whole(5, 1440),
    "session_hours": _whole(1, 720),
    "fresh_proof_minutes": _whole(1, 720),
    "remember_device_days": _whole(0, 365),
    "new_device_mail": boolean,
    "desktop_session_days": _whole(1, 365),
    "require_2fa": boolean,
    "require_2fa_roles": _some_of(Role),
    "require_2fa_with_ssh_keys": boolean,
    "two_factor_grace_days": _whole(0, 90),
    "two_factor_leave_hours": _whole(0, 720),
    "two_factor_kinds": _some_of(FactorKind),
    "passkey_sign_in": boolean,
    "passkey_models": _models,
    "ssh_key_unused_days": _days_or_none,
    "ssh_key_maximum_days": _days_or_none,
    "api_key_unused_days": _days_or_none,
    "api_key_maximum_days": _days_or_none,
    "home_pattern": _home_pattern,
    "home_quota_mb": _quota,
    "brake_percent": _whole(1, 100),
    "brake_users": _whole(1, 1_000_000),
}


def check(values: Values, *, is_new: bool) -> dict[str, Any]:
    """Check a group's values; raises Invalid with every problem."""
    if is_new and not values.get("name"):
        raise Invalid(Problem("name", None, "a name for the group", "missing"))
    return check_with(GROUP_CHECKERS, values, N_("a field that groups have"))


def check_folder(values: Values, *, is_new: bool) -> dict[str, Any]:
    """Check a folder's values; the path can be given only once. Raises Invalid with every problem."""
    if is_new and not values.get("path"):
        raise Invalid(Problem("path", None, "a folder path that begins with '/'", "missing"))
    checkers = FOLDER_CHECKERS if is_new else {k: v for k, v in FOLDER_CHECKERS.items() if k != "path"}
    return check_with(checkers, values, N_("a field that folders have"))


def check_settings(values: Values) -> dict[str, Any]:
    """Check values for the site's settings; raises Invalid with every problem."""
    return check_with(SETTING_CHECKERS, values, N_("a setting of the site"))


def check_with(checkers: Mapping[str, Checker], values: Values, expected: str) -> dict[str, Any]:
    """Run each value through its checker and gather the problems."""
    checked: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        if name not in checkers:
            problems.append(Problem(name, None, expected, "unknown_field"))
            continue
        try:
            refuse_unstorable(value)
            checked[name] = checkers[name](value, UTC_ZONE)
        except Expected as wrong:
            problems.append(Problem(name, value, wrong.text))
    if problems:
        raise Invalid(*problems)
    return checked
