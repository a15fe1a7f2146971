"""Import users from a file: plan, look, apply, stop. The work itself is done in the background.

An interface calls `begin`, writes the uploaded file to `ImportWork.accept_upload`, then calls
`start_import_planning`; after `apply` it calls `start_import_apply`. Both may be called again at any time.
"""

from pathlib import Path
from typing import Protocol

from innkeeper.actions.call import Call
from innkeeper.domain.plans import Brake, Change, ImportOptions, Outcome, Plan, PlanState, Verdict
from innkeeper.domain.words import PlanId
from innkeeper.kit.paging import Page


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
    raise NotImplementedError


def page(
    call: Call, *, states: tuple[PlanState, ...] = (), limit: int = 50, cursor: str | None = None
) -> Page[Plan]:
    """Imports, newest first."""
    raise NotImplementedError


def show(call: Call, plan_id: PlanId) -> Plan:
    """One import by id, with its progress."""
    raise NotImplementedError


def brake(call: Call, plan_id: PlanId) -> Brake | None:
    """The brake that applying this plan would trip now; None when it may go ahead."""
    raise NotImplementedError


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
    raise NotImplementedError


def apply(call: Call, plan_id: PlanId, *, confirm_count: int | None = None) -> Plan:
    """Let a plan happen. Raises Braked when it is too large and the number is not given exactly.

    Raises NotNow for a plan that is not ready, or was applied before.
    """
    raise NotImplementedError


def stop(call: Call, plan_id: PlanId) -> Plan:
    """End a plan where it stands; what was applied stays. Nothing if stopped already, NotNow if applied."""
    raise NotImplementedError


def failed_rows(call: Call, plan_id: PlanId, *, limit: int = 500, cursor: str | None = None) -> Page[str]:
    """The rows that failed, as pieces of a CSV file with a `reason` column, ready to send.

    The first page begins with the header. Passwords are not kept, so their cells are empty.
    """
    raise NotImplementedError
