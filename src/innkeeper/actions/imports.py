"""Import users from a file: plan, look, apply, stop. The work itself is done in the background.

An interface calls `begin`, writes the uploaded file to `ImportWork.accept_upload`, then calls
`start_import_planning`; after `apply` it calls `start_import_apply`. Both may be called again at any time.
"""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from innkeeper.actions.call import Call
from innkeeper.domain.errors import NotFound, NotNow
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.plans import (
    IMPORT,
    Brake,
    Braked,
    Change,
    ImportOptions,
    Outcome,
    Plan,
    PlanState,
    Verdict,
    brake_of,
)
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.texts import N_, Translate, said
from innkeeper.domain.words import PlanId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.sources.columns import columns_of
from innkeeper.sources.csvwriting import failed_rows as failed_rows_text
from innkeeper.sources.csvwriting import write_rows
from innkeeper.store import plans, users


class ImportWork(Protocol):
    """What does the work in the background; `jobs.runner.Jobs` is one."""

    def accept_upload(self, plan_id: PlanId) -> Path:
        """Where the uploaded file of a plan belongs. Write all of it, then start planning."""

    def start_import_planning(self, plan_id: PlanId) -> None:
        """Read the file and compare; returns at once."""

    def start_import_apply(self, plan_id: PlanId) -> None:
        """Do what the plan says; returns at once."""


def begin(call: Call, name: str, options: ImportOptions) -> Plan:
    """Open a plan for a file of this name."""
    permit = call.permit_for_site(Right.IMPORT_RUN)
    plan = Plan(
        id=PlanId(new_id()),
        kind=IMPORT,
        name=name[:200],
        state=PlanState.PLANNING,
        options=options,
        created_by=call.actor.user_id,
        created_by_name=call.actor.name,
        created_at=call.now,
    )
    plans.insert_plan(call.unit, permit, plan)
    call.record(Kind.IMPORT_PLANNED, plan_target(plan))
    return plan


def page(
    call: Call, *, states: tuple[PlanState, ...] = (), limit: int = 50, cursor: str | None = None
) -> Page[Plan]:
    """Imports, newest first."""
    call.permit_for_site(Right.IMPORT_READ)
    return plans.page(call.unit, IMPORT, states=states, limit=limit, cursor=cursor)


def show(call: Call, plan_id: PlanId) -> Plan:
    """One import by id, with its progress."""
    call.permit_for_site(Right.IMPORT_READ)
    plan = plans.one(call.unit, plan_id)
    if plan is None or plan.kind != IMPORT:
        raise NotFound("import", plan_id)
    return plan


def running(call: Call) -> list[Plan]:
    """The imports on which a job should be at work."""
    call.permit_for_site(Right.IMPORT_READ)
    return plans.running(call.unit, IMPORT)


def brake(call: Call, plan_id: PlanId) -> Brake | None:
    """The brake that applying this plan would trip now; None when it may go ahead."""
    return brake_of(show(call, plan_id).counts, users.how_many(call.unit), call.site)


def changes(
    call: Call,
    plan_id: PlanId,
    *,
    verdict: Verdict | None = None,
    outcome: Outcome | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Change]:
    """The rows of a plan in the order of the file, narrowed to a verdict or an outcome."""
    plan = show(call, plan_id)
    found = plans.page_of_changes(
        call.unit, plan, verdict=verdict, outcome=outcome, limit=limit, cursor=cursor
    )
    return Page([_shown(plan, change) for change in found.items], found.next_cursor)


def apply(call: Call, plan_id: PlanId, *, confirm_count: int | None = None) -> Plan:
    """Let a plan happen. Raises Braked when it is too large and the number is not given exactly.

    Raises NotNow for a plan that is not ready, or was applied before.
    """
    plan, permit = _take(call, plan_id)
    if plan.state is not PlanState.PLANNED:
        raise NotNow(
            "this import is %(state)s; only one that is planned can be applied", state=plan.state.text
        )
    tripped = brake(call, plan_id)
    if tripped is not None and confirm_count != tripped.count:
        raise Braked(tripped, confirm_count)
    applying = replace(plan, state=PlanState.APPLYING, applied_by=call.actor.user_id)
    call.record(Kind.IMPORT_STARTED, plan_target(plan), data={"rows": plan.counts.acting})
    return plans.save(call.unit, permit, applying)


def stop(call: Call, plan_id: PlanId) -> Plan:
    """End a plan where it stands; what was applied stays. Nothing if stopped already, NotNow if applied."""
    plan, permit = _take(call, plan_id)
    if plan.state is PlanState.STOPPED:
        return plan
    if plan.state in (PlanState.APPLIED, PlanState.FAILED):
        raise NotNow("this import is %(state)s; there is nothing left to stop", state=plan.state.text)
    call.record(Kind.IMPORT_STOPPED, plan_target(plan), data={"rows_done": plan.rows_done})
    plans.forget_hashes(call.unit, plan.id, after=plan.rows_done)
    return plans.save(call.unit, permit, replace(plan, state=PlanState.STOPPED))


def failed_rows(
    call: Call,
    plan_id: PlanId,
    *,
    limit: int = 500,
    cursor: str | None = None,
    translate: Translate = N_,
) -> Page[str]:
    """The rows that failed, as pieces of a CSV file with a `reason` column, ready to send.

    The first page begins with the header. Passwords are not kept, so their cells are empty. `translate`:
    the reasons into the reader's language.
    """
    plan = show(call, plan_id)
    found = plans.page_of_failed(call.unit, plan, limit=limit, cursor=cursor)
    header = [] if cursor else [write_rows([[*_named(plan), "reason"]])]
    rows = failed_rows_text((_kept(plan, change), _why(change, translate)) for change in found.items)
    return Page([*header, rows], found.next_cursor)


def plan_target(plan: Plan) -> Target:
    """The plan as the target of an event."""
    return Target("import", plan.id, plan.name)


def _take(call: Call, plan_id: PlanId) -> tuple[Plan, Permit]:
    permit = call.permit_for_site(Right.IMPORT_RUN)
    plan = plans.one_for_change(call.unit, plan_id)
    if plan is None or plan.kind != IMPORT:
        raise NotFound("import", plan_id)
    return plan, permit


def _shown(plan: Plan, change: Change) -> Change:
    """A new user's fields are not stored twice: they are read from the row when someone looks."""
    if change.verdict is not Verdict.NEW:
        return change
    after, _ = columns_of(plan.header, ignore_unknown=True).values(change.cells)
    secret = {"password": "new"} if change.password_hash is not None else {}
    return replace(change, after=after | secret)


def _named(plan: Plan) -> list[str]:
    """The file's header without a column of reasons from the time before."""
    return [name for name in plan.header if name.strip().casefold() != "reason"]


def _why(change: Change, translate: Translate) -> str:
    return said(change.why_failed, translate) if change.why_failed else ""


def _kept(plan: Plan, change: Change) -> list[str]:
    """The row's cells beneath `_named`; a row with too few or too many keeps what it has."""
    if len(change.cells) != len(plan.header):
        return list(change.cells)
    pairs = zip(plan.header, change.cells, strict=True)
    return [cell for name, cell in pairs if name.strip().casefold() != "reason"]
