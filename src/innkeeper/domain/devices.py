"""Browsers that a user has signed in from: known by a cookie, and trusted for a while if the user says so."""

from dataclasses import dataclass, field
from datetime import datetime

from innkeeper.domain.words import DeviceId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One browser of one user. Until `trusted_until` no second factor is asked there."""

    id: DeviceId
    user_id: UserId
    token_digest: str = field(repr=False)
    client: str
    address: str
    trusted_until: datetime | None = None
    created_at: datetime
    last_used_at: datetime

    def is_trusted(self, now: datetime) -> bool:
        return self.trusted_until is not None and now < self.trusted_until
