"""The rooms that are open in this process. Every method may be called from any thread."""

import threading
from collections.abc import Callable
from datetime import datetime
from weakref import WeakValueDictionary

from innkeeper.files.own import OwnUploads
from innkeeper.files.presence import Presence, Stay


class Live:
    """Finds rooms by connection, by session and by user, and ends those whose time is over."""

    def __init__(self) -> None:
        self._rooms: dict[str, Presence] = {}
        self._own: WeakValueDictionary[tuple[str, str, str], OwnUploads] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._watchers: list[Callable[[Presence], object]] = []

    def on_add(self, watcher: Callable[[Presence], object]) -> None:
        """Have this called, from whatever thread, with every room that is entered from now on."""
        self._watchers.append(watcher)

    def add(self, room: Presence) -> None:
        """Enter a room when its door has opened it."""
        with self._lock:
            self._rooms[room.connection_id] = room
        for watcher in self._watchers:
            watcher(room)

    def remove(self, room: Presence) -> None:
        """Strike a room off when its connection is gone; twice is the same as once."""
        with self._lock:
            self._rooms.pop(room.connection_id, None)

    def get(self, connection_id: str) -> Presence | None:
        """The room of one connection."""
        with self._lock:
            return self._rooms.get(connection_id)

    def all(self) -> list[Presence]:
        """Every open room."""
        with self._lock:
            return list(self._rooms.values())

    def of_user(self, user_id: str) -> list[Presence]:
        """The rooms of one user."""
        return [room for room in self.all() if room.user_id == user_id]

    def of_session(self, session_id: str) -> list[Presence]:
        """The rooms that came from one sign-in."""
        return [room for room in self.all() if room.session_id == session_id]

    def own_uploads(self, stay: Stay) -> OwnUploads:
        """What this user uploads here from this address, as long as any room of theirs remembers it."""
        key = (stay.user_id, stay.interface, stay.address)
        with self._lock:
            own = self._own.get(key)
            if own is None:
                own = self._own[key] = OwnUploads()
            return own

    def sweep(self, now: datetime) -> None:
        """Let idle rooms notice the time: deadlines, leases, and windows of grants that open or close."""
        for room in self.all():
            room.pass_time(now)
