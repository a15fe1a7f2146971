"""The one thread that writes to SQLite, with group commit.

Units that wait at the same time share one BEGIN IMMEDIATE … COMMIT, hence one flush of the disk. Each has its
own savepoint, so that one refusal does not touch its neighbours, and is answered after the commit.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
Work = Callable[[Connection], tuple[Any, int]]
LARGEST_GROUP = 64


class Writer:
    """Takes units of work from any thread and runs them one after another."""

    def __init__(self, engine: Engine, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._wake = wake
        self._queue: queue.SimpleQueue[tuple[Future[Any], Work] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], tuple[T, int]]) -> Future[T]:
        """Queue a unit; the future is answered after the commit that holds it."""
        future: Future[T] = Future()
        self._queue.put((future, work))
        return future

    def close(self) -> None:
        """Finish what was queued, then stop."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _serve(self) -> None:
        with self._engine.connect() as connection:
            while True:
                group, is_last = self._next_group()
                if group:
                    self._commit(connection, group)
                if is_last:
                    return

    def _next_group(self) -> tuple[list[tuple[Future[Any], Work]], bool]:
        group: list[tuple[Future[Any], Work]] = []
        while True:
            item = self._queue.get()
            if item is None:
                return group, True
            if item[0].set_running_or_notify_cancel():
                group.append(item)
            if self._queue.empty() or len(group) >= LARGEST_GROUP:
                return group, False

    def _commit(self, connection: Connection, group: list[tuple[Future[Any], Work]]) -> None:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            answers = [(future, *self._run(connection, work)) for future, work in group]
            connection.exec_driver_sql("COMMIT")
        except Exception as error:
            self._abandon(connection, group, error)
            return
        for future, result, _, failure in answers:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)
        if any(recorded for _, _, recorded, _ in answers):
            self._wake()

    def _run(self, connection: Connection, work: Work) -> tuple[Any, int, BaseException | None]:
        connection.exec_driver_sql("SAVEPOINT unit")
        try:
            result, recorded = work(connection)
        except Exception as error:
            connection.exec_driver_sql("ROLLBACK TO unit")
            connection.exec_driver_sql("RELEASE unit")
            return None, 0, error
        connection.exec_driver_sql("RELEASE unit")
        return result, recorded, None

    def _abandon(
        self, connection: Connection, group: list[tuple[Future[Any], Work]], error: Exception
    ) -> None:
        try:
            connection.exec_driver_sql("ROLLBACK")
        except Exception:
            connection.invalidate()
        for future, _ in group:
            future.set_exception(error)
