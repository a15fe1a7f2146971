"""The browsers that users are known by."""

from datetime import datetime

from sqlalchemy import delete, select, update

from innkeeper.domain.devices import Device
from innkeeper.domain.rights import Permit
from innkeeper.domain.words import DeviceId, UserId
from innkeeper.store.sign_in_tables import devices
from innkeeper.store.unit import Unit


def by_digest(unit: Unit, digest: str) -> Device | None:
    """The browser whose cookie has this digest: asked before any scope is known."""
    row = unit.row(select(devices).where(devices.c.token_digest == digest))
    return Device(**row._mapping) if row else None


def of_user(unit: Unit, user_id: UserId) -> list[Device]:
    """A user's browsers, the last used first. The caller has taken the user within its scope."""
    rows = unit.rows(
        select(devices).where(devices.c.user_id == user_id).order_by(devices.c.last_used_at.desc())
    )
    return [Device(**row._mapping) for row in rows]


def insert_device(unit: Unit, permit: Permit, device: Device) -> None:
    """Remember a browser."""
    unit.insert(permit, devices, {column.name: getattr(device, column.name) for column in devices.c})


def note_use(
    unit: Unit, device_id: DeviceId, *, address: str, client: str, trusted_until: datetime | None
) -> None:
    """A sign-in from it."""
    values = {
        "address": address,
        "client": client,
        "last_used_at": unit.now,
        "trusted_until": trusted_until,
    }
    unit.keep_books(update(devices).where(devices.c.id == device_id).values(values))


def remove_device(unit: Unit, permit: Permit, device_id: DeviceId) -> int:
    """Forget a browser."""
    return unit.change(permit, delete(devices).where(devices.c.id == device_id))


def end_trust_of(unit: Unit, user_id: UserId) -> None:
    """Trust none of a user's browsers any more, as part of a change that has its own event."""
    unit.keep_books(update(devices).where(devices.c.user_id == user_id).values(trusted_until=None))
