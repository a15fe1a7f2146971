"""How a plan and its changes look on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from innkeeper.domain.plans import Brake, Change, Mode, Outcome, Plan, PlanState, Verdict


class OptionsDocument(BaseModel):
    """How the file was to be taken."""

    mode: Mode
    ignore_unknown_columns: bool
    require_password_change: bool


class CountsDocument(BaseModel):
    """How many rows have each verdict, and how many changes each outcome."""

    rows: int
    acting: int = Field(description="Rows that change something when the plan is applied.")
    failed: int = Field(description="Rows that are in the file of failed rows.")
    new: int
    changed: int
    unchanged: int
    conflicting: int
    invalid: int
    suspended: int
    applied: int
    refused: int
    stale: int


class BrakeDocument(BaseModel):
    """The plan is so large that applying it takes this count as `confirm_count`."""

    action: str
    count: int
    people: int


class PlanDocument(BaseModel):
    """Named changes to many users, stored before they happen."""

    id: str
    kind: str
    name: str
    state: PlanState
    options: OptionsDocument
    counts: CountsDocument
    brake: BrakeDocument | None = Field(description="Only when one plan is shown.")
    message: str = Field(description="Why it failed, if it did.")
    created_by: str | None
    created_by_name: str
    applied_by: str | None
    created_at: datetime
    planned_at: datetime | None
    applied_at: datetime | None
    rows_read: int = Field(description="Grows while the file is read.")
    rows_done: int = Field(description="Grows while the plan is applied.")
    version: int


class ChangeDocument(BaseModel):
    """What a plan does about one row of the file."""

    number: int
    row_number: int = Field(description="The line of the file where the row begins.")
    verdict: Verdict
    target_id: str | None
    target_name: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    outcome: Outcome
    outcome_reason: str


NESTED = frozenset({"options", "counts", "brake", "message"})
PLAIN = tuple(name for name in PlanDocument.model_fields if name not in NESTED)
REASONS = frozenset({"reason", "outcome_reason"})
CHANGE_PLAIN = tuple(name for name in ChangeDocument.model_fields if name not in REASONS)


def plan_document(plan: Plan, brake: Brake | None = None) -> PlanDocument:
    """A plan as the API shows it."""
    options, counts = plan.options, plan.counts
    return PlanDocument(
        options=OptionsDocument(**{name: getattr(options, name) for name in OptionsDocument.model_fields}),
        counts=CountsDocument(**{name: getattr(counts, name) for name in CountsDocument.model_fields}),
        brake=BrakeDocument(action=brake.action, count=brake.count, people=brake.people) if brake else None,
        message=str(plan.message or ""),
        **{name: getattr(plan, name) for name in PLAIN},
    )


def change_document(change: Change) -> ChangeDocument:
    """A change as the API shows it."""
    return ChangeDocument(
        reason=str(change.reason or ""),
        outcome_reason=str(change.outcome_reason or ""),
        **{name: getattr(change, name) for name in CHANGE_PLAIN},
    )
