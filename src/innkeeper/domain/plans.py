"""A plan: named changes to many users, looked at before they happen, braked when too many, done once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from innkeeper.domain.errors import NotNow, Problem, Refused
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.texts import N_, Text
from innkeeper.domain.words import PlanId, UserId

IMPORT = "import"
SUSPEND = "suspend"
WOULD = {
    SUSPEND: N_(
        "this plan would suspend %(count)s of %(people)s users;"
        " to go ahead, confirm with the number %(count)s"
    ),
}
# On a smaller site one user is already a large part of all.
BRAKE_FROM_PEOPLE = 10


class PlanState(StrEnum):
    """Where a plan stands: planning → planned | failed, then applying → applied; or stopped by hand."""

    PLANNING = "planning"
    PLANNED = "planned"
    FAILED = "failed"
    APPLYING = "applying"
    APPLIED = "applied"
    STOPPED = "stopped"

    @property
    def text(self) -> Text:
        """The state as it stands in sentences."""
        return IN_SENTENCES[self]


IN_SENTENCES = {
    PlanState.PLANNING: Text("planning"),
    PlanState.PLANNED: Text("planned"),
    PlanState.FAILED: Text("failed"),
    PlanState.APPLYING: Text("applying"),
    PlanState.APPLIED: Text("applied"),
    PlanState.STOPPED: Text("stopped"),
}


class Verdict(StrEnum):
    """What the comparison says of one row. Every row has exactly one."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"
    INVALID = "invalid"


class Outcome(StrEnum):
    """What became of one change. `none`: there is nothing to do."""

    NONE = "none"
    PENDING = "pending"
    APPLIED = "applied"
    REFUSED = "refused"
    STALE = "stale"


class Mode(StrEnum):
    """Which rows an import may act on."""

    BOTH = "create_and_update"
    CREATE = "create"
    UPDATE = "update"


ACTING = (Verdict.NEW, Verdict.CHANGED)
FAILED_VERDICTS = (Verdict.CONFLICTING, Verdict.INVALID)
FAILED_OUTCOMES = (Outcome.REFUSED, Outcome.STALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How a file is to be taken. `require_password_change`: its passwords must be changed at first use."""

    mode: Mode = Mode.BOTH
    ignore_unknown_columns: bool = False
    require_password_change: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows have each verdict, how many changes each outcome, and how many users are suspended."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    conflicting: int = 0
    invalid: int = 0
    suspended: int = 0
    applied: int = 0
    refused: int = 0
    stale: int = 0

    @property
    def rows(self) -> int:
        """All rows of the file."""
        return self.new + self.changed + self.unchanged + self.conflicting + self.invalid

    @property
    def acting(self) -> int:
        """The rows that change something when the plan is applied."""
        return self.new + self.changed

    @property
    def failed(self) -> int:
        """The rows that go back to whoever made the file, each with its reason."""
        return self.conflicting + self.invalid + self.refused + self.stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A stored plan; `rows_read` grows while planning, `rows_done` while applying, `header` is the file's."""

    id: PlanId
    kind: str
    name: str
    state: PlanState
    options: ImportOptions
    header: tuple[str, ...] = ()
    counts: Counts = Counts()
    message: Text | None = None
    created_by: UserId | None = None
    created_by_name: str = ""
    applied_by: UserId | None = None
    created_at: datetime
    planned_at: datetime | None = None
    applied_at: datetime | None = None
    rows_read: int = 0
    rows_done: int = 0
    version: int = 1

    @property
    def is_running(self) -> bool:
        """A job is, or should be, at work on it."""
        return self.state in (PlanState.PLANNING, PlanState.APPLYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of a plan. `number` counts the rows, `row_number` is the line of the file where the row begins.

    `before` and `after` name the fields that differ; `reason` says why a row cannot be taken; `cells` are
    the row as it was, but for a password, which is kept only as its hash.
    """

    number: int
    row_number: int
    verdict: Verdict
    target_name: str
    target_id: UserId | None = None
    target_version: int | None = None
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    reason: Text | None = None
    cells: tuple[str, ...] = ()
    password_hash: str | None = field(default=None, repr=False)
    outcome: Outcome = Outcome.NONE
    outcome_reason: Text | None = None

    @property
    def suspends(self) -> bool:
        """Applying it shuts a known user out."""
        return self.verdict is Verdict.CHANGED and self.after.get("disabled") is True

    @property
    def why_failed(self) -> Text | None:
        """The reason that goes into the file of failed rows."""
        return self.outcome_reason or self.reason


@dataclass(frozen=True, slots=True)
class Brake:
    """A plan does so much of one thing that someone must type the number."""

    action: str
    count: int
    people: int


class Braked(Refused):
    """The plan is larger than the brake allows, and the exact number was not given."""

    code = "braked"

    def __init__(self, brake: Brake, given: int | None) -> None:
        expected = Text("%(count)s, to confirm", {"count": brake.count})
        problem = Problem("confirm_count", given, expected, "braked")
        super().__init__(WOULD[brake.action], problem, count=brake.count, people=brake.people)
        self.brake = brake


class NotRunning(NotNow):
    """The plan has left the state in which a job works on it: it was stopped, or another job finished it."""

    code = "not_running"


def brake_of(counts: Counts, people: int, site: SiteSettings) -> Brake | None:
    """The brake that a plan trips: too many users suspended, by number or as a part of all."""
    count = counts.suspended
    too_many = count > site.brake_users or count * 100 > site.brake_percent * people
    return Brake(SUSPEND, count, people) if people >= BRAKE_FROM_PEOPLE and too_many else None
