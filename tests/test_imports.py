"""Imports from file to users: planned, braked, applied once, and gone on with after a crash."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from innkeeper.actions import api_keys, events, grants, groups, imports, memberships, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Forbidden, NotFound, NotNow
from innkeeper.domain.groups import Group
from innkeeper.domain.plans import Braked, Change, ImportOptions, Mode, Outcome, Plan, PlanState, Verdict
from innkeeper.domain.queries import EventQuery, UserQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import PlanId, Source
from innkeeper.jobs import imports as jobs
from innkeeper.jobs.imports import apply_import, plan_import
from innkeeper.jobs.runner import Jobs
from innkeeper.kit.passwords import verify
from innkeeper.store.database import Database
from tests.conftest import SYSTEM

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl bob@laptop"
MANY = 2000


@pytest.fixture
def plan(calls: Calls, tmp_path: Path) -> Callable[..., Plan]:
    def plan(text: str, caller: Caller = SYSTEM, **options: object) -> Plan:
        opened = calls.write_now(caller, imports.begin, "people.csv", ImportOptions(**options))  # type: ignore[arg-type]
        file = tmp_path / f"{opened.id}.csv"
        file.write_text(text)
        plan_import(calls, opened.id, file, lambda: None)
        assert not file.exists()
        return calls.read_now(SYSTEM, imports.show, opened.id)

    return plan


@pytest.fixture
def apply(calls: Calls) -> Callable[..., Plan]:
    def apply(plan: Plan, caller: Caller = SYSTEM, confirm_count: int | None = None) -> Plan:
        calls.write_now(caller, imports.apply, plan.id, confirm_count=confirm_count)
        apply_import(calls, plan.id, lambda: None)
        return calls.read_now(SYSTEM, imports.show, plan.id)

    return apply


def changes_of(calls: Calls, plan: Plan) -> list[Change]:
    return list(calls.read_now(SYSTEM, imports.changes, plan.id, limit=1000).items)


def as_user(calls: Calls, user: User) -> Caller:
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    return Caller("api", "127.0.0.1", api_key=token)


def kinds(calls: Calls) -> list[str]:
    page = calls.read_now(SYSTEM, events.page, EventQuery(limit=500))
    return [event.kind.value for event in page.items]


def test_a_file_makes_changes_and_leaves_users(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan], bob: User, staff: Group
) -> None:
    text = (
        "username,company,groups,grants,ssh_keys,disabled,password\n"
        f"ann,Engines,Staff,/projects/a:read; /inbox:write:only,{KEY},,correct horse battery\n"
        "bob,Engines,,,,yes,\n"
        "charlie,,Ghosts,,,,\n"
        "ANN,,,,,,\n"
    )

    planned = plan(text)
    applied = apply(planned)

    assert (
        planned.state,
        planned.counts.new,
        planned.counts.changed,
        planned.counts.invalid,
        planned.counts.rows,
    ) == (PlanState.PLANNED, 1, 1, 2, 4)
    assert (applied.state, applied.counts.applied, applied.rows_done) == (PlanState.APPLIED, 2, 4)
    ann = calls.read_now(SYSTEM, users.find, "ann")
    assert Source.CSV is ann.source
    assert verify(ann.password_hash or "", "correct horse battery")
    assert [staff.id] == [entry.group_id for entry in calls.read_now(SYSTEM, memberships.of_user, ann.id)]
    assert {"/projects/a", "/inbox"} == {
        grant.path for grant in calls.read_now(SYSTEM, grants.page, subject_id=ann.id).items
    }
    gone = calls.read_now(SYSTEM, users.show, bob.id)
    assert (gone.disabled, gone.company, gone.suspend_reason) == (True, "Engines", "import people.csv")
    assert {"import.planned", "import.started", "import.finished", "user.suspended"} <= set(kinds(calls))
    outcomes = [change.outcome for change in changes_of(calls, applied)]
    assert outcomes == [Outcome.APPLIED, Outcome.APPLIED, Outcome.NONE, Outcome.NONE]


def test_the_same_file_again_changes_nothing(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan], staff: Group
) -> None:
    text = (
        "username,email,groups,primary_group,grants,ssh_keys,disabled,password,access_expires_at,"
        "bypass_lifecycle_rules,attributes,tags,protocols\n"
        f"ann,ann@example.org,staff,Staff,/b:full; /a:read:only,{KEY},no,correct horse,2027-03-31,"
        'leave | 2027-01-01,"{""badge"": 7}",y; x,web\n'
        "dee,,,,,,yes,,,,,,\n"
    )
    apply(plan(text))
    before = kinds(calls)

    again = plan(text)
    apply(again)

    assert (again.counts.unchanged, again.counts.changed, again.counts.new) == (2, 0, 0)
    assert [kind for kind in kinds(calls) if kind.startswith("user.")] == [
        kind for kind in before if kind.startswith("user.")
    ]


def test_an_empty_cell_leaves_and_none_empties(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan], bob: User
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"company": "Engines", "notes": "keep"})

    apply(plan("username,company,notes\nbob,(none),\n"))

    changed = calls.read_now(SYSTEM, users.show, bob.id)
    assert (changed.company, changed.notes) == ("", "keep")


def test_passwords_are_kept_only_as_hashes_and_never_shown(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan], database: Database
) -> None:
    text = "username,password\nann,correct horse battery\nbob,short\n"

    planned = plan(text, require_password_change=True)

    shown = repr(changes_of(calls, planned))
    rows = "".join(calls.read_now(SYSTEM, imports.failed_rows, planned.id).items)
    with database.engine.connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT details FROM plan_changes").fetchall())
    for text in (shown, rows, stored):
        assert "correct horse" not in text
        assert "short" not in text.replace("password_too_short", "")
    assert "argon2" not in shown
    assert (planned.counts.new, planned.counts.invalid) == (1, 1)
    apply(planned)
    assert calls.read_now(SYSTEM, users.find, "ann").require_password_change


def test_failed_rows_come_back_with_reasons_and_can_be_sent_again(
    calls: Calls, plan: Callable[..., Plan]
) -> None:
    first = plan("name,username,email\n=1+1,ann,nope\n-Bob,bob,bob@example.org\n")

    text = "".join(calls.read_now(SYSTEM, imports.failed_rows, first.id).items)
    second = plan(text.replace("nope", "ann@example.org"))

    assert text.startswith("name,username,email,reason\r\n'=1+1,ann,nope,")
    assert "email: 'nope' - expected an address" in text
    assert [(row.target_name, row.after["name"]) for row in changes_of(calls, second)] == [("ann", "=1+1")]


def test_a_bad_file_fails_whole(calls: Calls, plan: Callable[..., Plan]) -> None:
    rows = "".join(f"user{number}\n" for number in range(1500))

    failed = plan(f"username\n{rows}" + '"never closed\n')

    assert (failed.state, failed.counts.rows, len(changes_of(calls, failed))) == (PlanState.FAILED, 0, 0)
    assert "line 1502" in str(failed.message)
    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, imports.apply, failed.id)


def test_a_file_without_rows_fails(plan: Callable[..., Plan]) -> None:
    assert "no row" in str(plan("username,name\n").message)


def test_modes_make_conflicts(plan: Callable[..., Plan], bob: User) -> None:
    text = "username,name\nbob,B\nann,A\n"

    only_new = plan(text, mode=Mode.CREATE).counts
    only_known = plan(text, mode=Mode.UPDATE).counts

    assert (only_new.new, only_new.conflicting) == (1, 1)
    assert (only_known.changed, only_known.conflicting) == (1, 1)


def test_a_large_plan_waits_for_the_exact_number(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan]
) -> None:
    apply(plan("username\n" + "".join(f"user{number}\n" for number in range(40))))
    planned = plan("username,disabled\n" + "".join(f"user{number},yes\n" for number in range(12)))

    for wrong in (None, 11, 13):
        with pytest.raises(Braked, match="12 of 40 users"):
            calls.write_now(SYSTEM, imports.apply, planned.id, confirm_count=wrong)
    assert not calls.read_now(SYSTEM, users.find, "user0").disabled

    applied = apply(planned, confirm_count=12)

    assert (applied.counts.suspended, applied.counts.applied) == (12, 12)


def test_a_change_whose_user_moved_on_is_stale_and_touches_nothing(
    calls: Calls,
    plan: Callable[..., Plan],
    apply: Callable[..., Plan],
    bob: User,
    charlie: User,
    staff: Group,
) -> None:
    planned = plan("username,company,groups\nbob,Two,\ncharlie,,\nann,New,\neve,New,staff\n")
    groupless = plan("username,groups\ncharlie,Staff\n")
    calls.write_now(SYSTEM, users.edit, bob.id, {"company": "One"})
    calls.write_now(SYSTEM, users.create, {"username": "ANN"})
    calls.write_now(SYSTEM, users.edit, charlie.id, {"groups": ["Staff"]})

    applied = apply(planned)
    moved = apply(groupless)

    assert (applied.counts.applied, applied.counts.stale) == (1, 2)
    assert {change.target_name: change.outcome for change in changes_of(calls, applied)} == {
        "bob": Outcome.STALE,
        "ann": Outcome.STALE,
        "eve": Outcome.APPLIED,
        "charlie": Outcome.NONE,
    }
    assert calls.read_now(SYSTEM, users.show, bob.id).company == "One"
    assert Outcome.STALE is changes_of(calls, moved)[0].outcome
    assert "groups" in str(changes_of(calls, moved)[0].outcome_reason)
    failed = "".join(calls.read_now(SYSTEM, imports.failed_rows, applied.id).items)
    assert "changed by someone else" in failed
    assert "created by someone else" in failed


def test_a_refused_row_does_not_take_its_neighbours_along(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan], ada: User, staff: Group
) -> None:
    planned = plan("username,disabled,groups\nann,,Staff\nada,yes,\nbob,,\neve,,\n")
    calls.write_now(SYSTEM, groups.delete, staff.id)

    applied = apply(planned)

    assert (applied.counts.applied, applied.counts.refused) == (2, 2)
    found = {change.target_name: change for change in changes_of(calls, applied)}
    assert "last site administrator" in str(found["ada"].outcome_reason)
    assert "group that exists" in str(found["ann"].outcome_reason)
    assert (found["bob"].outcome, found["eve"].outcome) == (Outcome.APPLIED, Outcome.APPLIED)
    assert not calls.read_now(SYSTEM, users.show, ada.id).disabled
    refused = calls.read_now(SYSTEM, imports.changes, applied.id, outcome=Outcome.REFUSED).items
    assert [change.target_name for change in refused] == ["ann", "ada"]


def test_a_plan_is_applied_once(calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan]) -> None:
    planned = plan("username\nann\n")
    apply(planned)

    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, imports.apply, planned.id)
    apply_import(calls, planned.id, lambda: None)

    assert kinds(calls).count("user.created") == 1


def test_the_changes_are_those_of_whoever_applied_with_the_rights_of_that_moment(
    calls: Calls, plan: Callable[..., Plan], apply: Callable[..., Plan], ada: User
) -> None:
    caller = as_user(calls, ada)
    first, second = plan("username\nann\n", caller), plan("username\nbob\n", caller)

    apply(first, caller)
    calls.write_now(caller, imports.apply, second.id)
    calls.write_now(SYSTEM, users.create, {"username": "other", "roles": ["site_administrator"]})
    calls.write_now(SYSTEM, users.suspend, ada.id)
    apply_import(calls, second.id, lambda: None)

    made = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("user.created",), limit=10)).items
    event = next(event for event in made if event.target.name == "ann")
    assert ("ada", "import", first.id) == (event.actor_name, event.interface, event.data["import_id"])
    stopped = calls.read_now(SYSTEM, imports.show, second.id)
    assert (stopped.state, stopped.rows_done) == (PlanState.STOPPED, 0)
    with pytest.raises(NotFound):
        calls.read_now(SYSTEM, users.find, "bob")


def test_only_site_administrators_import(calls: Calls, bob: User) -> None:
    caller = as_user(calls, bob)

    for attempt in (
        lambda: calls.write_now(caller, imports.begin, "x.csv", ImportOptions()),
        lambda: calls.read_now(caller, imports.page),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_stop_ends_a_plan_between_chunks(
    calls: Calls, plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)
    planned = plan("username\n" + "".join(f"user{number}\n" for number in range(9)))
    calls.write_now(SYSTEM, imports.apply, planned.id)
    turns = SimpleNamespace(left=2)

    def pause() -> None:
        turns.left -= 1
        if turns.left < 0:
            calls.write_now(SYSTEM, imports.stop, planned.id)

    apply_import(calls, planned.id, pause)
    stopped = calls.write_now(SYSTEM, imports.stop, planned.id)

    assert (stopped.state, stopped.rows_done, stopped.counts.applied) == (PlanState.STOPPED, 4, 4)
    assert len(calls.read_now(SYSTEM, users.page, UserQuery()).items) == 4
    assert kinds(calls).count("import.stopped") == 1


def test_planning_goes_on_where_it_broke_off(
    calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "READ_CHUNK", 2)
    opened = calls.write_now(SYSTEM, imports.begin, "x.csv", ImportOptions())
    file = tmp_path / "x.csv"
    file.write_text("username\nann\nbob\ncid\nAnn\neve\n")
    turns = iter([False, False, True])

    def pause() -> None:
        if next(turns, False):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan_import(calls, opened.id, file, pause)
    assert calls.read_now(SYSTEM, imports.show, opened.id).rows_read == 4
    plan_import(calls, opened.id, file, pause)

    planned = calls.read_now(SYSTEM, imports.show, opened.id)
    assert (planned.state, planned.counts.new, planned.counts.invalid) == (PlanState.PLANNED, 4, 1)
    assert [change.row_number for change in changes_of(calls, planned)] == [2, 3, 4, 5, 6]
    assert "row 2 has this user" in str(changes_of(calls, planned)[3].reason)


def test_dates_are_read_in_the_zone_of_the_site(calls: Calls, plan: Callable[..., Plan]) -> None:
    calls.write_now(SYSTEM, settings.edit, {"time_zone": "Europe/Berlin"})

    [change] = changes_of(calls, plan("username,access_expires_at\nann,2027-03-31\n"))

    assert (change.verdict, change.after["access_expires_at"]) == (Verdict.NEW, "2027-03-31")


def wait_for(calls: Calls, plan_id: PlanId, state: PlanState) -> Plan:
    deadline = time.monotonic() + 30
    while (plan := calls.read_now(SYSTEM, imports.show, plan_id)).state is not state:
        assert time.monotonic() < deadline, f"{plan.state}: {plan.message}"
        time.sleep(0.05)
    return plan


def test_jobs_plan_and_apply_and_start_again(database: Database, calls: Calls, tmp_path: Path) -> None:
    plan = calls.write_now(SYSTEM, imports.begin, "x.csv", ImportOptions())
    work = Jobs(database, calls, tmp_path)
    work.start()
    try:
        work.accept_upload(plan.id).write_text("username\nann\nbob\n")
        work.start_import_planning(plan.id)
        work.start_import_planning(plan.id)
        wait_for(calls, plan.id, PlanState.PLANNED)
        calls.write_now(SYSTEM, imports.apply, plan.id)
        work.start_import_apply(plan.id)
        applied = wait_for(calls, plan.id, PlanState.APPLIED)
        work.start_import_apply(plan.id)
    finally:
        began = time.monotonic()
        work.stop()

    assert applied.counts.applied == 2
    assert time.monotonic() - began < 8
    assert list((tmp_path / "imports").iterdir()) == []


def test_a_job_that_nobody_began_is_found_at_the_start(
    database: Database, calls: Calls, plan: Callable[..., Plan], tmp_path: Path
) -> None:
    """The server died between the answer to "apply" and the start of the job."""
    planned = plan("username\nann\n")
    calls.write_now(SYSTEM, imports.apply, planned.id)

    work = Jobs(database, calls, tmp_path)
    work.start()
    try:
        assert wait_for(calls, planned.id, PlanState.APPLIED).counts.applied == 1
    finally:
        work.stop()


def test_an_import_survives_kill_and_happens_exactly_once(
    database_url: str, calls: Calls, tmp_path: Path, staff: Group
) -> None:
    plan = calls.write_now(SYSTEM, imports.begin, "x.csv", ImportOptions())
    uploads = tmp_path / "data" / "imports"
    uploads.mkdir(parents=True)
    rows = "".join(f"user{number},Staff,/p{number % 7}:read\n" for number in range(MANY))
    (uploads / f"{plan.id}.csv").write_text(f"username,groups,grants\n{rows}")

    kill_when(database_url, tmp_path, calls, plan.id, lambda plan: plan.rows_read >= 1000)
    run_until(database_url, tmp_path, calls, plan.id, PlanState.PLANNED)
    calls.write_now(SYSTEM, imports.apply, plan.id)
    kill_when(database_url, tmp_path, calls, plan.id, lambda plan: plan.rows_done >= 500)
    interrupted = terminate_when(database_url, tmp_path, calls, plan.id, lambda plan: plan.rows_done >= 1200)
    done = run_until(database_url, tmp_path, calls, plan.id, PlanState.APPLIED)

    assert interrupted == 0
    assert (done.rows_done, done.counts.applied, done.counts.stale, done.counts.refused) == (MANY, MANY, 0, 0)
    counted = calls.read_now(SYSTEM, count, "user.created"), calls.read_now(SYSTEM, count, "grant.added")
    assert counted == (MANY, MANY)


def count(call: Call, kind: str) -> int:
    days = events.per_day(call, EventQuery(kinds=(kind,)), call.now.replace(year=2000))
    return sum(days.values())


def start_server(database_url: str, tmp_path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.import_server", database_url, str(tmp_path / "data")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=environment)


def await_progress(
    server: subprocess.Popen[bytes], calls: Calls, plan_id: str, is_enough: Callable[[Plan], bool]
) -> Plan:
    deadline = time.monotonic() + 40
    while not is_enough(plan := calls.read_now(SYSTEM, imports.show, PlanId(plan_id))):
        assert server.poll() is None, f"the server ended by itself at {plan}"
        assert time.monotonic() < deadline, f"no progress: {plan}"
        time.sleep(0.01)
    return plan


def kill_when(
    database_url: str, tmp_path: Path, calls: Calls, plan_id: str, is_enough: Callable[[Plan], bool]
) -> None:
    server = start_server(database_url, tmp_path)
    await_progress(server, calls, plan_id, is_enough)
    server.send_signal(signal.SIGKILL)
    assert server.wait(timeout=10) == -signal.SIGKILL


def terminate_when(
    database_url: str, tmp_path: Path, calls: Calls, plan_id: str, is_enough: Callable[[Plan], bool]
) -> int:
    server = start_server(database_url, tmp_path)
    await_progress(server, calls, plan_id, is_enough)
    server.send_signal(signal.SIGTERM)
    return server.wait(timeout=10)


def run_until(database_url: str, tmp_path: Path, calls: Calls, plan_id: str, state: PlanState) -> Plan:
    server = start_server(database_url, tmp_path)
    try:
        return await_progress(server, calls, plan_id, lambda plan: plan.state is state)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0


def test_an_upload_that_was_cut_off_is_given_up(database: Database, calls: Calls, tmp_path: Path) -> None:
    plan = calls.write_now(SYSTEM, imports.begin, "x.csv", ImportOptions())
    Jobs(database, calls, tmp_path).accept_upload(plan.id).write_text("username\nan")

    work = Jobs(database, calls, tmp_path)
    work.start()
    try:
        failed = wait_for(calls, plan.id, PlanState.FAILED)
    finally:
        work.stop()

    assert "did not arrive in full" in str(failed.message)
    assert list((tmp_path / "imports").iterdir()) == []
