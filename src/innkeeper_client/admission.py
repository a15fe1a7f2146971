"""Whether a user could come in at a door from an address, and whose lists decide."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ruler:
    """A list of doors or addresses that had a say: of the user, a group or the site."""

    owner: str
    group_id: str | None
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the door would say. While `locked_until` runs, passwords are refused, other proofs are not."""

    interface: str
    address: str
    may_come_in: bool
    reason: str | None
    decided_by: tuple[Ruler, ...]
    locked_until: datetime | None
