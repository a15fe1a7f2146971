"""The room of a visitor who was let in, entered in the list of live ones."""

from innkeeper.files.presence import Stay
from innkeeper.files.room import Room
from innkeeper.interfaces.sftp.door import Admission, House


def room_for(admission: Admission, house: House) -> Room:
    """A new room with what the admission allows."""
    stay = _stay(admission)
    room = Room(
        house.root,
        stay,
        admission.access,
        report=admission.report,
        is_registered=admission.is_registered,
        own=house.live.own_uploads(stay),
    )
    room.renew(admission.lease_until)
    house.live.add(room)
    return room


def _stay(admission: Admission) -> Stay:
    return Stay(
        connection_id=admission.connection_id,
        session_id=admission.session_id,
        user_id=admission.user_id,
        interface="sftp",
        address=admission.address,
        user_root=admission.user_root,
        user_home=admission.user_home,
        deadline=admission.deadline,
    )
