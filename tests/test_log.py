"""The event log as subscribers read it."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from innkeeper.actions import events, log, users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Forbidden
from innkeeper.domain.events import Recorded
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.files.reports import FileReport, FileVerb
from innkeeper.kit.passwords import Hasher
from innkeeper.store.database import Database
from innkeeper.store.migrations import migrate
from innkeeper.store.wakeup import Listener
from innkeeper.subscribers.runner import Runner
from tests.conftest import SYSTEM, FakeClock
from tests.postgresql import Server
from tests.rest import token_of


class Collector:
    name = "collector"
    remembers = True

    def __init__(self, *, fail_once: bool = False) -> None:
        self.seen: list[str] = []
        self._fails = fail_once

    async def handle(self, events: Sequence[Recorded]) -> None:
        if self._fails:
            self._fails = False
            raise RuntimeError("the mail server is away")
        self.seen += [event.target.name for event in events if event.kind == "user.created"]


class InterruptedCalls(Calls):
    """Loses the database once."""

    failures = 1

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return await super().write(*args, **kwargs)


class DawdlingCalls(Calls):
    """Answers late what it has written."""

    writes = 0

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        answer = await super().write(*args, **kwargs)
        self.writes += 1
        await asyncio.sleep(0.2)
        return answer


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    for _ in range(int(seconds * 50)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to pass")


async def test_a_subscriber_sees_every_event_once_and_in_order(calls: Calls) -> None:
    collector = Collector()
    runner = Runner(calls, [collector])
    await runner.start()

    await asyncio.gather(*(calls.write(SYSTEM, users.create, {"username": f"u{n}"}) for n in range(40)))

    await until(lambda: len(collector.seen) == 40)
    await runner.stop()
    assert {f"u{n}" for n in range(40)} == set(collector.seen)


async def test_a_subscriber_goes_on_where_it_stopped(calls: Calls) -> None:
    first = Collector()
    runner = Runner(calls, [first])
    await runner.start()
    await calls.write(SYSTEM, users.create, {"username": "before"})
    await until(lambda: first.seen == ["before"])
    await until(lambda: calls.read_now(SYSTEM, log.read_position, "collector") is not None)
    await runner.stop()
    await calls.write(SYSTEM, users.create, {"username": "between"})

    second = Collector()
    runner = Runner(calls, [second])
    await runner.start()
    await until(lambda: bool(second.seen))
    await runner.stop()

    assert second.seen == ["between"]


async def test_reading_stops_even_in_the_moment_of_an_event(calls: Calls) -> None:
    runner = Runner(calls, [Collector()])
    await runner.start()
    await asyncio.sleep(0.3)

    runner.wake()

    await asyncio.wait_for(runner.stop(), 3)


async def test_file_activity_that_is_being_written_at_the_end_is_written_once(
    database: Database, hasher: Hasher, bob: User
) -> None:
    calls = DawdlingCalls(database, hasher)
    activity = Activity(calls)
    await activity.start()
    report = activity.reporter(bob.id, bob.username, "sftp", "192.0.2.7")
    report(FileReport(verb=FileVerb.MAKE_FOLDER, path="/new"))
    await until(lambda: calls.writes > 0)

    await activity.stop()

    found = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("file.",)))
    assert [event.target.name for event in found.items] == ["/new"]


async def test_file_activity_waits_until_the_database_is_back(
    database: Database, hasher: Hasher, bob: User
) -> None:
    calls = InterruptedCalls(database, hasher)
    activity = Activity(calls)
    await activity.start()
    report = activity.reporter(bob.id, bob.username, "sftp", "192.0.2.7")

    report(FileReport(verb=FileVerb.MAKE_FOLDER, path="/new"))
    await until(lambda: not calls.failures)
    await activity.stop()

    found = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("file.",)))
    assert [event.target.name for event in found.items] == ["/new"]


async def test_activity_that_never_started_writes_what_waits(calls: Calls, bob: User) -> None:
    activity = Activity(calls)
    activity.reporter(bob.id, bob.username, "sftp", "")(FileReport(verb=FileVerb.DELETE, path="/old"))

    await activity.stop()

    found = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("file.",)))
    assert [event.target.name for event in found.items] == ["/old"]


def test_known_paths_reach_into_the_folders_above_them() -> None:
    known = KnownPaths()
    known.set(["/b/deep", "/a", "/ab"])

    assert [path for path in ("/", "/a", "/a/x", "/b", "/b/deep", "/c") if known.reach_into(path)] == [
        "/",
        "/a",
        "/b",
        "/b/deep",
    ]


def test_a_place_in_the_log_is_kept_for_each_subscriber(calls: Calls, bob: User) -> None:
    end = calls.read_now(SYSTEM, log.last_place)

    calls.write_now(SYSTEM, log.save_position, "mail", end)

    assert end == calls.read_now(SYSTEM, log.read_position, "mail")
    assert calls.read_now(SYSTEM, log.read_position, "other") is None
    assert calls.read_now(SYSTEM, log.after, end) == []
    assert "bob" in {event.target.name for event in calls.read_now(SYSTEM, log.after, log.START)}


def test_events_are_counted_by_day_and_kind(calls: Calls, clock: FakeClock) -> None:
    since = clock.now
    for days, name in ((0, "ann"), (0, "bob"), (1, "cid")):
        clock.advance(days=days)
        calls.write_now(SYSTEM, users.create, {"username": name})

    counted = calls.read_now(SYSTEM, events.per_day, EventQuery(), since)
    later = calls.read_now(SYSTEM, events.per_day, EventQuery(), since, offset_minutes=16 * 60)

    assert counted == {("2026-03-02", "user.created"): 2, ("2026-03-03", "user.created"): 1}
    assert later == {("2026-03-03", "user.created"): 2, ("2026-03-04", "user.created"): 1}


def test_only_who_reads_every_event_reads_the_log(calls: Calls, bob: User) -> None:
    caller = Caller("api", "127.0.0.1", api_key=token_of(calls, bob))

    with pytest.raises(Forbidden):
        calls.read_now(caller, log.after, log.START)


async def test_a_failing_subscriber_tries_again(calls: Calls) -> None:
    collector = Collector(fail_once=True)
    runner = Runner(calls, [collector])
    await runner.start()

    await calls.write(SYSTEM, users.create, {"username": "persistent"})

    await until(lambda: collector.seen == ["persistent"])
    await runner.stop()


async def test_another_node_hears_of_a_commit_at_once(postgresql_server: Server) -> None:
    url = postgresql_server.new_database()
    here, there = Database(url), Database(url)
    migrate(here.engine)
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    listener = Listener(url, lambda: loop.call_soon_threadsafe(heard.set))
    await asyncio.wait_for(heard.wait(), 5)
    heard.clear()

    await Calls(there).write(SYSTEM, users.create, {"username": "far"})

    await asyncio.wait_for(heard.wait(), 1)
    listener.close()
    here.close()
    there.close()


async def test_a_transaction_that_commits_late_is_not_missed(postgresql_server: Server) -> None:
    database = Database(postgresql_server.new_database())
    migrate(database.engine)
    calls, collector, gate = Calls(database), Collector(), threading.Event()
    runner = Runner(calls, [collector])
    await runner.start()

    def slow(call: Call) -> None:
        users.create(call, {"username": "slow"})
        call.unit.flush()
        gate.wait(5)

    waiting = asyncio.create_task(calls.write(SYSTEM, slow))
    await asyncio.sleep(0.1)
    await calls.write(SYSTEM, users.create, {"username": "fast"})
    await asyncio.sleep(0.2)
    gate.set()
    await waiting

    await until(lambda: {"slow", "fast"} == set(collector.seen))
    await runner.stop()
    database.close()
    assert len(collector.seen) == 2
