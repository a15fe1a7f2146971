"""Plans: look at what would happen, let it happen, see what failed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from innkeeper_client.reading import Page
from innkeeper_client.steps import Pause, Steps, ask, ask_bytes, ask_page, at
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Outcome, PlanState, Verdict

RUNNING = frozenset({"planning", "applying"})
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the file was to be taken."""

    mode: str
    ignore_unknown_columns: bool
    require_password_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows have each verdict, and how many changes each outcome.

    `acting`: rows that change something when the plan is applied; `failed`: rows in the file of failed rows.
    """

    rows: int
    acting: int
    failed: int
    new: int
    changed: int
    unchanged: int
    conflicting: int
    invalid: int
    suspended: int
    applied: int
    refused: int
    stale: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """The plan is so large that applying it takes this count as a confirmation."""

    action: str
    count: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Named changes to many users, stored before they happen. `brake` is there when one plan is asked for."""

    id: str
    kind: str
    name: str
    state: str
    options: Options
    counts: Counts
    brake: Brake | None
    message: str
    created_by: str | None
    created_by_name: str
    applied_by: str | None
    created_at: datetime
    planned_at: datetime | None
    applied_at: datetime | None
    rows_read: int
    rows_done: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a plan does about one row of the file; `row_number` is the line where the row begins."""

    number: int
    row_number: int
    verdict: str
    target_id: str | None
    target_name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    outcome: str
    outcome_reason: str


class Plans(Noun[Way]):
    """Changes to many users that are looked at before they happen."""

    @Verb
    def list(
        self, *, state: Sequence[PlanState] = (), limit: int = 100, cursor: str | None = None
    ) -> Steps[Page[Plan]]:
        """Answer a page of plans, newest first."""
        return ask_page(Plan, "/plans", {"state": state, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, plan_id: str) -> Steps[Plan]:
        """Answer a plan, its progress, and the brake that applying it would trip."""
        return ask(Plan, "GET", at("plans", plan_id))

    @Verb
    def changes(
        self,
        plan_id: str,
        *,
        verdict: Verdict | None = None,
        outcome: Outcome | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Change]]:
        """Answer a page of what a plan does, row by row in the order of the file."""
        query = {"verdict": verdict, "outcome": outcome, "limit": limit, "cursor": cursor}
        return ask_page(Change, at("plans", plan_id, "changes"), query)

    iterate_changes = Walk(changes)

    @Verb
    def wait(self, plan_id: str, *, progress: Callable[[Plan], object] | None = None) -> Steps[Plan]:
        """Wait until no job is at work on a plan, and answer it; `progress` is told of each look at it."""
        pause = FIRST_PAUSE
        while True:
            plan = yield from ask(Plan, "GET", at("plans", plan_id))
            if progress is not None:
                progress(plan)
            if plan.state not in RUNNING:
                return plan
            yield Pause(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    @Verb
    def apply(self, plan_id: str, *, confirm_count: int | None = None) -> Steps[Plan]:
        """Let a plan happen, in the background; raises Braked for a large one without the exact count."""
        return ask(Plan, "POST", at("plans", plan_id, "apply"), body={"confirm_count": confirm_count})

    @Verb
    def stop(self, plan_id: str) -> Steps[Plan]:
        """End a plan where it stands; what was done already stays. Nothing if stopped already."""
        return ask(Plan, "POST", at("plans", plan_id, "stop"), is_repeatable=True)

    @Verb
    def failed_rows(self, plan_id: str) -> Steps[bytes]:
        """Download the rows that failed, as CSV in the columns of the file, each with its reason."""
        return ask_bytes(at("plans", plan_id, "failed-rows"))
