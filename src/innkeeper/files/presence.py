"""One open connection as the rest of the house sees it: who is there, until when, with what rights.

Everything here may be called from any thread.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from innkeeper.domain.access import ALL, Ability, Access
from innkeeper.domain.errors import Refused
from innkeeper.domain.texts import N_
from innkeeper.kit.clock import Clock

Closer = Callable[[str], None]


class RoomEnded(Refused):
    """The connection was ended; whatever it still asks for is refused."""

    code: ClassVar[str] = "connection_ended"

    def __init__(self, reason: str) -> None:
        super().__init__(N_("this connection was ended: %(reason)s"), reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Who holds a room, through which door, and how much of the site it shows.

    `user_root` and `user_home` are site paths. The root becomes '/' for this user; the home, if it lies
    within the root, is where relative paths start. After `deadline` the room ends by itself. `most` is what
    the credential leaves of the user's rights.
    """

    connection_id: str
    session_id: str
    user_id: str
    interface: str
    user_root: str = "/"
    user_home: str = "/"
    deadline: datetime | None = None
    address: str = ""
    most: Ability = ALL


class Presence:
    """The life of a room: it can be ended or given other rights while it is in use."""

    def __init__(self, stay: Stay, access: Access, clock: Clock) -> None:
        self.stay = stay
        self.access = access.within(stay.most)
        self.ended: str | None = None
        self.bytes_in = 0
        self.bytes_out = 0
        self.current_path = ""
        self.last_active_at = clock()
        self._clock = clock
        self._lease_until: datetime | None = None
        self._closers: list[Closer] = []
        self._lock = threading.Lock()
        self._check_at = self._next_check()

    @property
    def connection_id(self) -> str:
        """The open link this room belongs to."""
        return self.stay.connection_id

    @property
    def session_id(self) -> str:
        """The sign-in the link came from."""
        return self.stay.session_id

    @property
    def user_id(self) -> str:
        """Whose room it is."""
        return self.stay.user_id

    @property
    def interface(self) -> str:
        """The door it was entered by."""
        return self.stay.interface

    def enter(self) -> Access:
        """What may be done at this moment. Every verb begins here; raises RoomEnded."""
        now = self._clock()
        self.last_active_at = now
        if self._check_at is not None and now >= self._check_at:
            self.pass_time(now)
        if self.ended is not None:
            raise RoomEnded(self.ended)
        return self.access

    def pass_time(self, now: datetime) -> None:
        """Do what the time asks for: end what is over, and open or close the windows of grants."""
        if self.stay.deadline is not None and now >= self.stay.deadline:
            self.end("access expired")
        elif self._lease_until is not None and now >= self._lease_until:
            self.end("the lease was not renewed")
        elif self.access.changes_at is not None and now >= self.access.changes_at:
            self.regrade(self.access.at(now))

    def regrade(self, access: Access) -> None:
        """Give the room other rights; open files notice at their next use."""
        with self._lock:
            self.access = access.within(self.stay.most)
            self._check_at = self._next_check()

    def set_deadline(self, deadline: datetime | None) -> None:
        """Move the moment at which the room ends by itself."""
        with self._lock:
            self.stay = replace(self.stay, deadline=deadline)
            self._check_at = self._next_check()

    def renew(self, until: datetime) -> None:
        """Hold the room until then; without another renewal it ends."""
        with self._lock:
            self._lease_until = until
            self._check_at = self._next_check()

    def end(self, reason: str) -> None:
        """Refuse every further verb at once, and close the connection. Ending twice is the same as once."""
        with self._lock:
            if self.ended is not None:
                return
            self.ended = reason
            closers, self._closers = self._closers, []
        for closer in closers:
            closer(reason)

    def on_end(self, closer: Closer) -> None:
        """Have this called, from whatever thread, when the room is ended."""
        with self._lock:
            if self.ended is None:
                self._closers.append(closer)
                return
            reason = self.ended
        closer(reason)

    def _next_check(self) -> datetime | None:
        moments = (self.stay.deadline, self._lease_until, self.access.changes_at)
        return min((moment for moment in moments if moment is not None), default=None)
