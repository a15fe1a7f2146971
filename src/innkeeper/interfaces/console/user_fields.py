"""The big form of a user: what it shows of a user, and the values that actions take out of it."""

from collections.abc import Mapping
from typing import Any

from innkeeper.domain.rights import Right, editable_fields, reach
from innkeeper.domain.users import User
from innkeeper.domain.words import Role
from innkeeper.interfaces.console.forms import Form, lines, number, words
from innkeeper.interfaces.console.reader import Reader
from innkeeper.interfaces.console.times import Times

TEXTS = (
    "username",
    "name",
    "email",
    "company",
    "notes",
    "header_text",
    "language",
    "time_zone",
    "authentication_method",
    "user_root",
    "user_home",
    "primary_group",
)
DATES = ("access_expires_at", "require_login_by")
SWITCHES = ("require_password_change", "bypass_site_allowed_ips", "disabled")
ROLES = (Role.SITE_ADMINISTRATOR.value, Role.READ_ONLY_ADMINISTRATOR.value)
ROWS = ("1", "2", "3")
GRANT_ROWS = tuple(f"grant_{part}_{row}" for row in ROWS for part in ("path", "level"))
# Like the rules say, where neither is chosen.
REQUIRE_2FA = {"yes": True, "no": False}
SEEDS = ("password", "imported_password_hash", "ssh_keys", "groups", *GRANT_ROWS)
PLAIN = (
    *TEXTS,
    *DATES,
    *SWITCHES,
    "tags",
    "allowed_ips",
    "password_validity_days",
    "require_2fa",
    "roles",
    "protocols",
    "own_protocols",
)
NEW_FIELDS = (*PLAIN, *SEEDS)
EDIT_FIELDS = (*PLAIN, "version")


def settable(reader: Reader, right: Right) -> frozenset[str] | None:
    """The fields that this reader's role may set; None for all."""
    return editable_fields(reach(reader.actor, right))


def blank() -> Form:
    """The form of a user yet to be made."""
    levels = {f"grant_level_{row}": ["read"] for row in ROWS}
    return Form({"authentication_method": ["password"], "user_root": ["/"], "user_home": ["/"], **levels})


def filled(user: User, times: Times, primary_group: str) -> Form:
    """The form as the user stands."""
    typed = {name: [str(getattr(user, name) or "")] for name in TEXTS if name != "primary_group"}
    typed |= {name: [times.date_value(getattr(user, name))] for name in DATES}
    typed |= {name: ["yes"] if getattr(user, name) else [] for name in SWITCHES}
    typed |= {
        "primary_group": [primary_group],
        "tags": [" ".join(user.tags)],
        "allowed_ips": ["\n".join(user.allowed_ips)],
        "password_validity_days": [str(user.password_validity_days or "")],
        "require_2fa": ["" if user.require_2fa is None else "yes" if user.require_2fa else "no"],
        "roles": [role.value for role in user.roles],
        "protocols": list(user.protocols or ()),
        "own_protocols": ["yes"] if user.protocols is not None else [],
        "version": [str(user.version)],
    }
    return Form(typed)


def values(form: Form, allowed: frozenset[str] | None, before: Form | None = None) -> dict[str, Any]:
    """What the action is asked to set: only what this role may, and dates only where they were touched."""
    found: dict[str, Any] = {name: form.value(name).strip() for name in TEXTS}
    found |= {
        name: form.value(name) for name in DATES if before is None or form.value(name) != before.value(name)
    }
    found |= {name: bool(form.values(name)) for name in SWITCHES}
    found |= {
        "tags": words(form.value("tags")),
        "allowed_ips": words(form.value("allowed_ips")),
        "password_validity_days": number(form.value("password_validity_days")),
        "require_2fa": REQUIRE_2FA.get(form.value("require_2fa")),
        "roles": list(form.values("roles")),
        "protocols": list(form.values("protocols")) if form.values("own_protocols") else None,
    }
    return _allowed(found, allowed)


def seeds(form: Form, allowed: frozenset[str] | None) -> dict[str, Any]:
    """What comes along with a new user: password, keys, groups, grants."""
    rows = [(form.value(f"grant_path_{row}").strip(), form.value(f"grant_level_{row}")) for row in ROWS]
    found: dict[str, Any] = {
        "password": form.value("password"),
        "imported_password_hash": form.value("imported_password_hash").strip(),
        "ssh_keys": lines(form.value("ssh_keys")),
        "groups": list(form.values("groups")),
        "grants": [f"{path}:{level}" for path, level in rows if path],
    }
    return _allowed({name: value for name, value in found.items() if value}, allowed)


def _allowed(found: Mapping[str, Any], allowed: frozenset[str] | None) -> dict[str, Any]:
    return {name: value for name, value in found.items() if allowed is None or name in allowed}
