"""A session is one sign-in; a connection is one open protocol link that belongs to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from innkeeper.domain.logins import Proof
from innkeeper.domain.words import ConnectionId, DeviceId, Duty, SessionId, UserId

_DOORS = frozenset({"sftp", "ftps", "webdav"})
SESSION_TOUCH_INTERVAL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in, by which credential, through which interface, from where."""

    id: SessionId
    user_id: UserId
    interface: str
    credential: str
    credential_id: str | None = None
    token_digest: str | None = field(default=None, repr=False)
    address: str
    client: str = ""
    owes: frozenset[Duty] = frozenset()
    proved_at: datetime | None = None
    device_id: DeviceId | None = None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""

    @property
    def is_of_door(self) -> bool:
        """True for the sign-in of a single connection, which ends with it; browsers come again."""
        return self.interface in _DOORS or self.credential == Proof.API_KEY

    def is_open(self, now: datetime, idle: timedelta) -> bool:
        """Not ended, not too old, and used within `idle`."""
        return self.ended_at is None and now < self.expires_at and now < self.last_used_at + idle


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An open link at a door on one node; its lease must be renewed or it counts as gone."""

    id: ConnectionId
    session_id: SessionId
    user_id: UserId
    node: str
    interface: str
    address: str
    client: str = ""
    credential: str
    started_at: datetime
    lease_until: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    current_path: str = ""
    cipher: str = ""
