"""Rooms for those who were let in: the one place where a door gets one."""

from innkeeper.actions.desk import Admission
from innkeeper.files.live import Live
from innkeeper.files.presence import Stay
from innkeeper.files.room import Room
from innkeeper.files.storage import Storage
from innkeeper.kit.threads import in_thread


def open_room(admission: Admission, root: Storage, live: Live) -> Room:
    """A room with what the admission allows, entered in the list of live ones."""
    stay = Stay(
        connection_id=admission.connection_id,
        session_id=admission.session_id,
        user_id=admission.user_id,
        interface=admission.interface,
        address=admission.address,
        most=admission.most,
        user_root=admission.user_root,
        user_home=admission.user_home,
        deadline=admission.deadline,
    )
    room = Room(
        root,
        stay,
        admission.access,
        report=admission.report,
        is_registered=admission.is_registered,
        own=live.own_uploads(stay),
    )
    room.renew(admission.lease_until)
    live.add(room)
    return room


async def close_room(room: Room) -> None:
    """The connection is gone. What is slow is waited for in a thread."""
    if room.is_slow:
        await in_thread(room.close)
    else:
        room.close()
