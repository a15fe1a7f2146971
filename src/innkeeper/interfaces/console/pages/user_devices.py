"""The browsers that a user is known by: make the site forget one."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import devices
from innkeeper.domain.words import DeviceId
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.owners import owner_of
from innkeeper.interfaces.console.visits import Visit, signed_in


async def forget(visit: Visit) -> Response:
    """Treat a browser as new again: the second factor is asked there, and a sign-in is told by mail."""
    owner = owner_of(visit)
    await visit.write(devices.forget, owner.id, DeviceId(visit.path("device")))
    return await owners.done(visit, owner, "security", visit.text("The browser was forgotten."))


ROUTES = [
    Route(f"{base}/devices/{{device}}/forget", signed_in(forget), methods=["POST"])
    for base in ("/users/{user}", "/account")
]
