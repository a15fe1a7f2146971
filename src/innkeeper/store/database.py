"""Connections and threads: plain functions in, answers out, on SQLite and PostgreSQL alike.

SQLite has reader threads that keep their connection, and one writer thread that groups waiting units into
one commit, each unit in its own savepoint, answered after the commit. PostgreSQL has a pool of threads, one
transaction a call.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from innkeeper.kit.clock import Clock, utc_now
from innkeeper.store.types import as_json
from innkeeper.store.unit import Unit
from innkeeper.store.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
Wake = Callable[[], object]

SQLITE_READERS = 4
POSTGRESQL_THREADS = 16
TRIES = 3
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16384",
    "PRAGMA temp_store=MEMORY",
)


class Database:
    """`await read(fn, …)` and `await write(fn, …)` run `fn(unit, …)` in a thread with a unit of work."""

    def __init__(self, url: str, *, clock: Clock = utc_now) -> None:
        self.url = url
        self.clock = clock
        self.engine = open_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._wakes: list[Wake] = []
        self._local = threading.local()
        threads = SQLITE_READERS if self.is_sqlite else POSTGRESQL_THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database")
        self._writer = Writer(self.engine, self._wake) if self.is_sqlite else None

    def on_commit(self, wake: Wake) -> None:
        """Call `wake` after each commit that recorded events, from the thread that committed."""
        self._wakes.append(wake)

    async def read(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that only reads."""
        future = self._threads.submit(partial(self.read_now, fn, *args, **kwargs))
        return await asyncio.wrap_future(future)

    async def write(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that writes; the answer comes after the commit."""
        return await asyncio.wrap_future(self._submit(fn, *args, **kwargs))

    def write_now(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a thread that may wait: jobs, commands, tests."""
        if self._writer is None:
            return self._transact(fn, *args, **kwargs)
        return self._submit(fn, *args, **kwargs).result()

    def read_now(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read in this thread; all queries of one call see one moment."""
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                return fn(Unit(connection, self.clock()), *args, **kwargs)
        connection = self._kept_connection()
        connection.exec_driver_sql("BEGIN")
        try:
            return fn(Unit(connection, self.clock()), *args, **kwargs)
        finally:
            connection.exec_driver_sql("ROLLBACK")

    def close(self) -> None:
        """Finish what waits and let go of every thread and connection."""
        self._threads.shutdown(wait=True)
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()

    def _submit(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._writer is not None:
            return self._writer.submit(lambda connection: self._run(connection, fn, *args, **kwargs))
        return self._threads.submit(partial(self._transact, fn, *args, **kwargs))

    def _run(
        self,
        connection: Connection,
        fn: Callable[Concatenate[Unit, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[T, int]:
        unit = Unit(connection, self.clock())
        result = fn(unit, *args, **kwargs)
        unit.finish()
        return result, unit.events_recorded

    def _transact(self, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(TRIES):
            try:
                with self.engine.begin() as connection:
                    result, recorded = self._run(connection, fn, *args, **kwargs)
                    if recorded:
                        connection.exec_driver_sql("NOTIFY innkeeper_events")
            except OperationalError as error:
                if attempt + 1 == TRIES or not _is_passing(error):
                    raise
                continue
            if recorded:
                self._wake()
            return result
        raise AssertionError("unreachable")

    def _wake(self) -> None:
        for wake in self._wakes:
            wake()

    def _kept_connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.engine.connect()
        return connection


def _is_passing(error: OperationalError) -> bool:
    """Deadlock or serialization failure: PostgreSQL asks to try again (SQLSTATE class 40)."""
    return str(getattr(error.orig, "sqlstate", "")).startswith("40")


def sqlite_url(directory: Path) -> str:
    """The database that lives in the data directory."""
    return f"sqlite:///{directory / 'innkeeper.db'}"


def open_engine(url: str) -> Engine:
    """An engine with our settings; on SQLite we say BEGIN and COMMIT ourselves."""
    json = {
        "json_serializer": as_json,
        "json_deserializer": msgspec.json.decode,
    }
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"check_same_thread": False},
            **json,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(driver, poolclass=QueuePool, pool_size=POSTGRESQL_THREADS, max_overflow=8, **json)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
