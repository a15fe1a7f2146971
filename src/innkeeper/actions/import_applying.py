"""The applying of an import, step by step, as the job calls it: the ordinary actions, row after row.

Progress is stored in the transaction of the rows themselves, so that each row happens exactly once, whatever
breaks off when. The rights that count are those of whoever said "apply", as they are at that moment.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from innkeeper.actions import users
from innkeeper.actions.actors import EVERYONE, actor_of, belonging
from innkeeper.actions.call import Call
from innkeeper.actions.import_planning import world_of
from innkeeper.actions.imports import plan_target
from innkeeper.domain.actors import Actor
from innkeeper.domain.events import Kind
from innkeeper.domain.fields import check, username_key
from innkeeper.domain.plans import Change, Counts, Outcome, Plan, PlanState, Verdict
from innkeeper.domain.reconcile import Known, World
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.texts import Text
from innkeeper.domain.words import PlanId, Source, Status
from innkeeper.kit.passwords import Password
from innkeeper.sources.columns import Columns, columns_of
from innkeeper.store import folders, groups, plans
from innkeeper.store import users as user_store

INTERFACE = "import"
# What a row costs, in rows that make a user: a change looks at the user first, and writes them by themselves.
# A chunk of changes is shorter, so that other writers need not wait longer for it.
COST = {Verdict.NEW: 1, Verdict.CHANGED: 5}


@dataclass(frozen=True, slots=True)
class _Order:
    """A change with its values read again from its cells."""

    change: Change
    checked: Mapping[str, Any]


def apply_chunk(call: Call, plan_id: PlanId, *, limit: int) -> Plan:
    """Apply the next rows in this one unit; raises Refused, with nothing done, if any row is refused.

    The answer says how far the plan has come. Raises NotRunning when it was stopped.
    """
    plan = plans.one_running(call.unit, plan_id, PlanState.APPLYING)
    actor = _who_applies(call, plan)
    if actor is None:
        return _halt(call, plan)
    acting = replace(call, actor=actor, interface=INTERFACE, caused_by={"import_id": plan.id})
    changes = plans.next_changes(call.unit, plan_id, done=plan.rows_done, limit=limit)
    return _apply(acting, plan, _share(changes, limit)) if changes else _finish(acting, plan)


def note_refusal(call: Call, plan_id: PlanId, number: int, reason: Text) -> Plan:
    """Pass over the next row, which was refused when it was tried on its own."""
    plan = plans.one_running(call.unit, plan_id, PlanState.APPLYING)
    if plan.rows_done + 1 != number:
        return plan
    plans.settle_one(call.unit, plan_id, number, Outcome.REFUSED, reason)
    plans.forget_hashes(call.unit, plan_id, after=plan.rows_done, up_to=number)
    return _progress(call, plan, number, Counter(refused=1))


def give_up(call: Call, plan_id: PlanId, message: Text) -> None:
    """Stop a plan whose job cannot go on; what was applied stays."""
    plan = plans.one_running(call.unit, plan_id, PlanState.APPLYING)
    plans.forget_hashes(call.unit, plan_id, after=plan.rows_done)
    plans.note_progress(call.unit, replace(plan, state=PlanState.STOPPED, message=message))
    call.record(
        Kind.IMPORT_STOPPED, plan_target(plan), data={"rows_done": plan.rows_done, "reason": str(message)}
    )


def _share(changes: Sequence[Change], limit: int) -> Sequence[Change]:
    """The first of these rows, one at least, that together cost no more than `limit` new users."""
    cost = 0
    for place, change in enumerate(changes):
        cost += COST.get(change.verdict, 0)
        if cost > limit and place:
            return changes[:place]
    return changes


def _apply(acting: Call, plan: Plan, changes: Sequence[Change]) -> Plan:
    orders = _orders(acting, plan, changes)
    world = _look_again(acting, orders)
    outcomes: Counter[str] = Counter()
    for order in orders:
        stale = _why_stale(order.change, world)
        if stale is not None:
            plans.settle_one(acting.unit, plan.id, order.change.number, Outcome.STALE, stale)
            outcomes["stale"] += 1
        else:
            _act(acting, plan, order)
            outcomes["applied"] += 1
    if any(change.password_hash for change in changes):
        plans.forget_hashes(acting.unit, plan.id, after=plan.rows_done, up_to=changes[-1].number)
    return _progress(acting, plan, changes[-1].number, outcomes)


def _orders(acting: Call, plan: Plan, changes: Sequence[Change]) -> list[_Order]:
    columns = columns_of(plan.header, ignore_unknown=True)
    zone = acting.site.time_zone
    pending = [change for change in changes if change.outcome is Outcome.PENDING]
    must_change = plan.options.require_password_change
    return [_Order(change, _checked(columns, change, zone, must_change=must_change)) for change in pending]


def _checked(columns: Columns, change: Change, zone: str, *, must_change: bool) -> dict[str, Any]:
    values, _ = columns.values(change.cells)
    if change.password_hash:
        values["password"] = Password(None, change.password_hash)
        if must_change:
            values.setdefault("require_password_change", True)
    if change.verdict is Verdict.CHANGED:
        values = {name: value for name, value in values.items() if name in change.after}
    return check(values, zone=zone)


def _look_again(acting: Call, orders: Sequence[_Order]) -> World:
    """The same look as when planning, in few queries; what it finds is remembered for the actions."""
    names = {name for order in orders for name in order.checked.get("groups", ())}
    paths = {grant.path for order in orders for grant in order.checked.get("grants", ())}
    folders.foresee(acting.unit, paths)
    groups.named(acting.unit, acting.scope_to_see(Right.GROUP_READ), names)
    return world_of(acting, [order.change.target_name for order in orders], names)


def _why_stale(change: Change, world: World) -> Text | None:
    """Why the world is no longer the one that was planned for; None when it is."""
    known = world.users.get(username_key(change.target_name))
    user = {"user": repr(change.target_name)}
    if change.verdict is Verdict.NEW:
        created = Text("user %(user)s was created by someone else after this was planned", user)
        return created if known else None
    if known is None or known.user.id != change.target_id:
        return Text("user %(user)s is no longer there", user)
    moved = [field for field, value in change.before.items() if _has_moved(known, field, value)]
    return _moved(known, change, moved)


def _moved(known: Known, change: Change, fields: Sequence[str]) -> Text | None:
    user = {"user": repr(change.target_name)}
    if fields:
        return Text(
            "user %(user)s was changed by someone else after this was planned (%(fields)s)",
            {**user, "fields": ", ".join(fields)},
        )
    if known.user.version != change.target_version:
        return Text("user %(user)s was changed by someone else after this was planned", user)
    return None


def _has_moved(known: Known, field: str, planned: object) -> bool:
    return field != "password" and known.picture(field) != planned


def _act(acting: Call, plan: Plan, order: _Order) -> None:
    checked = dict(order.checked)
    if order.change.verdict is Verdict.NEW:
        users.create_checked(acting, checked, source=Source.CSV)
        return
    assert order.change.target_id is not None
    disabled = checked.pop("disabled", None)
    if checked:
        users.edit_checked(acting, order.change.target_id, checked, version=order.change.target_version)
    if disabled is True:
        users.suspend(acting, order.change.target_id, reason=f"import {plan.name}")
    elif disabled is False:
        users.reactivate(acting, order.change.target_id)


def _who_applies(call: Call, plan: Plan) -> Actor | None:
    """Whoever said "apply", with the rights of now; None when they may no longer import."""
    if plan.applied_by is None:
        return call.actor
    user = user_store.one(call.unit, EVERYONE, plan.applied_by)
    if user is None or user.status(call.now) in (Status.DELETED, Status.SUSPENDED, Status.EXPIRED):
        return None
    actor = actor_of(user, belonging(call.unit, user.id))
    return actor if reach(actor, Right.IMPORT_RUN) is Reach.ANYONE else None


def _halt(call: Call, plan: Plan) -> Plan:
    message = Text("whoever applied this import may no longer do so")
    give_up(call, plan.id, message)
    return replace(plan, state=PlanState.STOPPED, message=message)


def _finish(acting: Call, plan: Plan) -> Plan:
    applied = replace(plan, state=PlanState.APPLIED, applied_at=acting.now)
    plans.note_progress(acting.unit, applied)
    data = {name: getattr(plan.counts, name) for name in ("applied", "refused", "stale", "unchanged")}
    acting.record(Kind.IMPORT_FINISHED, plan_target(plan), data=data)
    return applied


def _progress(call: Call, plan: Plan, last: int, outcomes: Counter[str]) -> Plan:
    counts: Counts = plan.counts
    grown = {name: getattr(counts, name) + number for name, number in outcomes.items()}
    come = replace(plan, rows_done=last, counts=replace(counts, **grown))
    plans.note_progress(call.unit, come)
    return come
