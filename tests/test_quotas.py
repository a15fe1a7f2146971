"""Folders with a quota: counted whatever the door, and nothing goes past it."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from innkeeper.actions import folders
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.access import everything
from innkeeper.domain.events import Recorded
from innkeeper.files.handles import Mode
from innkeeper.files.presence import Stay
from innkeeper.files.quotas import LimitedStorage, Quotas
from innkeeper.files.room import Room
from innkeeper.files.root import Root
from innkeeper.store import events
from innkeeper.subscribers.quotas import QuotaWatch
from tests.conftest import SYSTEM

NEW = Mode.WRITE | Mode.CREATE | Mode.TRUNCATE
KB = 1024


class Shelf:
    """A folder `/a` with a limit of 10 KB inside `/`, which has one of 15 KB, and a room in it."""

    def __init__(self, base: Path) -> None:
        (base / "a").mkdir()
        self.base = base
        self.quotas = Quotas()
        self.storage = LimitedStorage(Root(base), self.quotas)
        for folder in self.quotas.set_limits({"/a": 10 * KB, "/": 15 * KB}):
            self.storage.measure(folder)
        self.room = Room(
            self.storage,
            Stay(connection_id="1", session_id="s", user_id="bob", interface="sftp"),
            everything(),
            report=lambda _: None,
            is_registered=lambda _: False,
        )

    def put(self, path: str, size: int, mode: Mode = NEW) -> None:
        file = self.room.open(path, mode)
        try:
            file.write(0, bytes(size))
        finally:
            file.close()

    def upload(self, path: str, size: int) -> None:
        upload = self.room.upload(path)
        try:
            upload.write(bytes(size))
            upload.commit()
        finally:
            upload.abandon()

    @property
    def used(self) -> tuple[int | None, int | None]:
        return self.quotas.used("/a"), self.quotas.used("/")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError as error:
        assert error.errno == errno.EDQUOT
        return True
    return False


def test_what_is_written_counts_in_every_folder_above(shelf: Shelf) -> None:
    shelf.put("/a/1", 4 * KB)
    shelf.upload("/a/2", 3 * KB)
    shelf.put("/3", 2 * KB)

    assert shelf.used == (7 * KB, 9 * KB)


def test_what_is_too_much_is_refused_and_the_rest_stays(shelf: Shelf) -> None:
    shelf.put("/a/1", 8 * KB)

    assert refused(lambda: shelf.put("/a/2", 3 * KB))
    assert refused(lambda: shelf.upload("/a/3", 3 * KB))
    assert not (shelf.base / "a" / "3").exists()
    assert shelf.used == (8 * KB, 8 * KB)
    assert refused(lambda: shelf.put("/large", 8 * KB))


def test_only_growth_counts(shelf: Shelf) -> None:
    shelf.put("/a/1", 9 * KB)

    shelf.put("/a/1", 9 * KB, Mode.WRITE)
    shelf.put("/a/1", 10 * KB)
    assert shelf.used == (10 * KB, 10 * KB)
    assert refused(lambda: shelf.put("/a/1", 1, Mode.WRITE | Mode.APPEND))
    shelf.upload("/a/1", 2 * KB)
    assert shelf.used == (2 * KB, 2 * KB)


def test_what_goes_is_free_again(shelf: Shelf) -> None:
    shelf.put("/a/1", 9 * KB)
    shelf.room.truncate("/a/1", 5 * KB)
    assert shelf.used == (5 * KB, 5 * KB)
    file = shelf.room.open("/a/1", Mode.WRITE)
    file.truncate(KB)
    file.close()
    assert shelf.used == (KB, KB)

    shelf.room.delete("/a/1")

    assert shelf.used == (0, 0)


def test_moves_count_where_they_arrive(shelf: Shelf) -> None:
    shelf.room.make_folder("/b")
    shelf.put("/b/1", 8 * KB)
    shelf.put("/a/2", 5 * KB)
    assert shelf.used == (5 * KB, 13 * KB)

    assert refused(lambda: shelf.room.rename("/b", "/a/b"))
    assert (shelf.base / "b" / "1").exists()
    shelf.room.rename("/a/2", "/2")
    shelf.room.rename("/b", "/a/b")

    assert shelf.used == (8 * KB, 13 * KB)
    shelf.put("/a/2", KB)
    shelf.room.replace("/a/2", "/a/b/1")
    assert shelf.used == (KB, 6 * KB)


def test_a_copy_counts_like_any_upload(shelf: Shelf) -> None:
    shelf.put("/a/1", 6 * KB)

    assert refused(lambda: shelf.room.copy("/a/1", "/a/2"))
    shelf.room.copy("/a/1", "/b")

    assert shelf.used == (6 * KB, 12 * KB)


def test_what_others_wrote_is_found_by_measuring(shelf: Shelf) -> None:
    (shelf.base / "a" / "deep").mkdir()
    (shelf.base / "a" / "deep" / "x").write_bytes(bytes(4 * KB))
    (shelf.base / "a" / "y").write_bytes(bytes(KB))

    shelf.storage.measure("/a")

    assert shelf.quotas.used("/a") == 5 * KB


def test_without_limits_nothing_stands_between(tmp_path: Path) -> None:
    storage = LimitedStorage(Root(tmp_path), Quotas())

    file = storage.open_file("/x", os.O_WRONLY | os.O_CREAT)

    assert type(file).__name__ != "LimitedFile"
    file.close()


async def test_a_new_limit_counts_at_once(calls: Calls, tmp_path: Path) -> None:
    base = tmp_path / "site"
    (base / "a").mkdir(parents=True)
    (base / "a" / "x").write_bytes(bytes(KB))
    quotas = Quotas()
    watch = QuotaWatch(calls, quotas, LimitedStorage(Root(base), quotas))
    folder = calls.write_now(SYSTEM, folders.create, {"path": "/a", "quota_mb": 1})
    await watch.start()
    assert (quotas.folders, quotas.used("/a")) == (["/a"], KB)

    calls.write_now(SYSTEM, folders.edit, folder.id, {"quota_mb": None})
    await watch.handle(calls.read_now(SYSTEM, log_of))

    assert quotas.folders == []
    await watch.stop()


def log_of(call: Call) -> list[Recorded]:
    return events.after(call.unit, (0, 0), 100)
