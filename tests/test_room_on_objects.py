"""The verbs of a room on a bucket: every level allows what it allows on a disk, and nothing else changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from innkeeper.domain.access import GrantLine, compile_access
from innkeeper.domain.errors import Forbidden, NotFound
from innkeeper.domain.words import Level
from innkeeper.files import trees
from innkeeper.files.objects import ObjectStorage
from innkeeper.files.presence import Stay
from innkeeper.files.reports import FileReport
from innkeeper.files.room import Room
from innkeeper.kit.clock import utc_now
from tests.object_server import ObjectServer
from tests.test_room import ALLOWED, VERBS

pytest_plugins = ["tests.object_fixtures"]


class Site:
    """A small tree in a part of the bucket."""

    def __init__(self, server: ObjectServer, spool: Path) -> None:
        self._server = server
        self._place = server.place()
        self.storage = ObjectStorage(server.bucket, self._place.prefix, spool)
        self.reports: list[FileReport] = []
        for folder in ("box/", "box/sub/", "box/empty/", "secret/"):
            server.put(self._place, folder, b"")
        for file in ("box/old.txt", "box/sub/deep.txt", "secret/hidden.txt"):
            server.put(self._place, file, b"content")

    def room(self, level: Level, path: str = "/box") -> Room:
        return Room(
            self.storage,
            Stay(connection_id="1", session_id="s", user_id="bob", interface="sftp"),
            compile_access([GrantLine(path, level, recursive=True)], (), now=utc_now()),
            report=self.reports.append,
            is_registered=lambda _: False,
        )

    def tree(self) -> dict[str, bytes]:
        names = self._server.keys(self._place)
        return {name: self._server.content(self._place, name) for name in names if not name.endswith("/")}


@pytest.fixture
def site(object_server: ObjectServer, tmp_path: Path) -> Iterator[Site]:
    made = Site(object_server, tmp_path / "spool")
    yield made
    made.storage.close()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("level", Level)
def test_a_level_allows_these_verbs_and_no_others(site: Site, level: Level, verb: str) -> None:
    room = site.room(level)

    if verb in ALLOWED[level]:
        VERBS[verb](room)
    else:
        before = site.tree()
        with pytest.raises((Forbidden, NotFound, ZeroDivisionError)):
            VERBS[verb](room)
        assert before == site.tree()


def test_what_is_hidden_is_as_good_as_absent(site: Site) -> None:
    room = site.room(Level.FULL)

    assert [found.entry.name for found in trees.children(room, "/")] == ["box"]
    for path in ("/secret", "/secret/hidden.txt", "/none"):
        with pytest.raises((NotFound, FileNotFoundError)):
            room.stat(path)


def test_trees_are_walked_copied_and_deleted(site: Site) -> None:
    room = site.room(Level.FULL)

    trees.copy(room, "/box/sub", "/box/copy")
    assert site.tree()["box/copy/deep.txt"] == b"content"
    trees.delete(room, "/box/sub")

    found = [found.path for found in trees.walk(room, "/box")]
    assert sorted(found) == ["/box/copy", "/box/copy/deep.txt", "/box/empty", "/box/old.txt"]


def test_an_upload_is_kept_and_goes_on_and_takes_its_place(site: Site) -> None:
    room = site.room(Level.FULL)
    upload = room.upload("/box/new", name="one")
    upload.write(b"first ")
    upload.keep()
    assert "box/new" not in site.tree()

    upload = room.upload("/box/new", name="one")
    assert upload.size == 6
    upload.write(b"second")
    assert upload.commit(modified=77)

    assert (site.tree()["box/new"], room.stat("/box/new").st_mtime) == (b"first second", 77)
    report = site.reports[-1]
    assert (report.size, report.transferred, report.is_complete) == (12, 6, True)


def test_an_abandoned_upload_leaves_nothing(site: Site) -> None:
    room = site.room(Level.FULL)
    before = site.tree()
    upload = room.upload("/box/old.txt")
    upload.write(b"new")

    room.close()

    assert before == site.tree()
