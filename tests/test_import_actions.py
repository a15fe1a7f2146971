"""Actions on imports at their edges: rows that are no longer what they were, jobs that come too late."""

from collections.abc import Callable
from pathlib import Path

import pytest

from innkeeper.actions import events, import_applying, imports, users
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import NotFound, NotNow
from innkeeper.domain.plans import Change, ImportOptions, NotRunning, Outcome, Plan, PlanState, Verdict
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from innkeeper.domain.words import PlanId
from innkeeper.jobs.imports import apply_import, plan_import
from tests.conftest import SYSTEM

Planner = Callable[[str], Plan]


@pytest.fixture
def plan(calls: Calls, tmp_path: Path) -> Planner:
    def plan(text: str) -> Plan:
        opened = calls.write_now(SYSTEM, imports.begin, "people.csv", ImportOptions())
        file = tmp_path / f"{opened.id}.csv"
        file.write_text(text)
        plan_import(calls, opened.id, file, lambda: None)
        return calls.read_now(SYSTEM, imports.show, opened.id)

    return plan


def applied(calls: Calls, plan: Plan) -> Plan:
    calls.write_now(SYSTEM, imports.apply, plan.id)
    apply_import(calls, plan.id, lambda: None)
    return calls.read_now(SYSTEM, imports.show, plan.id)


def changes_of(calls: Calls, plan: Plan) -> list[Change]:
    return list(calls.read_now(SYSTEM, imports.changes, plan.id).items)


def test_an_import_that_is_not_there_is_not_found(calls: Calls) -> None:
    ghost = PlanId("ghost")

    for read in (imports.show, imports.changes, imports.failed_rows):
        with pytest.raises(NotFound, match="import"):
            calls.read_now(SYSTEM, read, ghost)
    for write in (imports.apply, imports.stop):
        with pytest.raises(NotFound, match="import"):
            calls.write_now(SYSTEM, write, ghost)
    with pytest.raises(NotRunning):
        calls.write_now(SYSTEM, import_applying.apply_chunk, ghost, limit=10)


def test_what_is_over_cannot_be_stopped(calls: Calls, plan: Planner) -> None:
    done = applied(calls, plan("username\nann\n"))
    failed = plan("username\n")

    for over in (done, failed):
        with pytest.raises(NotNow, match=f"{over.state}; there is nothing left to stop"):
            calls.write_now(SYSTEM, imports.stop, over.id)


def test_rows_that_name_nobody_or_have_too_few_cells_come_back(calls: Calls, plan: Planner) -> None:
    planned = plan("username,name\n,Nobody\nann\n")

    rows = "".join(calls.read_now(SYSTEM, imports.failed_rows, planned.id).items).splitlines()

    assert planned.counts.invalid == 2
    assert rows[1].startswith(",Nobody,username: - expected a user name")
    assert rows[2].startswith("ann,\"row: '1 cells' - expected 2 cells")


def test_a_file_with_reasons_of_the_time_before_is_taken_again(calls: Calls, plan: Planner) -> None:
    planned = plan("username,email,reason\nann,nope,too bad\n")

    text = "".join(calls.read_now(SYSTEM, imports.failed_rows, planned.id).items)

    assert text.splitlines()[0] == "username,email,reason"
    assert "too bad" not in text
    assert "email: 'nope'" in text


def test_an_import_reactivates(calls: Calls, plan: Planner, bob: User) -> None:
    calls.write_now(SYSTEM, users.suspend, bob.id)

    done = applied(calls, plan("username,disabled\nbob,no\n"))

    assert done.counts.applied == 1
    assert not calls.read_now(SYSTEM, users.show, bob.id).disabled


def test_a_row_whose_user_has_another_name_now_is_stale(calls: Calls, plan: Planner, bob: User) -> None:
    planned = plan("username,company\nbob,Engines\n")
    calls.write_now(SYSTEM, users.edit, bob.id, {"username": "robert"})

    done = applied(calls, planned)

    [change] = changes_of(calls, done)
    assert (change.outcome, str(change.outcome_reason)) == (Outcome.STALE, "user 'bob' is no longer there")


def test_a_row_whose_name_belongs_to_another_now_is_stale(calls: Calls, plan: Planner, bob: User) -> None:
    planned = plan("username,company\nbob,Engines\n")
    calls.write_now(SYSTEM, users.edit, bob.id, {"username": "robert"})
    other = calls.write_now(SYSTEM, users.create, {"username": "bob"})

    done = applied(calls, planned)

    assert done.counts.stale == 1
    assert calls.read_now(SYSTEM, users.show, other.id).company == ""


def test_a_row_whose_user_changed_in_another_field_is_stale(calls: Calls, plan: Planner, bob: User) -> None:
    planned = plan("username,company\nbob,Engines\n")
    calls.write_now(SYSTEM, users.edit, bob.id, {"notes": "someone was here"})

    done = applied(calls, planned)

    [change] = changes_of(calls, done)
    assert Outcome.STALE is change.outcome
    assert "was changed by someone else after this was planned" in str(change.outcome_reason)


def test_changes_weigh_more_than_new_users_in_one_unit(calls: Calls, plan: Planner) -> None:
    applied(calls, plan("username\n" + "".join(f"user{number}\n" for number in range(6))))
    planned = plan("username,company\n" + "".join(f"user{number},Engines\n" for number in range(6)))
    calls.write_now(SYSTEM, imports.apply, planned.id)

    first = calls.write_now(SYSTEM, import_applying.apply_chunk, planned.id, limit=10)
    alone = calls.write_now(SYSTEM, import_applying.apply_chunk, planned.id, limit=1)

    assert (first.rows_done, alone.rows_done) == (2, 3)


def test_a_refusal_that_comes_late_is_noted_once(calls: Calls, plan: Planner) -> None:
    planned = plan("username\nann\nbob\n")
    calls.write_now(SYSTEM, imports.apply, planned.id)

    for _ in range(2):
        calls.write_now(SYSTEM, import_applying.note_refusal, planned.id, 1, Text("no"))

    noted = calls.read_now(SYSTEM, imports.show, planned.id)
    assert (planned.is_running, noted.is_running) == (False, True)
    assert (noted.rows_done, noted.counts.refused) == (1, 1)


def test_a_job_that_cannot_go_on_stops_its_plan_and_says_why(calls: Calls, plan: Planner) -> None:
    planned = plan("username\nann\n")
    calls.write_now(SYSTEM, imports.apply, planned.id)

    calls.write_now(SYSTEM, import_applying.give_up, planned.id, Text("the disk is full"))

    stopped = calls.read_now(SYSTEM, imports.show, planned.id)
    assert (stopped.state, str(stopped.message)) == (PlanState.STOPPED, "the disk is full")
    [event] = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("import.stopped",))).items
    assert event.data == {"rows_done": 0, "reason": "the disk is full"}
    with pytest.raises(NotRunning):
        calls.write_now(SYSTEM, import_applying.apply_chunk, planned.id, limit=10)


def test_changes_are_narrowed_to_a_verdict(calls: Calls, plan: Planner, bob: User) -> None:
    planned = plan("username,name\nbob,Bob Byron\nann,Ann\n")

    same = calls.read_now(SYSTEM, imports.changes, planned.id, verdict=Verdict.UNCHANGED).items

    assert [change.target_name for change in same] == ["bob"]
