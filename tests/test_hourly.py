"""What is done every hour, by the schedule itself: warnings, mails that were lost, jobs long over."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from innkeeper.actions import mails, password_warnings, settings
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import MailKind, MailState
from innkeeper.domain.users import User
from innkeeper.jobs import runner
from innkeeper.jobs.runner import Jobs
from innkeeper.jobs.workflows import Workflows
from innkeeper.kit.clock import utc_now
from innkeeper.store.database import Database
from tests.conftest import SYSTEM, FakeClock

EVERY_SECOND = "* * * * * *"


@pytest.fixture
def jobs(database: Database, calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """Jobs for which a second is an hour, without a mail server."""
    monkeypatch.setattr(runner, "SCHEDULES", {runner.HOURLY: EVERY_SECOND})
    jobs = Jobs(database, calls, tmp_path)
    jobs.start()
    yield jobs
    jobs.stop()


def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def kinds(calls: Calls, state: MailState) -> list[MailKind]:
    found = calls.read_now(SYSTEM, mails.page, states=(state,)).items
    return [entry.mail.kind for entry in found]


def test_the_hour_strikes(calls: Calls, jobs: Jobs, bob: User, clock: FakeClock) -> None:
    calls.write_now(SYSTEM, settings.edit, {"password_validity_days": 90})
    calls.write_now(SYSTEM, mails.queue, MailKind.API_KEY_CREATED, bob, {})
    clock.advance(days=80)

    until(lambda: kinds(calls, MailState.UNSENT) == [MailKind.API_KEY_CREATED])
    until(lambda: kinds(calls, MailState.QUEUED) == [MailKind.PASSWORD_EXPIRING])


def test_a_chore_that_fails_stops_no_other(
    calls: Calls, jobs: Jobs, bob: User, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(calls: Calls) -> int:
        raise RuntimeError("the disk was full")

    monkeypatch.setattr(password_warnings, "warn_all", stumble)
    calls.write_now(SYSTEM, mails.queue, MailKind.API_KEY_CREATED, bob, {})
    clock.advance(hours=1)

    until(lambda: kinds(calls, MailState.UNSENT) == [MailKind.API_KEY_CREATED])


def test_what_is_long_over_is_forgotten(database: Database, tmp_path: Path) -> None:
    done: list[str] = []
    workflows = Workflows(database, tmp_path, {"note": done.append}, {})
    workflows.start()
    try:
        for turn in ("first", "second"):
            workflows.enqueue("note", "x", turn=turn)
        until(lambda: len(done) == 2)
        until(lambda: len(over(workflows)) == 2)
        workflows.forget(before=utc_now() - timedelta(hours=1))
        kept = over(workflows)
        workflows.forget(before=utc_now() + timedelta(hours=1))

        assert sorted(kept) == ["note-x-first", "note-x-second"]
        assert over(workflows) == []
    finally:
        workflows.stop()


def over(workflows: Workflows) -> list[str]:
    from dbos import DBOS

    return [job.workflow_id for job in DBOS.list_workflows(status="SUCCESS")]


def test_the_same_turn_never_comes_twice(database: Database, tmp_path: Path) -> None:
    done: list[str] = []
    workflows = Workflows(database, tmp_path, {"note": done.append}, {})
    workflows.start()
    try:
        for turn in ("7", "7", "8"):
            workflows.enqueue("note", "x", turn=turn)
        until(lambda: len(done) == 2)
        workflows.enqueue("note", "x", turn="7")
        time.sleep(2)
    finally:
        workflows.stop()

    assert done == ["x", "x"]
