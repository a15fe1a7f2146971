"""Plans and their changes.

A change that waits for its turn, and whose turn is over, was applied: only what became of the others is
written. So a plan of a hundred thousand rows is not written twice.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from innkeeper.domain.plans import (
    FAILED_OUTCOMES,
    FAILED_VERDICTS,
    Change,
    Counts,
    ImportOptions,
    Mode,
    NotRunning,
    Outcome,
    Plan,
    PlanState,
    Verdict,
)
from innkeeper.domain.rights import Permit
from innkeeper.domain.texts import Text
from innkeeper.domain.words import PlanId
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.tables import plan_changes, plans
from innkeeper.store.texts import from_column, packed, to_column, unpacked
from innkeeper.store.unit import Unit

LONGEST_MESSAGE = 2000
LONGEST_REASON = 1000
OF_PLAN = select(plan_changes).where(plan_changes.c.plan_id == bindparam("of_plan"))
NEXT = OF_PLAN.where(plan_changes.c.number > bindparam("done")).order_by(plan_changes.c.number)
SETTLE_ONE = update(plan_changes).where(
    plan_changes.c.plan_id == bindparam("of_plan"), plan_changes.c.number == bindparam("of_number")
)


def insert_plan(unit: Unit, permit: Permit, plan: Plan) -> None:
    """Add a plan."""
    unit.insert(permit, plans, _row(plan))


def one(unit: Unit, plan_id: PlanId) -> Plan | None:
    """The plan with this id."""
    row = unit.row(select(plans).where(plans.c.id == plan_id))
    return plan_of(row) if row else None


def one_for_change(unit: Unit, plan_id: PlanId) -> Plan | None:
    """The same, held against other writers until the unit ends."""
    row = unit.row(select(plans).where(plans.c.id == plan_id).with_for_update())
    return plan_of(row) if row else None


def page(
    unit: Unit,
    kind: str,
    *,
    states: Sequence[PlanState] = (),
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Plan]:
    """Plans of a kind, newest first."""
    query = select(plans).where(plans.c.kind == kind)
    if states:
        query = query.where(plans.c.state.in_([state.value for state in states]))
    if cursor:
        query = query.where(plans.c.id < decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(plans.c.id.desc()).limit(limit + 1))
    shown = [plan_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def running(unit: Unit, kind: str) -> list[Plan]:
    """Plans of a kind on which a job should be at work."""
    states = (PlanState.PLANNING.value, PlanState.APPLYING.value)
    query = select(plans).where(plans.c.kind == kind, plans.c.state.in_(states))
    return [plan_of(row) for row in unit.rows(query)]


def save(unit: Unit, permit: Permit, plan: Plan) -> Plan:
    """Store a plan that someone changed; the caller holds it."""
    saved = replace(plan, version=plan.version + 1)
    unit.change(permit, update(plans).where(plans.c.id == plan.id).values(_changeable(saved)))
    return saved


def one_running(unit: Unit, plan_id: PlanId, state: PlanState) -> Plan:
    """The plan on which a job is at work, held against others; raises NotRunning in another state."""
    plan = one_for_change(unit, plan_id)
    if plan is None:
        raise NotRunning("the import is not %(wanted)s", wanted=state.text)
    if plan.state is not state:
        raise NotRunning(
            "the import is not %(wanted)s but %(state)s", wanted=state.text, state=plan.state.text
        )
    return plan


def note_progress(unit: Unit, plan: Plan) -> None:
    """Store how far a job has come with a plan that it holds."""
    unit.keep_books(update(plans).where(plans.c.id == plan.id).values(_changeable(plan)))


def forget_changes(unit: Unit, plan_id: PlanId) -> None:
    """Remove the rows of a plan that cannot be made."""
    unit.keep_books(delete(plan_changes).where(plan_changes.c.plan_id == plan_id))


def insert_changes(unit: Unit, plan_id: PlanId, changes: Sequence[Change]) -> None:
    """Add rows of a plan that is being made."""
    if changes:
        unit.keep_books_of_many(plan_changes, [_change_row(plan_id, change) for change in changes])


def next_changes(unit: Unit, plan_id: PlanId, *, done: int, limit: int) -> list[Change]:
    """The rows behind the first `done` ones."""
    rows = unit.rows(NEXT.limit(limit), {"of_plan": plan_id, "done": done})
    return [change_of(row, done) for row in rows]


def settle_one(unit: Unit, plan_id: PlanId, number: int, outcome: Outcome, reason: Text) -> None:
    """Note what became of a change that was not applied."""
    values = {"outcome": outcome.value, "outcome_reason": to_column(reason, LONGEST_REASON)}
    unit.keep_books(SETTLE_ONE.values(values), {"of_plan": plan_id, "of_number": number})


def forget_hashes(unit: Unit, plan_id: PlanId, *, after: int, up_to: int | None = None) -> None:
    """Keep of the hashes in these rows, which have been used or never will be, only that there were some."""
    details = plan_changes.c.details
    rows = [plan_changes.c.plan_id == plan_id, plan_changes.c.number > after]
    rows += [] if up_to is None else [plan_changes.c.number <= up_to]
    if unit.dialect == "sqlite":
        emptied: Any = func.json_set(details, "$.password_hash", "")
        rows.append(func.json_extract(details, "$.password_hash") > "")
    else:
        binary = type_coerce(details, JSONB())
        emptied = binary.concat(cast({"password_hash": ""}, JSONB()))
        rows.append(binary["password_hash"].astext > "")
    unit.keep_books(update(plan_changes).where(*rows).values(details=emptied))


def page_of_changes(
    unit: Unit,
    plan: Plan,
    *,
    verdict: Verdict | None = None,
    outcome: Outcome | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Change]:
    """Rows of a plan in order."""
    query = OF_PLAN
    if verdict is not None:
        query = query.where(plan_changes.c.verdict == verdict.value)
    if outcome is not None:
        query = query.where(_came_to(plan, outcome))
    return _page(unit, query, plan, limit, cursor)


def _came_to(plan: Plan, outcome: Outcome) -> ColumnElement[bool]:
    waits = plan_changes.c.outcome == Outcome.PENDING.value
    if outcome is Outcome.APPLIED:
        clause: ColumnElement[bool] = waits & (plan_changes.c.number <= plan.rows_done)
    elif outcome is Outcome.PENDING:
        clause = waits & (plan_changes.c.number > plan.rows_done)
    else:
        clause = plan_changes.c.outcome == outcome.value
    return clause


def page_of_failed(unit: Unit, plan: Plan, *, limit: int, cursor: str | None = None) -> Page[Change]:
    """Rows that could not be taken, or were refused when their turn came."""
    is_failed = plan_changes.c.verdict.in_([verdict.value for verdict in FAILED_VERDICTS]) | (
        plan_changes.c.outcome.in_([outcome.value for outcome in FAILED_OUTCOMES])
    )
    return _page(unit, OF_PLAN.where(is_failed), plan, limit, cursor)


def _page(unit: Unit, query: Any, plan: Plan, limit: int, cursor: str | None) -> Page[Change]:
    if cursor:
        query = query.where(plan_changes.c.number > literal(decode_cursor(cursor, 1, int)[0], BigInteger))
    rows = unit.rows(query.order_by(plan_changes.c.number).limit(limit + 1), {"of_plan": plan.id})
    shown = [change_of(row, plan.rows_done) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].number,)) if len(rows) > limit else None)


def _row(plan: Plan) -> dict[str, Any]:
    row = {column.name: getattr(plan, column.name) for column in plans.c}
    return row | {
        "state": plan.state.value,
        "options": asdict(plan.options),
        "counts": asdict(plan.counts),
        "header": list(plan.header),
        "message": to_column(plan.message, LONGEST_MESSAGE),
    }


def _changeable(plan: Plan) -> dict[str, Any]:
    """Without the id: were it written again, SQLite would look for every change that refers to it."""
    row = _row(plan)
    del row["id"]
    return row


def plan_of(row: Row[Any]) -> Plan:
    """A row as a plan."""
    options = dict(row.options)
    values = dict(row._mapping) | {
        "state": PlanState(row.state),
        "options": ImportOptions(**options | {"mode": Mode(options["mode"])}),
        "counts": Counts(**row.counts),
        "header": tuple(row.header),
        "message": from_column(row.message),
    }
    return Plan(**values)


def _change_row(plan_id: PlanId, change: Change) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "number": change.number,
        "row_number": change.row_number,
        "verdict": change.verdict.value,
        "target_id": change.target_id,
        "target_name": change.target_name,
        "target_version": change.target_version,
        "details": _details(change),
        "outcome": change.outcome.value,
        "outcome_reason": to_column(change.outcome_reason, LONGEST_REASON),
    }


def _details(change: Change) -> dict[str, Any]:
    """Only what is there: most rows have no more than their cells."""
    details: dict[str, Any] = {"cells": change.cells} if change.cells else {}
    if change.after:
        details |= {"before": change.before, "after": change.after}
    if change.reason:
        details["reason"] = packed(change.reason)
    if change.password_hash:
        details["password_hash"] = change.password_hash
    return details


def change_of(row: Row[Any], done: int) -> Change:
    """A row as a change, in a plan that has come so far."""
    details = row.details
    outcome = Outcome(row.outcome)
    if outcome is Outcome.PENDING and row.number <= done:
        outcome = Outcome.APPLIED
    return Change(
        number=row.number,
        row_number=row.row_number,
        verdict=Verdict(row.verdict),
        target_name=row.target_name,
        target_id=row.target_id,
        target_version=row.target_version,
        before=details.get("before", {}),
        after=details.get("after", {}),
        reason=unpacked(details["reason"]) if "reason" in details else None,
        cells=tuple(details.get("cells", ())),
        password_hash=details.get("password_hash"),
        outcome=outcome,
        outcome_reason=from_column(row.outcome_reason),
    )
