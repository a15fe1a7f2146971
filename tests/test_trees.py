"""Whole folders through a room: in order, however deep, and never further than the room lets."""

from pathlib import Path

import pytest

from innkeeper.domain.access import GrantLine, compile_access, everything
from innkeeper.domain.errors import Forbidden, NotNow, Refused
from innkeeper.domain.words import Level
from innkeeper.files import trees
from innkeeper.files.presence import Stay
from innkeeper.files.quotas import LimitedStorage, Quotas
from innkeeper.files.room import Room
from innkeeper.files.root import Root
from innkeeper.kit.clock import utc_now

DEPTH = 1_500


def room(base: Path, *lines: GrantLine) -> Room:
    return Room(
        Root(base),
        Stay(connection_id="1", session_id="s", user_id="bob", interface="api"),
        compile_access(lines, (), now=utc_now()) if lines else everything(),
        report=lambda _: None,
        is_registered=lambda _: False,
    )


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """`/a` with a file, an empty folder, and a folder with a file."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "empty").mkdir()
    (tmp_path / "a" / "1").write_bytes(b"one")
    (tmp_path / "a" / "b" / "2").write_bytes(b"two")
    return tmp_path


def found(base: Path) -> list[str]:
    return sorted(str(path.relative_to(base)) for path in base.rglob("*") if ".innkeeper" not in str(path))


def test_each_folder_comes_before_what_it_holds(base: Path) -> None:
    walked = [one.path for one in trees.walk(room(base), "/a")]

    assert sorted(walked) == ["/a/1", "/a/b", "/a/b/2", "/a/empty"]
    assert walked.index("/a/b") < walked.index("/a/b/2")


def test_a_copy_has_all_of_it(base: Path) -> None:
    trees.copy(room(base), "/a", "/c")

    assert found(base / "c") == found(base / "a")
    assert (base / "c" / "b" / "2").read_bytes() == b"two"


def test_a_folder_goes_with_all_it_holds(base: Path) -> None:
    trees.delete(room(base), "/a")

    assert found(base) == []


def test_depth_is_no_obstacle(tmp_path: Path) -> None:
    here, place = room(tmp_path), ""
    for _ in range(DEPTH):
        place += "/d"
        here.make_folder(place)

    assert sum(1 for _ in trees.walk(here, "/d")) == DEPTH - 1
    trees.copy(here, "/d", "/e")
    quotas = Quotas()
    quotas.set_limits({"/e": 1})
    LimitedStorage(Root(tmp_path), quotas).measure("/e")
    trees.delete(here, "/d")
    trees.delete(here, "/e")

    assert quotas.used("/e") == 0
    assert found(tmp_path) == []


def test_nothing_goes_into_itself_and_the_top_stays(base: Path) -> None:
    with pytest.raises(NotNow):
        trees.copy(room(base), "/a", "/a/b/c")
    with pytest.raises(Forbidden):
        trees.delete(room(base), "/")

    assert found(base) == ["a", "a/1", "a/b", "a/b/2", "a/empty"]


def test_what_may_not_be_removed_stops_it(base: Path) -> None:
    limited = room(
        base, GrantLine("/a", Level.FULL, recursive=False), GrantLine("/a/b", Level.READ, recursive=True)
    )

    with pytest.raises(Refused):
        trees.delete(limited, "/a/b")

    assert (base / "a" / "b" / "2").exists()
