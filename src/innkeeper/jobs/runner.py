"""Durable jobs on DBOS: a job that was begun is gone on with after a crash or a restart.

DBOS keeps the list of jobs, on SQLite in a file of its own, on PostgreSQL in a schema of its own; how far a
job has come is known by our own tables alone, in the transaction of the work itself. So a job may safely run
twice, and everything here may be called again. DBOS opens no port and reports to nobody.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from innkeeper.actions import import_applying, import_planning, imports, mail_delivery, password_warnings
from innkeeper.actions.calls import Calls
from innkeeper.domain.plans import NotRunning, PlanState
from innkeeper.domain.texts import Text
from innkeeper.domain.words import MailId, PlanId
from innkeeper.files.storage import Storage
from innkeeper.jobs import mails
from innkeeper.jobs.connections import tidy_connections
from innkeeper.jobs.factors import tidy_factors
from innkeeper.jobs.imports import JOB, apply_import, plan_import
from innkeeper.jobs.keys import tidy_keys
from innkeeper.jobs.mails import Office, Stopped
from innkeeper.jobs.notifications import tell_news
from innkeeper.jobs.uploads import tidy_uploads
from innkeeper.jobs.workflows import Workflows
from innkeeper.kit.ids import new_id
from innkeeper.store.database import Database

WAITS = (1.0, 5.0, 20.0)
WAIT_FOR_START = 0.1
CLOCKS_DIFFER = 0.5
APPLY = "apply"
PLAN = "plan"
MAIL = "mail"
HOURLY = "hourly"
NEWS = "news"
SCHEDULES = {HOURLY: "17 * * * *", NEWS: "* * * * *"}
# A mail whose try is so late was lost with the node that should have made it.
LATE = timedelta(minutes=10)
KEPT = timedelta(days=7)

log = structlog.get_logger()


class Interrupted(BaseException):
    """The server stops. Not an Exception, so that DBOS leaves the job unfinished and takes it up again."""


class Jobs:
    """Starts jobs, goes on with unfinished ones, and breaks off in good order. One in a process."""

    def __init__(
        self,
        database: Database,
        calls: Calls,
        data_directory: Path,
        office: Office | None = None,
        files: Storage | None = None,
    ) -> None:
        self._files = files
        self._calls = calls
        self._office = office or Office()
        self._uploads = data_directory / "imports"
        self._begun = threading.Event()
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="jobs")
        works = {PLAN: self._plan, APPLY: self._apply, MAIL: self._mail}
        works |= {HOURLY: self._tidy, NEWS: self._tell_news}
        self._workflows = Workflows(database, data_directory, works, SCHEDULES)

    def start(self) -> None:
        """Launch in the background, so that the server answers at once; go on with what is unfinished."""
        self._uploads.mkdir(parents=True, exist_ok=True)
        self._threads.submit(self._guarded, self._launch)
        self._begun.set()

    def stop(self) -> None:
        """Break off between two chunks; what is unfinished goes on at the next start. Takes a few seconds."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._workflows.stop()

    def accept_upload(self, plan_id: PlanId) -> Path:
        """Where the uploaded file of a plan belongs. Write all of it, then start planning."""
        self._uploads.mkdir(parents=True, exist_ok=True)
        return self._uploads / f"{plan_id}.part"

    def start_import_planning(self, plan_id: PlanId) -> None:
        """Read the file and compare; returns at once."""
        part = self.accept_upload(plan_id)
        if part.exists():
            part.rename(self._file(plan_id))
        self._threads.submit(self._guarded, self._workflows.begin, PLAN, plan_id)

    def start_import_apply(self, plan_id: PlanId) -> None:
        """Do what the plan says; returns at once."""
        self._threads.submit(self._guarded, self._workflows.begin, APPLY, plan_id)

    async def begin_delivery(self, mail_id: MailId, turn: str) -> None:
        """Send a mail; the same turn of a mail begins once. Answers when the work cannot be lost any more."""
        while not self._begun.is_set():
            await asyncio.sleep(WAIT_FOR_START)
        enqueue = partial(self._workflows.enqueue, MAIL, mail_id, turn=turn)
        await asyncio.wrap_future(self._threads.submit(enqueue))

    def _file(self, plan_id: PlanId) -> Path:
        return self._uploads / f"{plan_id}.csv"

    def _guarded(self, work: Callable[..., None], *args: str) -> None:
        """Failures here have nobody else to tell."""
        try:
            work(*args)
        except Exception:
            log.exception("a job could not be started")

    def _launch(self) -> None:
        self._workflows.start()
        self._take_up_mails(late=timedelta(0))
        for plan in self._calls.read_now(JOB, imports.running):
            if plan.state is PlanState.APPLYING:
                self._workflows.begin(APPLY, plan.id)
            elif self._file(plan.id).exists():
                self._workflows.begin(PLAN, plan.id)
            elif self.accept_upload(plan.id).exists():
                self._give_up_upload(plan.id)

    def _give_up_upload(self, plan_id: PlanId) -> None:
        """The server died while the file was coming in; nobody will send the rest."""
        message = Text("the file did not arrive in full; start the import again")
        self._calls.write_now(JOB, import_planning.fail, plan_id, message)
        self.accept_upload(plan_id).unlink()

    def _plan(self, plan_id: str) -> None:
        self._patiently(
            lambda: plan_import(self._calls, PlanId(plan_id), self._file(PlanId(plan_id)), self._pause),
            lambda message: self._calls.write_now(JOB, import_planning.fail, PlanId(plan_id), message),
        )

    def _apply(self, plan_id: str) -> None:
        self._patiently(
            lambda: apply_import(self._calls, PlanId(plan_id), self._pause),
            lambda message: self._calls.write_now(JOB, import_applying.give_up, PlanId(plan_id), message),
        )

    def _mail(self, mail_id: str) -> None:
        """One try; the next one, if any, is a job of its own."""
        self._patiently(lambda: self._try_mail(MailId(mail_id)), lambda _: None)

    def _try_mail(self, mail_id: MailId) -> None:
        try:
            due_at = mails.deliver(self._calls, self._office, mail_id, self._stopping)
        except Stopped as stopped:
            raise Interrupted from stopped
        if due_at is not None:
            self._enqueue_mail(mail_id, due_at)

    def _enqueue_mail(self, mail_id: MailId, due_at: datetime) -> None:
        """A little late rather than early, since DBOS waits by a clock of its own."""
        delay = max(0.0, (due_at - self._calls.database.clock()).total_seconds()) + CLOCKS_DIFFER
        self._workflows.enqueue(MAIL, mail_id, turn=new_id(), delay=delay)

    def _tidy(self, _: str) -> None:
        """What has to be done from time to time, and harms nothing when done twice; none stops another."""
        chores = (
            lambda: password_warnings.warn_all(self._calls),
            lambda: tidy_keys(self._calls, self._pause),
            lambda: tidy_factors(self._calls, self._pause),
            lambda: tidy_connections(self._calls, self._pause),
            self._tidy_uploads,
            lambda: self._take_up_mails(late=LATE),
            lambda: self._workflows.forget(before=self._calls.database.clock() - KEPT),
        )
        for chore in chores:
            try:
                chore()
            except Exception:
                log.exception("an hourly job failed; the next hour tries again")

    def _tidy_uploads(self) -> None:
        if self._files is not None:
            tidy_uploads(self._files, self._calls.database.clock())

    def _tell_news(self, _: str) -> None:
        """What fails now is still due a minute later."""
        try:
            tell_news(self._calls, self._pause)
        except Exception:
            log.exception("news of folders could not be told; the next minute tries again")

    def _take_up_mails(self, *, late: timedelta) -> None:
        for mail in self._calls.read_now(mails.JOB, mail_delivery.overdue, by=late):
            self._workflows.enqueue(MAIL, mail.id, turn=new_id())

    def _patiently(self, work: Callable[[], None], give_up: Callable[[Text], object]) -> None:
        """Try again after a failure, a full disk say; in the end say so where people look."""
        for wait in WAITS:
            try:
                return work()
            except Exception:
                log.exception("a job failed and will be tried again", seconds=wait)
            if self._stopping.wait(wait):
                raise Interrupted
        try:
            return work()
        except Exception as error:
            log.exception("a job failed for good")
            message = Text(
                "a defect or a fault of the machine broke this off: %(error)s", {"error": repr(error)}
            )
            self._report(give_up, message)

    def _report(self, give_up: Callable[[Text], object], message: Text) -> None:
        try:
            give_up(message)
        except NotRunning:
            log.info("the import was stopped meanwhile")

    def _pause(self) -> None:
        if self._stopping.is_set():
            raise Interrupted
