"""The site's settings: one row a name; absent means the default."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from innkeeper.domain.rights import Permit
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.words import FactorKind, Role
from innkeeper.store.tables import settings
from innkeeper.store.unit import Unit

MEMO = "settings"
# How a stored value is read back, where JSON has no word for it.
READERS: dict[str, Callable[[Any], Any]] = {
    "protocols": tuple,
    "allowed_ips": tuple,
    "require_2fa_roles": lambda names: tuple(Role(name) for name in names),
    "two_factor_kinds": lambda names: tuple(FactorKind(name) for name in names),
    "passkey_models": tuple,
    "require_2fa_ends_at": lambda text: datetime.fromisoformat(text) if text else None,
}


def load(unit: Unit) -> SiteSettings:
    """The settings as they are now."""
    if MEMO not in unit.memo:
        known = {field.name for field in fields(SiteSettings)}
        stored = {row.name: row.value for row in unit.rows(select(settings)) if row.name in known}
        values: dict[str, Any] = {
            name: READERS[name](value) if name in READERS else value for name, value in stored.items()
        }
        unit.memo[MEMO] = SiteSettings(**values)
    found: SiteSettings = unit.memo[MEMO]
    return found


def save(unit: Unit, permit: Permit, values: dict[str, object]) -> None:
    """Store changed settings."""
    unit.change(permit, delete(settings).where(settings.c.name.in_(list(values))))
    for name, value in values.items():
        unit.insert(permit, settings, {"name": name, "value": value})
    unit.memo.pop(MEMO, None)


def read_internal(unit: Unit, name: str) -> object:
    """A value that belongs to the server itself, like the digest of the setup link; None when absent."""
    return unit.scalar(select(settings.c.value).where(settings.c.name == f"_{name}"))


def save_internal(unit: Unit, name: str, value: object) -> None:
    """Store or, with None, remove such a value."""
    unit.keep_books(delete(settings).where(settings.c.name == f"_{name}"))
    if value is not None:
        unit.keep_books(settings.insert().values(name=f"_{name}", value=value))
