"""A plan with its rows: all that matter for programs, the first of each kind for people."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import typer

from innkeeper.interfaces.cli.asking import Output, remote_of
from innkeeper.interfaces.cli.printing import show_list, text_of

if TYPE_CHECKING:
    from innkeeper_client import Change, Client, Plan
    from innkeeper_client.words import Outcome, Verdict

VERDICTS: "tuple[Verdict, ...]" = ("new", "changed", "unchanged", "conflicting", "invalid")
OUTCOMES: "tuple[Outcome, ...]" = ("applied", "refused", "stale")
# The rows of a plan that somebody has to look at, the most pressing first.
TOLD: "tuple[Verdict, ...]" = ("invalid", "conflicting", "changed", "new")
UNDONE: "tuple[Outcome, ...]" = ("refused", "stale")
COLUMNS = ("row_number", "verdict", "target_name", "reason", "outcome", "outcome_reason")
SHOWN = 20
PAGE = 500


def show_report(context: typer.Context, client: "Client", plan: "Plan") -> None:
    """Print a plan: for programs with all `rows` but the unchanged ones, for people with the first ones."""
    from innkeeper_client.reading import plain

    output = remote_of(context).output
    if output is Output.JSON:
        document = {**plain(plan), "rows": plain(_rows(client, plan))}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif output is Output.CSV:
        show_list(context, _rows(client, plan), COLUMNS)
    else:
        _print(client, plan, err=False)


def show_preview(context: typer.Context, client: "Client", plan: "Plan") -> None:
    """Print a plan for the one who is asked about it next; where a program reads the output, beside that."""
    _print(client, plan, err=remote_of(context).output is not Output.TABLE)


def _rows(client: "Client", plan: "Plan") -> "list[Change]":
    found = chain.from_iterable(
        client.plans.iterate_changes(plan.id, verdict=verdict, limit=PAGE) for verdict in TOLD
    )
    return sorted(found, key=lambda change: change.number)


def _print(client: "Client", plan: "Plan", *, err: bool) -> None:
    for line in _lines(client, plan):
        typer.echo(line, err=err)


def _lines(client: "Client", plan: "Plan") -> Iterator[str]:
    yield f"{plan.name}: {plan.state}, {plan.counts.rows} rows (plan {plan.id})"
    for name in (*VERDICTS, *OUTCOMES):
        count: int = getattr(plan.counts, name)
        if count or name in VERDICTS:
            yield f"  {name:<12} {count:>8}"
    if plan.brake is not None:
        yield from _suspended(client, plan)
    for outcome in UNDONE:
        undone = client.plans.iterate_changes(plan.id, outcome=outcome, limit=SHOWN + 1)
        yield from _first(plan, outcome, undone, f"--outcome {outcome}")
    for verdict in TOLD:
        told = client.plans.iterate_changes(plan.id, verdict=verdict, limit=SHOWN + 1)
        rest = (change for change in told if change.outcome not in UNDONE)
        yield from _first(plan, verdict, rest, f"--verdict {verdict}")


def _suspended(client: "Client", plan: "Plan") -> Iterator[str]:
    """Every row that trips the brake, however many they are: someone has to answer for their number."""
    for change in client.plans.iterate_changes(plan.id, verdict="changed", limit=PAGE):
        if change.after.get("disabled") is True:
            yield f"  row {change.row_number}, suspends {change.target_name}"


def _first(plan: "Plan", what: str, changes: "Iterator[Change]", flag: str) -> Iterator[str]:
    found = list(islice(changes, SHOWN + 1))
    for change in found[:SHOWN]:
        yield f"  row {change.row_number}, {what} {change.target_name}: {_said(change)}".rstrip(": ")
    if len(found) > SHOWN:
        yield f"  … more {what} rows: innkeeper plans changes {plan.id} {flag}"


def _said(change: "Change") -> str:
    differences: dict[str, Any] = {
        name: f"{text_of(change.before.get(name))} → {text_of(value)}" for name, value in change.after.items()
    }
    listed = ", ".join(f"{name}: {difference}" for name, difference in differences.items())
    return change.outcome_reason or change.reason or listed
