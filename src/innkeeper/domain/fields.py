"""The fields of a user, by the one name that API, CSV, YAML, CLI and console share, and what each accepts.

Values arrive as JSON knows them (text, numbers, lists, objects); `check` answers them as the domain keeps
them, or raises Invalid with every problem at once.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from innkeeper.domain.checkers import (
    LONGEST_TEXT,
    Checker,
    Expected,
    Zone,
    boolean,
    boolean_or_none,
    choice,
    choices,
    days,
    document,
    folder_path,
    moment,
    networks,
    refuse_unstorable,
    text_up_to,
    texts,
    time_zone,
)
from innkeeper.domain.credentials import ParsedKey, parse_ssh_key
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.paths import normalize
from innkeeper.domain.users import LifecycleBypass
from innkeeper.domain.words import AuthenticationMethod, Level, Protocol, Role
from innkeeper.kit.imported_hashes import TooCostly, UnknownHash, understand
from innkeeper.kit.passwords import LONGEST_PASSWORD, Password, make_password

LANGUAGES = ("en", "de")
GRANTABLE_ROLES = (Role.SITE_ADMINISTRATOR, Role.READ_ONLY_ADMINISTRATOR)
LEVELS = frozenset(level.value for level in Level)
USERNAME = re.compile(r"[^\s/\\:\x00-\x1f]{1,128}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
TAG = re.compile(r"[^\s,;]{1,64}")

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WantedGrant:
    """One entry of the `grants` field: a path, a level, and whether the folders below are meant too."""

    path: str
    level: Level
    is_recursive: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.level}" + ("" if self.is_recursive else ":only")


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


def username_key(username: str) -> str:
    """What makes two user names the same: compatibility form, without case."""
    if username.isascii():
        return username.lower()
    return unicodedata.normalize("NFKC", username).casefold()


def _username(value: object, _: Zone) -> str:
    # Its key too: compatibility forms of separators become separators there.
    if not isinstance(value, str) or not all(map(USERNAME.fullmatch, (value, username_key(value)))):
        raise Expected("1 to 128 characters without spaces, '/', '\\' or ':'")
    return unicodedata.normalize("NFC", value)


def _email(value: object, _: Zone) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or len(value) > 254 or not EMAIL.fullmatch(value):
        raise Expected("an address with a domain that has a dot, like name@example.org")
    return value


def _tags(value: object, _: Zone) -> tuple[str, ...]:
    tags = texts(value)
    if not all(TAG.fullmatch(tag) for tag in tags):
        raise Expected("a list of tags of 1 to 64 characters without spaces, ',' or ';'")
    return tuple(dict.fromkeys(tags))


def _language(value: object, _: Zone) -> str:
    if value not in ("", None, *LANGUAGES):
        raise Expected("one of %(options)s", options=", ".join(LANGUAGES))
    return str(value or "")


def _password(value: object, _: Zone) -> Password | None:
    if value in (None, ""):
        return None
    if isinstance(value, Password):
        return value
    if not isinstance(value, str) or len(value) > LONGEST_PASSWORD:
        raise Expected("text of at most %(limit)s characters", limit=LONGEST_PASSWORD)
    return make_password(value)


def _imported_password_hash(value: object, _: Zone) -> str | None:
    if value in (None, ""):
        return None
    try:
        return understand(str(value))
    except TooCostly as costly:
        raise Expected(
            "a hash that takes less time to check: %(scheme)s up to %(most)s",
            scheme=costly.scheme,
            most=costly.most,
        ) from costly
    except UnknownHash as error:
        raise Expected(
            "a hash as bcrypt, Argon2, PBKDF2, crypt (SHA-512, SHA-256, MD5), LDAP ({SSHA}) or Django make "
            "it, or MD5, SHA-1 or SHA-256 in hexadecimal"
        ) from error


def _groups(value: object, _: Zone) -> tuple[str, ...]:
    names = [name.strip() for name in texts(value)]
    if not all(1 <= len(name) <= 200 for name in names):
        raise Expected("a list of group names")
    return tuple(dict.fromkeys(names))


def _protocols(value: object, zone: Zone) -> object:
    return None if value is None else choices(tuple(Protocol), Protocol)(value, zone)


def _bypass(value: object, zone: Zone) -> LifecycleBypass | None:
    if value in (None, False, ""):
        return None
    if not isinstance(value, Mapping) or not set(value) <= {"reason", "until"}:
        raise Expected("an object with 'reason' and, if it ends, 'until'")
    reason = value.get("reason")
    if not isinstance(reason, str) or not 1 <= len(reason) <= 500:
        raise Expected("a 'reason' of 1 to 500 characters")
    return LifecycleBypass(reason, moment(value.get("until"), zone))


def _ssh_keys(value: object, _: Zone) -> tuple[ParsedKey, ...]:
    keys = {key.fingerprint: key for key in map(parse_ssh_key, texts(value))}
    return tuple(keys.values())


def _grants(value: object, _: Zone) -> tuple[WantedGrant, ...]:
    return tuple(dict.fromkeys(_grant(text) for text in texts(value)))


@lru_cache(4096)
def _grant(text: str) -> WantedGrant:
    path, _, rest = text.strip().partition(":")
    level, _, only = rest.partition(":")
    if not path.startswith("/") or level not in LEVELS or only not in ("", "only"):
        raise Expected(
            "entries like /projects/a:read, with a level out of %(levels)s", levels=", ".join(Level)
        )
    return WantedGrant(normalize(path), Level(level), not only)


def _external_ids(value: object, zone: Zone) -> dict[str, object]:
    checked = document(value, zone)
    if not all(isinstance(item, str) for item in checked.values()):
        raise Expected('an object of texts, like {"okta": "00u1"}')
    return checked


SECRET = frozenset({"password", "imported_password_hash"})
CHECKERS: dict[str, Checker] = {
    "username": _username,
    "name": text_up_to(200),
    "email": _email,
    "company": text_up_to(200),
    "notes": text_up_to(LONGEST_TEXT),
    "tags": _tags,
    "language": _language,
    "time_zone": time_zone,
    "header_text": text_up_to(1000),
    "authentication_method": choice(tuple(AuthenticationMethod), AuthenticationMethod),
    "password": _password,
    "imported_password_hash": _imported_password_hash,
    "require_password_change": boolean,
    "password_validity_days": days,
    "access_expires_at": moment,
    "require_login_by": moment,
    "disabled": boolean,
    "roles": choices(GRANTABLE_ROLES, Role),
    "groups": _groups,
    "primary_group": text_up_to(200),
    "user_root": folder_path,
    "user_home": folder_path,
    "protocols": _protocols,
    "allowed_ips": networks,
    "bypass_site_allowed_ips": boolean,
    "require_2fa": boolean_or_none,
    "bypass_lifecycle_rules": _bypass,
    "notification_preferences": document,
    "ssh_keys": _ssh_keys,
    "grants": _grants,
    "external_ids": _external_ids,
    "attributes": document,
}
