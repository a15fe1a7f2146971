"""Rooms for requests, as a site has them, over an empty folder."""

from datetime import timedelta
from pathlib import Path

from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.actions.reception import Reception
from innkeeper.files.live import Live
from innkeeper.files.root import Root
from innkeeper.kit.clock import utc_now
from innkeeper.kit.gate import Gate


def make_rooms(calls: Calls, directory: Path) -> KeptRooms:
    """Rooms over `files` in this directory."""
    files = directory / "files"
    files.mkdir(exist_ok=True)
    desk = Desk(calls, "node", Activity(calls), KnownPaths())
    root, live = Root(files), Live()
    # Nobody renews leases here.
    live.on_add(lambda room: room.renew(utc_now() + timedelta(days=1)))
    return KeptRooms(calls, desk, Reception(desk, Gate(), root, live), root, live)
