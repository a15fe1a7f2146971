"""DBOS behind a few verbs: start, begin a job by name, put one into the queue, forget old ones, stop."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from innkeeper.kit.ids import new_id
from innkeeper.store.database import Database

# Jobs go on after an update of the program, so all versions share one name.
VERSION = "1"
SCHEMA = "jobs"
UNLIMITED = 1_000_000
UNDER_WAY = ("PENDING", "ENQUEUED", "DELAYED")
OVER = ["SUCCESS", "ERROR", "CANCELLED"]
STOP_SECONDS = 6.0
# Many short jobs wait in a queue, of which each process takes a few at a time.
QUEUE = "mails"
AT_ONCE = 8
POLL_SECONDS = 0.5
FORGOTTEN_AT_ONCE = 1000

Work = Callable[[str], None]


class Workflows:
    """Runs work by name and key, each key once at a time, and again after a crash until it has returned.

    `schedules`: the works that run by themselves, with when in the words of cron; on one node each time.
    """

    def __init__(
        self, database: Database, directory: Path, works: Mapping[str, Work], schedules: Mapping[str, str]
    ) -> None:
        self._database = database
        self._directory = directory
        self._works = works
        self._schedules = schedules
        self._dbos: Any = None
        self._workflow: Any = None
        self._queue: Any = None
        self._busy = 0
        self._idle = threading.Condition()

    def start(self) -> None:
        """Create or open the list of jobs, and go on with those that a crash broke off."""
        # Takes half a second, which the server's start should not wait for.
        from dbos import DBOS

        quiet = logging.getLogger("dbos")
        quiet.addHandler(logging.NullHandler())
        quiet.setLevel(logging.ERROR)
        DBOS(config=self._configuration())
        self._workflow = DBOS.workflow(name="work", max_recovery_attempts=UNLIMITED)(self._as_function())
        scheduled = DBOS.workflow(name="scheduled")(self._as_scheduled())
        DBOS.launch()
        self._queue = DBOS.register_queue(
            QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_SECONDS
        )
        DBOS.apply_schedules(
            [
                {"schedule_name": name, "workflow_fn": scheduled, "schedule": cron, "context": name}
                for name, cron in self._schedules.items()
            ]
        )
        self._dbos = DBOS

    def begin(self, name: str, key: str) -> None:
        """Begin a job unless one of this name and key is under way."""
        from dbos import SetWorkflowID

        if self._dbos is None:
            raise RuntimeError("jobs have not been started")
        job = f"{name}-{key}"
        known = self._dbos.get_workflow_status(job)
        with SetWorkflowID(job if known is None or known.status in UNDER_WAY else f"{job}-{new_id()}"):
            self._dbos.start_workflow(self._workflow, name, key)

    def enqueue(self, name: str, key: str, *, turn: str, delay: float = 0.0) -> None:
        """Let a job wait for its turn, and so many seconds at least; the same turn never comes twice."""
        from dbos import SetEnqueueOptions, SetWorkflowID

        if self._dbos is None:
            raise RuntimeError("jobs have not been started")
        with SetWorkflowID(f"{name}-{key}-{turn}"), SetEnqueueOptions(delay_seconds=delay or None):
            self._queue.enqueue(self._workflow, name, key)

    def forget(self, *, before: datetime) -> None:
        """Strike jobs off the list that were over by then."""
        asked = {"status": OVER, "completed_before": before.isoformat(), "limit": FORGOTTEN_AT_ONCE}
        while done := self._dbos.list_workflows(**asked, load_input=False, load_output=False):
            self._dbos.delete_workflows([job.workflow_id for job in done])

    def stop(self) -> None:
        """Wait for jobs to break off, then let DBOS go."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, timeout=STOP_SECONDS)
        if self._dbos is not None:
            self._dbos.destroy(destroy_registry=True)
            self._dbos = None

    def _as_function(self) -> Callable[[str, str], None]:
        """DBOS wants a function of its own to mark, not a method."""

        def work(name: str, key: str) -> None:
            self._run(name, key)

        return work

    def _as_scheduled(self) -> Callable[[datetime, str], None]:
        def scheduled(at: datetime, name: str) -> None:
            self._run(name, at.isoformat())

        return scheduled

    def _run(self, name: str, key: str) -> None:
        with self._idle:
            self._busy += 1
        try:
            self._works[name](key)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _configuration(self) -> Any:
        return {
            "name": "innkeeper",
            "system_database_url": self._url(),
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self._executor(),
            "sys_db_pool_size": 4,
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 1.0,
            "enable_otlp": False,
        }

    def _url(self) -> str:
        if self._database.is_sqlite:
            return f"sqlite:///{self._directory / 'jobs.db'}"
        return self._database.url

    def _executor(self) -> str:
        """Whose unfinished jobs this process goes on with: those begun over the same data directory."""
        file = self._directory / "jobs.id"
        if not file.exists():
            file.write_text(new_id())
        return file.read_text().strip()
