"""`innkeeper import FILE`, `import-template`, `plans …`"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from innkeeper.interfaces.cli.asking import Output, client_of, fail, remote_of
from innkeeper.interfaces.cli.printing import show_list, show_one, text_of

if TYPE_CHECKING:
    from innkeeper_client import Client, Plan

plans = typer.Typer(name="plans", help="Changes worked out, waiting, applied.", no_args_is_help=True)
VERDICTS = ("new", "changed", "unchanged", "conflicting", "invalid")
SHOWN = 20
Id = Annotated[str, typer.Argument(metavar="PLAN")]


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, with the user fields' names as header.")],
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would happen.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Do it.")] = False,
    create_only: Annotated[bool, typer.Option("--create-only", help="Change nobody who exists.")] = False,
    update_only: Annotated[bool, typer.Option("--update-only", help="Make nobody.")] = False,
    ignore_unknown_columns: Annotated[bool, typer.Option("--ignore-unknown-columns")] = False,
    confirm: Annotated[int | None, typer.Option(help="The number that a large plan asks for.")] = None,
    failed_rows: Annotated[
        Path | None, typer.Option(help="Write the failed rows here, with reasons.")
    ] = None,
) -> None:
    """Bring people in from a CSV file: show the plan, and apply it with --apply."""
    if (plan and apply) or (create_only and update_only):
        raise typer.BadParameter("--plan and --apply, --create-only and --update-only exclude each other")
    mode = "create" if create_only else "update" if update_only else "create_and_update"
    with client_of(context) as client:
        planned = _plan(client, file, mode, ignore_unknown_columns=ignore_unknown_columns)
        done = planned
        if not apply:
            _show(context, client, planned)
        if apply or (not plan and sys.stdin.isatty() and _agreed(planned)):
            done = _apply(client, planned, confirm)
            _show(context, client, done)
        _close(client, done, failed_rows)


def import_template(context: typer.Context) -> None:
    """Print a CSV file with every column."""
    with client_of(context) as client:
        typer.echo(client.imports.template().decode(), nl=False)


@plans.command("list")
def list_plans(context: typer.Context) -> None:
    """List plans, newest first."""
    with client_of(context) as client:
        columns = ("name", "state", "created_by_name", "created_at", "rows_read", "rows_done", "id")
        show_list(context, client.plans.iterate(limit=100), columns)


@plans.command("show")
def show_plan(context: typer.Context, plan: Id) -> None:
    """Show one plan."""
    with client_of(context) as client:
        show_one(context, client.plans.get(plan))


@plans.command("changes")
def show_changes(
    context: typer.Context,
    plan: Id,
    verdict: Annotated[str | None, typer.Option(help=", ".join(VERDICTS))] = None,
) -> None:
    """List the rows of a plan."""
    with client_of(context) as client:
        asked: dict[str, Any] = {"verdict": verdict, "limit": 500}
        found = client.plans.iterate_changes(plan, **asked)
        columns = ("row_number", "verdict", "target_name", "reason", "outcome", "outcome_reason")
        show_list(context, found, columns)


@plans.command("apply")
def apply_plan(
    context: typer.Context,
    plan: Id,
    confirm: Annotated[int | None, typer.Option(help="The number that a large plan asks for.")] = None,
    failed_rows: Annotated[
        Path | None, typer.Option(help="Write the failed rows here, with reasons.")
    ] = None,
) -> None:
    """Do what a plan that was made before says."""
    with client_of(context) as client:
        done = _apply(client, client.plans.get(plan), confirm)
        _show(context, client, done)
        _close(client, done, failed_rows)


@plans.command("stop")
def stop_plan(context: typer.Context, plan: Id) -> None:
    """Stop a plan that is being applied; what is done stays done."""
    with client_of(context) as client:
        show_one(context, client.plans.stop(plan))


def _plan(client: "Client", file: Path, mode: str, *, ignore_unknown_columns: bool) -> "Plan":
    options: dict[str, Any] = {"mode": mode, "ignore_unknown_columns": ignore_unknown_columns}
    begun = client.imports.begin(file, **options)
    with _progress("Reading") as progress:
        planned = client.plans.wait(begun.id, progress=progress)
    if planned.state == "failed":
        fail(planned.message)
    return planned


def _apply(client: "Client", planned: "Plan", confirm: int | None) -> "Plan":
    if planned.brake is not None and confirm != planned.brake.count:
        brake = planned.brake
        fail(
            f"this would {brake.action} {brake.count} of {brake.people} people, and nothing was done; "
            f"if that is meant, give --confirm {brake.count}"
        )
    client.plans.apply(planned.id, confirm_count=confirm)
    with _progress("Applying") as progress:
        return client.plans.wait(planned.id, progress=progress)


def _close(client: "Client", done: "Plan", failed_rows: Path | None) -> None:
    """Write the failed rows if asked to, and end with exit code 1 when something was not done."""
    if failed_rows is not None:
        failed_rows.write_bytes(client.plans.failed_rows(done.id))
    if done.state not in ("planned", "applied"):
        fail(f"the plan {done.id} is {done.state}: {done.message or 'see the report'}")
    counts = done.counts
    failed = counts.invalid + counts.conflicting + counts.refused + counts.stale
    if done.state == "applied" and failed:
        fail(f"{failed} of {counts.rows} rows were not applied; --failed-rows FILE gives them with reasons")


def _agreed(planned: "Plan") -> bool:
    counts = planned.counts
    if not counts.new + counts.changed:
        return False
    return typer.confirm(f"Make {counts.new} and change {counts.changed} users?", err=True)


@contextmanager
def _progress(what: str) -> Iterator[Callable[["Plan"], None] | None]:
    """A bar on standard error, where somebody looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def look(plan: "Plan") -> None:
            total = plan.counts.rows if plan.state == "applying" else None
            bar.update(task, total=total, completed=plan.rows_done or plan.rows_read)

        yield look


def _show(context: typer.Context, client: "Client", plan: "Plan") -> None:
    from innkeeper_client.reading import plain

    if remote_of(context).output is Output.JSON:
        typer.echo(json.dumps(plain(plan), indent=2, ensure_ascii=False))
        return
    counts: dict[str, Any] = plain(plan.counts)
    typer.echo(f"{plan.name}: {plan.state}, {counts['rows']} rows (plan {plan.id})")
    for name in (*VERDICTS, "applied", "refused", "stale"):
        if counts[name] or name in VERDICTS:
            typer.echo(f"  {name:<12} {counts[name]:>8}")
    for verdict in ("invalid", "conflicting", "changed", "new"):
        _show_rows(client, plan, verdict)


def _show_rows(client: "Client", plan: "Plan", verdict: str) -> None:
    asked: dict[str, Any] = {"verdict": verdict, "limit": SHOWN + 1}
    found = list(islice(client.plans.iterate_changes(plan.id, **asked), SHOWN + 1))
    for change in found[:SHOWN]:
        said = change.reason or ", ".join(
            f"{name}: {text_of(change.before.get(name))} → {text_of(value)}"
            for name, value in change.after.items()
        )
        typer.echo(f"  row {change.row_number}, {verdict} {change.target_name}: {said}".rstrip(": "))
    if len(found) > SHOWN:
        typer.echo(f"  … more {verdict} rows: innkeeper plans changes {plan.id} --verdict {verdict}")
