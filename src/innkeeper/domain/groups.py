"""Groups and who belongs to them, for how long."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper.domain.words import GroupId, Source, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A named set of users and of other groups. `protocols` None leaves the choice to site and user."""

    id: GroupId
    name: str
    notes: str = ""
    protocols: tuple[str, ...] | None = None
    allowed_ips: tuple[str, ...] = ()
    require_2fa: bool = False
    source: Source = Source.MANUAL
    created_at: datetime
    updated_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user or a group inside a group; administrators manage the group's members."""

    group_id: GroupId
    member_kind: SubjectKind
    member_id: str
    is_admin: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def is_in_force(self, now: datetime) -> bool:
        return in_window(self.starts_at, self.ends_at, now)


def in_window(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """From `starts_at` on, until just before `ends_at`; None leaves that end open."""
    return (starts_at is None or starts_at <= now) and (ends_at is None or now < ends_at)
