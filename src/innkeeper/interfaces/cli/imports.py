"""`innkeeper import FILE`, `import-template`, `plans …`"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from innkeeper.interfaces.cli.asking import Output, client_of, fail, remote_of
from innkeeper.interfaces.cli.printing import show_list, show_one
from innkeeper.interfaces.cli.reports import COLUMNS, OUTCOMES, VERDICTS, show_preview, show_report

if TYPE_CHECKING:
    from innkeeper_client import Client, Plan
    from innkeeper_client.plans import Brake

plans = typer.Typer(name="plans", help="Changes worked out, waiting, applied.", no_args_is_help=True)
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
    """Bring people in from a CSV file: show the plan, and apply it with --apply.

    Without --plan and --apply, at a terminal, it asks after it has shown the plan. With --output json the
    answer is the plan, and `rows` are all its rows but the unchanged ones, each with its reason if it failed.
    """
    if (plan and apply) or (create_only and update_only):
        raise typer.BadParameter("--plan and --apply, --create-only and --update-only exclude each other")
    mode = "create" if create_only else "update" if update_only else "create_and_update"
    with client_of(context) as client:
        planned = _plan(client, file, mode, ignore_unknown_columns=ignore_unknown_columns)
        if apply:
            done = _apply_unseen(context, client, planned, confirm)
        elif plan or not sys.stdin.isatty():
            show_report(context, client, planned)
            done = planned
        else:
            done = _offer(context, client, planned, confirm)
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
    outcome: Annotated[str | None, typer.Option(help=", ".join(OUTCOMES))] = None,
) -> None:
    """List the rows of a plan."""
    with client_of(context) as client:
        asked: dict[str, Any] = {"verdict": verdict, "outcome": outcome, "limit": 500}
        show_list(context, client.plans.iterate_changes(plan, **asked), COLUMNS)


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
        done = _apply_unseen(context, client, client.plans.get(plan), confirm)
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


def _apply_unseen(context: typer.Context, client: "Client", planned: "Plan", confirm: int | None) -> "Plan":
    """Apply what nobody has looked at yet; a plan that asks for a number is shown first."""
    if _lacks_number(planned, confirm):
        show = show_preview if sys.stdin.isatty() else show_report
        show(context, client, planned)
    done = _apply(client, planned, confirm)
    show_report(context, client, done)
    return done


def _offer(context: typer.Context, client: "Client", planned: "Plan", confirm: int | None) -> "Plan":
    """Show the plan and apply it if the one at the terminal agrees."""
    show_preview(context, client, planned)
    done = _apply(client, planned, confirm) if _agreed(planned) else planned
    if done is not planned or remote_of(context).output is not Output.TABLE:
        show_report(context, client, done)
    return done


def _agreed(planned: "Plan") -> bool:
    counts = planned.counts
    if not counts.acting:
        return False
    return typer.confirm(f"Make {counts.new} and change {counts.changed} users?", err=True)


def _apply(client: "Client", planned: "Plan", confirm: int | None) -> "Plan":
    if planned.brake is not None and _lacks_number(planned, confirm):
        confirm = _typed_number(planned.brake)
    client.plans.apply(planned.id, confirm_count=confirm)
    with _progress("Applying") as progress:
        return client.plans.wait(planned.id, progress=progress)


def _lacks_number(planned: "Plan", confirm: int | None) -> bool:
    return planned.brake is not None and confirm != planned.brake.count


def _typed_number(brake: "Brake") -> int:
    """The number that a large plan asks for, typed by someone who has seen its rows."""
    would = f"this would {brake.action} {brake.count} of {brake.people} people"
    if not sys.stdin.isatty():
        fail(f"{would}, and nothing was done; if that is meant, give --confirm {brake.count}")
    typed = typer.prompt(f"{would}; type {brake.count} to go ahead", default="", show_default=False, err=True)
    if typed.strip() != str(brake.count):
        fail(f"that is not the number {brake.count}; nothing was done")
    return brake.count


def _close(client: "Client", done: "Plan", failed_rows: Path | None) -> None:
    """Write the failed rows if asked to, and end with exit code 1 when something was not done."""
    if failed_rows is not None:
        failed_rows.write_bytes(client.plans.failed_rows(done.id))
    if done.state not in ("planned", "applied"):
        fail(f"the plan {done.id} is {done.state}: {done.message or 'see the report'}")
    counts = done.counts
    if done.state == "applied" and counts.failed:
        fail(
            f"{counts.failed} of {counts.rows} rows were not applied;"
            " --failed-rows FILE gives them with reasons"
        )


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
