"""Imports and the plans that they become."""

from collections.abc import Callable
from pathlib import Path

from innkeeper_client import documents as d
from innkeeper_client.reading import Page
from innkeeper_client.steps import Pause, Steps, ask, ask_bytes, ask_page
from innkeeper_client.verbs import Noun, Verb, Walk, Way

WORKING = frozenset({"planning", "applying"})
POLL_SECONDS = 0.25

Progress = Callable[[d.Plan], None]


class Imports(Noun[Way]):
    """Files of people."""

    @Verb
    def upload(
        self,
        path: str | Path,
        *,
        mode: str = "create_and_update",
        ignore_unknown_columns: bool = False,
        require_password_change: bool = True,
    ) -> Steps[d.Plan]:
        """Send a CSV file; the server works out a plan, which changes nothing yet. Raises OSError."""
        form = {
            "mode": mode,
            "ignore_unknown_columns": _word(ignore_unknown_columns),
            "require_password_change": _word(require_password_change),
        }
        return _upload(Path(path), form)

    @Verb
    def template(self) -> Steps[bytes]:
        """A CSV file with every column and an example row."""
        return ask_bytes("/imports/template")


class Plans(Noun[Way]):
    """Named changes, worked out and waiting, applied, or stopped."""

    @Verb
    def list(
        self, *, state: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Steps[Page[d.Plan]]:
        """A page of plans, newest first."""
        return ask_page(d.Plan, "/plans", {"state": state, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, plan_id: str) -> Steps[d.Plan]:
        """One plan by id; raises NotFound."""
        return ask(d.Plan, "GET", f"/plans/{plan_id}")

    @Verb
    def changes(
        self,
        plan_id: str,
        *,
        verdict: str | None = None,
        outcome: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Change]]:
        """A page of a plan's rows."""
        query = {"verdict": verdict, "outcome": outcome, "limit": limit, "cursor": cursor}
        return ask_page(d.Change, f"/plans/{plan_id}/changes", query)

    iterate_changes = Walk(changes)

    @Verb
    def apply(self, plan_id: str, *, confirm_count: int | None = None) -> Steps[d.Plan]:
        """Begin to do what the plan says; raises Braked without the count of a large one, NotNow, Stale."""
        return ask(d.Plan, "POST", f"/plans/{plan_id}/apply", body={"confirm_count": confirm_count})

    @Verb
    def stop(self, plan_id: str) -> Steps[d.Plan]:
        """Stop a plan that is being worked out or applied; what is done stays done."""
        return ask(d.Plan, "POST", f"/plans/{plan_id}/stop", is_repeatable=True)

    @Verb
    def wait(self, plan_id: str, *, progress: Progress | None = None) -> Steps[d.Plan]:
        """Wait until the server has finished working on a plan; `progress` is shown it at each look."""
        return _wait(plan_id, progress)

    @Verb
    def failed_rows(self, plan_id: str) -> Steps[bytes]:
        """The rows that were not applied, as a CSV file with a `reason` column."""
        return ask_bytes(f"/plans/{plan_id}/failed-rows")


def _upload(path: Path, form: dict[str, str]) -> Steps[d.Plan]:
    with path.open("rb") as file:
        return (yield from ask(d.Plan, "POST", "/imports", form=form, file=(path.name, file)))


def _wait(plan_id: str, progress: Progress | None) -> Steps[d.Plan]:
    while True:
        plan = yield from ask(d.Plan, "GET", f"/plans/{plan_id}")
        if progress is not None:
            progress(plan)
        if plan.state not in WORKING:
            return plan
        yield Pause(POLL_SECONDS)


def _word(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
