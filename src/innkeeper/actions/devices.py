"""Browsers that are known tell friend from stranger; trusted ones are not asked for the second factor."""

from datetime import datetime, timedelta

from innkeeper.actions.call import Call, user_target
from innkeeper.domain.devices import Device
from innkeeper.domain.errors import NotFound
from innkeeper.domain.events import Kind
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import DeviceId, UserId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.store import devices


def known(call: Call, user: User, token: str | None) -> Device | None:
    """The browser that holds this cookie, if this user has signed in from it."""
    device = devices.by_digest(call.unit, digest(token)) if token else None
    return device if device is not None and device.user_id == user.id else None


def remember(
    call: Call, permit: Permit, user: User, device: Device | None, *, trust: bool
) -> tuple[DeviceId, str | None]:
    """Note a sign-in; answers the browser's id and, for a new one, the cookie that it is known by."""
    until = call.now + timedelta(days=call.site.remember_device_days) if trust else None
    if until is not None and (device is None or not device.is_trusted(call.now)):
        call.record(Kind.DEVICE_TRUSTED, user_target(user), user_id=user.id, data={"client": call.client})
    if device is None:
        return _insert(call, permit, user, until)
    kept = until or device.trusted_until
    devices.note_use(call.unit, device.id, address=call.address, client=call.client, trusted_until=kept)
    return device.id, None


def of_user(call: Call, user_id: UserId) -> list[Device]:
    """The browsers that a user has signed in from, the last used first."""
    call.take_user(user_id, Right.SESSION_READ)
    return devices.of_user(call.unit, user_id)


def forget(call: Call, user_id: UserId, device_id: DeviceId) -> None:
    """Treat a browser as new again; raises NotFound."""
    user, permit = call.take_user(user_id, Right.SESSION_END)
    device = next((entry for entry in devices.of_user(call.unit, user_id) if entry.id == device_id), None)
    if device is None:
        raise NotFound("device", device_id)
    devices.remove_device(call.unit, permit, device_id)
    data = {"device_id": device_id, "client": device.client}
    call.record(Kind.DEVICE_FORGOTTEN, user_target(user), user_id=user.id, data=data)


def _insert(call: Call, permit: Permit, user: User, until: datetime | None) -> tuple[DeviceId, str]:
    token = new_secret()
    device = Device(
        id=DeviceId(new_id()),
        user_id=user.id,
        token_digest=digest(token),
        client=call.client,
        address=call.address,
        trusted_until=until,
        created_at=call.now,
        last_used_at=call.now,
    )
    devices.insert_device(call.unit, permit, device)
    return device.id, token
