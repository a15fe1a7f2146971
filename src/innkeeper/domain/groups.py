"""Groups and who belongs to them, for how long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time; None leaves that end open."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def meet(self, other: "Window") -> "Window":
        """The stretch that both share; it may be empty."""
        starts = [moment for moment in (self.starts_at, other.starts_at) if moment is not None]
        ends = [moment for moment in (self.ends_at, other.ends_at) if moment is not None]
        return Window(max(starts, default=None), min(ends, default=None))

    def is_over(self, now: datetime) -> bool:
        """Neither now nor later."""
        if self.ends_at is None:
            return False
        return self.ends_at <= now or (self.starts_at is not None and self.ends_at <= self.starts_at)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where a user belongs: groups in force now, direct memberships in force, and each group's windows."""

    groups: tuple[Group, ...] = ()
    direct: tuple[Membership, ...] = ()
    windows: Mapping[str, frozenset[Window]] = field(default_factory=dict)


def reached_groups(
    direct: Iterable[Membership], nested: Mapping[str, Iterable[Membership]], now: datetime
) -> dict[str, frozenset[Window]]:
    """Every group that counts for a member now or later, through nesting, with the times at which it does."""
    reached: dict[str, set[Window]] = {}
    waiting = [(entry.group_id, Window(entry.starts_at, entry.ends_at)) for entry in direct]
    while waiting:
        group_id, window = waiting.pop()
        known = reached.setdefault(group_id, set())
        if window in known or window.is_over(now):
            continue
        known.add(window)
        waiting.extend(
            (entry.group_id, window.meet(Window(entry.starts_at, entry.ends_at)))
            for entry in nested.get(group_id, ())
        )
    return {group_id: frozenset(windows) for group_id, windows in reached.items() if windows}
