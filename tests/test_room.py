"""What a room lets its user do: every level against every verb, what stays hidden, and how a room ends."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from innkeeper.domain.access import GrantLine, compile_access, everything
from innkeeper.domain.errors import Forbidden, NotFound, NotNow, Refused
from innkeeper.domain.words import Level
from innkeeper.files.handles import Mode
from innkeeper.files.live import Live
from innkeeper.files.own import OwnUploads
from innkeeper.files.presence import RoomEnded, Stay
from innkeeper.files.reports import FileReport, FileVerb
from innkeeper.files.room import Room
from innkeeper.files.root import Root

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW = Mode.WRITE | Mode.CREATE | Mode.TRUNCATE


class Site:
    """A small tree on the disk, a clock that stands still, and what the rooms reported."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.root = Root(base)
        self.now = NOW
        self.reports: list[FileReport] = []
        self.registered: set[str] = set()

    def room(
        self,
        *lines: GrantLine,
        fences: tuple[str, ...] = (),
        stay: Stay | None = None,
        number: int = 1,
        own: OwnUploads | None = None,
    ) -> Room:
        return Room(
            self.root,
            stay or Stay(connection_id=str(number), session_id="s", user_id="bob", interface="sftp"),
            compile_access(lines, fences, now=self.now),
            report=self.reports.append,
            is_registered=lambda path: any((known + "/").startswith(path + "/") for known in self.registered),
            own=own,
            clock=lambda: self.now,
        )

    def told(self) -> list[tuple[str, str]]:
        return [(report.verb.value, report.path) for report in self.reports]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    for folder in ("box/sub", "secret", "home/bob"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("box/old.txt", "box/sub/deep.txt", "secret/hidden.txt", "home/bob/mine.txt"):
        (tmp_path / file).write_text("content")
    return Site(tmp_path)


def grant(path: str, level: Level) -> GrantLine:
    return GrantLine(path, level, recursive=True)


def read(room: Room, path: str) -> bytes:
    file = room.open(path, Mode.READ)
    try:
        return file.read(0, 100)
    finally:
        file.close()


def write(room: Room, path: str, mode: Mode = NEW) -> None:
    file = room.open(path, mode)
    try:
        file.write(0, b"written")
    finally:
        file.close()


def names(room: Room, path: str) -> list[str]:
    listing = room.list(path)
    return sorted(entry.name for entry in listing.take(1000))


def upload_and_correct(room: Room) -> None:
    write(room, "/box/n")
    write(room, "/box/n")
    room.rename("/box/n", "/box/m")


VERBS: dict[str, Callable[[Room], object]] = {
    "list": lambda room: "old.txt" in names(room, "/box") or 1 / 0,
    "stat": lambda room: room.stat("/box/old.txt"),
    "read": lambda room: read(room, "/box/old.txt"),
    "create": lambda room: write(room, "/box/new.txt"),
    "make folder": lambda room: room.make_folder("/box/new"),
    "overwrite": lambda room: write(room, "/box/old.txt"),
    "append": lambda room: write(room, "/box/old.txt", Mode.WRITE | Mode.APPEND),
    "truncate": lambda room: room.truncate("/box/old.txt", 1),
    "set times": lambda room: room.set_times("/box/old.txt", 1, 1),
    "delete": lambda room: room.delete("/box/old.txt"),
    "rename": lambda room: room.rename("/box/old.txt", "/box/renamed.txt"),
    "move folder": lambda room: room.rename("/box/sub", "/box/moved"),
    "remove folder": lambda room: room.remove_folder("/box/empty"),
    "fix own upload": upload_and_correct,
}
LOOK = {"list", "stat"}
PUT = {"create", "make folder", "fix own upload"}
CHANGE = {"overwrite", "append", "truncate", "set times", "delete", "rename", "move folder", "remove folder"}
ALLOWED: dict[Level, set[str]] = {
    Level.LIST: LOOK,
    Level.READ: LOOK | {"read"},
    Level.WRITE: PUT,
    Level.UPLOAD: LOOK | PUT,
    Level.READWRITE: LOOK | PUT | {"read"},
    Level.FULL: LOOK | PUT | CHANGE | {"read"},
    Level.SHARE: LOOK | {"read"},
    Level.HISTORY: LOOK,
    Level.ADMIN: LOOK | PUT | CHANGE | {"read"},
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("level", Level)
def test_a_level_allows_these_verbs_and_no_others(site: Site, level: Level, verb: str) -> None:
    (site.base / "box" / "empty").mkdir()
    before = _tree(site.base)
    room = site.room(grant("/box", level))

    if verb in ALLOWED[level]:
        VERBS[verb](room)
    else:
        with pytest.raises((Refused, ZeroDivisionError)):
            VERBS[verb](room)
        assert _tree(site.base) == before
        assert site.reports == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_finds_nothing(site: Site, verb: str) -> None:
    room = site.room(grant("/elsewhere", Level.ADMIN))

    with pytest.raises(NotFound):
        VERBS[verb](room)


def test_only_the_way_to_a_grant_is_shown(site: Site) -> None:
    room = site.room(grant("/box/sub", Level.READ))

    assert names(room, "/") == ["box"]
    assert names(room, "/box") == ["sub"]
    assert names(room, "/box/sub") == ["deep.txt"]
    assert room.stat("/box").st_size >= 0
    for hidden in ("/secret", "/secret/hidden.txt", "/box/old.txt", "/nowhere", "/nowhere/else"):
        with pytest.raises((NotFound, FileNotFoundError)):
            room.stat(hidden)


def test_what_is_hidden_and_what_is_absent_look_the_same(site: Site) -> None:
    room = site.room(grant("/box", Level.WRITE))

    for path in ("/box/old.txt", "/box/absent.txt"):
        with pytest.raises((NotFound, FileNotFoundError)):
            room.stat(path)
        with pytest.raises(Forbidden):
            room.open(path, Mode.READ)
        with pytest.raises(Forbidden):
            room.delete(path)


def test_a_grant_that_is_not_recursive_stops_at_the_folder(site: Site) -> None:
    room = site.room(GrantLine("/box", Level.FULL, recursive=False))

    assert read(room, "/box/old.txt") == b"content"
    assert names(room, "/box") == ["old.txt", "sub"]
    with pytest.raises(Forbidden):
        room.list("/box/sub")
    with pytest.raises(Refused):
        read(room, "/box/sub/deep.txt")
    with pytest.raises(Forbidden):
        room.rename("/box/sub", "/box/moved")


def test_a_folder_with_a_fence_inside_does_not_move(site: Site) -> None:
    room = site.room(grant("/", Level.FULL), fences=("/box/sub",))

    with pytest.raises(Forbidden):
        room.rename("/box", "/moved")
    assert (site.base / "box").exists()


def test_a_registered_folder_keeps_its_name(site: Site) -> None:
    site.registered = {"/box/sub"}
    (site.base / "box" / "empty").mkdir()
    room = site.room(grant("/", Level.ADMIN))

    for move in (room.rename, room.replace):
        for folder in ("/box/sub", "/box"):
            with pytest.raises(NotNow, match="permissions of its own"):
                move(folder, "/moved")
    with pytest.raises(NotNow, match="permissions of its own"):
        room.remove_folder("/box/sub")
    room.rename("/box/empty", "/box/moved")
    room.rename("/box/sub/deep.txt", "/box/deep.txt")


def test_a_drop_box_shows_and_lets_correct_own_uploads_only(site: Site) -> None:
    room = site.room(grant("/box", Level.WRITE))
    write(room, "/box/mine.part")
    room.rename("/box/mine.part", "/box/mine.txt")
    room.set_times("/box/mine.txt", 5, 6)

    assert room.stat("/box/mine.txt").st_mtime == 6
    assert names(room, "/box") == ["mine.txt"]
    with pytest.raises(Forbidden):
        read(room, "/box/mine.txt")
    with pytest.raises(Forbidden):
        write(room, "/box/old.txt")
    with pytest.raises(FileExistsError):
        room.rename("/box/mine.txt", "/box/old.txt")
    with pytest.raises(FileExistsError):
        room.replace("/box/mine.txt", "/box/old.txt")
    with pytest.raises(Forbidden):
        write(site.room(grant("/box", Level.WRITE), number=2), "/box/mine.txt")


def test_own_uploads_are_shared_by_the_rooms_of_one_user_at_one_address(site: Site) -> None:
    live = Live()
    here = Stay(connection_id="1", session_id="s", user_id="bob", interface="sftp", address="203.0.113.7")
    there = replace(here, connection_id="3", address="203.0.113.8")
    lines = [grant("/box", Level.WRITE)]
    rooms = [site.room(*lines, stay=stay, own=live.own_uploads(stay)) for stay in (here, here, there)]

    write(rooms[0], "/box/mine.txt")

    rooms[1].set_times("/box/mine.txt", 5, 6)
    with pytest.raises(Forbidden):
        rooms[2].set_times("/box/mine.txt", 5, 6)


def test_an_own_upload_that_somebody_replaced_is_no_longer_ones_own(site: Site) -> None:
    room = site.room(grant("/box", Level.WRITE))
    write(room, "/box/mine.txt")
    (site.base / "box" / "theirs").write_text("theirs")

    os.replace(site.base / "box" / "theirs", site.base / "box" / "mine.txt")

    with pytest.raises(Forbidden):
        write(room, "/box/mine.txt")
    assert (site.base / "box" / "mine.txt").read_text() == "theirs"


def test_replace_needs_the_right_to_change_what_is_there(site: Site) -> None:
    (site.base / "home" / "new.txt").write_text("new")

    weak = site.room(grant("/home", Level.FULL), grant("/box", Level.READWRITE))
    with pytest.raises(FileExistsError):
        weak.replace("/home/new.txt", "/box/old.txt")
    strong = site.room(grant("/home", Level.FULL), grant("/box", Level.FULL))
    strong.replace("/home/new.txt", "/box/old.txt")

    assert (site.base / "box" / "old.txt").read_text() == "new"


def test_user_root_is_the_top_and_home_is_where_relative_paths_start(site: Site) -> None:
    stay = Stay(
        connection_id="1",
        session_id="s",
        user_id="bob",
        interface="sftp",
        user_root="/home",
        user_home="/home/bob",
    )
    room = site.room(grant("/", Level.FULL), stay=stay)

    assert room.resolve(".") == "/bob"
    assert room.resolve("../../..") == "/"
    assert read(room, "mine.txt") == b"content"
    assert names(room, "/") == ["bob"]
    write(room, "/bob/new.txt")
    assert site.told()[-1] == ("upload", "/home/bob/new.txt")
    for escape in ("/../box/old.txt", "../../box/old.txt", "/box/old.txt"):
        with pytest.raises((Refused, OSError)):
            room.stat(escape)
    for change in (room.remove_folder, room.delete):
        with pytest.raises(Forbidden):
            change("/")
    with pytest.raises(Forbidden):
        room.rename("/", "/x")


def test_a_home_outside_the_root_is_the_root(site: Site) -> None:
    stay = Stay(
        connection_id="1",
        session_id="s",
        user_id="bob",
        interface="sftp",
        user_root="/box",
        user_home="/home",
    )

    assert site.room(stay=stay).resolve("x") == "/x"


def test_every_finished_operation_is_reported_once(site: Site) -> None:
    room = site.room(grant("/", Level.FULL))

    write(room, "/box/new.txt")
    read(room, "/box/new.txt")
    room.rename("/box/new.txt", "/box/named.txt")
    room.delete("/box/named.txt")
    room.make_folder("/box/f")
    room.remove_folder("/box/f")

    assert site.reports == [
        FileReport(verb=FileVerb.UPLOAD, path="/box/new.txt", size=7, transferred=7),
        FileReport(verb=FileVerb.DOWNLOAD, path="/box/new.txt", size=7, transferred=7),
        FileReport(verb=FileVerb.RENAME, path="/box/new.txt", new_path="/box/named.txt", size=7),
        FileReport(verb=FileVerb.DELETE, path="/box/named.txt", size=7),
        FileReport(verb=FileVerb.MAKE_FOLDER, path="/box/f"),
        FileReport(verb=FileVerb.REMOVE_FOLDER, path="/box/f"),
    ]
    assert (room.bytes_in, room.bytes_out) == (7, 7)


def test_a_transfer_cut_off_is_reported_as_incomplete(site: Site) -> None:
    room = site.room(grant("/", Level.FULL))
    room.open("/box/half.txt", NEW).write(0, b"half")
    room.open("/box/old.txt", Mode.READ).read(0, 2)

    room.close()

    assert {(report.path, report.transferred, report.is_complete) for report in site.reports} == {
        ("/box/half.txt", 4, False),
        ("/box/old.txt", 2, False),
    }


def test_an_ended_room_refuses_everything_and_calls_its_closer_once(site: Site) -> None:
    room = site.room(grant("/", Level.FULL))
    reasons: list[str] = []
    room.on_end(reasons.append)
    file = room.open("/box/old.txt", Mode.READ | Mode.WRITE)
    listing = room.list("/box")

    thread = threading.Thread(target=room.end, args=("suspended",))
    thread.start()
    thread.join()
    room.end("again")

    assert reasons == ["suspended"]
    for use in (
        lambda: room.stat("/box"),
        lambda: room.list("/box"),
        lambda: room.open("/box/old.txt", Mode.READ),
        lambda: room.delete("/box/old.txt"),
        lambda: file.read(0, 1),
        lambda: file.write(0, b"x"),
        lambda: file.truncate(0),
        file.stat,
        lambda: listing.take(1),
    ):
        with pytest.raises(RoomEnded, match="suspended"):
            use()


def test_a_closer_that_comes_late_is_called_at_once(site: Site) -> None:
    room = site.room()
    room.end("gone")
    reasons: list[str] = []

    room.on_end(reasons.append)

    assert reasons == ["gone"]


def test_open_files_notice_that_rights_were_taken_away(site: Site) -> None:
    room = site.room(grant("/", Level.FULL))
    reading = room.open("/box/old.txt", Mode.READ)
    writing = room.open("/box/new.txt", NEW)

    room.regrade(compile_access([grant("/box", Level.READ)], [], now=NOW))

    assert reading.read(0, 3) == b"con"
    with pytest.raises(Forbidden):
        writing.write(0, b"x")
    room.regrade(everything())
    writing.write(0, b"x")


def test_a_listing_in_progress_shrinks_with_the_rights(site: Site) -> None:
    for number in range(50):
        (site.base / "box" / f"n{number}").touch()
    room = site.room(grant("/box", Level.READ))
    listing = room.list("/box")
    listing.take(10)

    room.regrade(compile_access([grant("/box/sub", Level.READ)], [], now=NOW))

    assert {entry.name for entry in listing.take(100)} <= {"sub"}


def test_a_window_that_closes_takes_the_right_with_it_at_once(site: Site) -> None:
    room = site.room(GrantLine("/box", Level.READ, True, None, NOW + timedelta(hours=1)))
    file = room.open("/box/old.txt", Mode.READ)
    assert file.read(0, 3) == b"con"

    site.now = NOW + timedelta(hours=1)

    with pytest.raises(Forbidden):
        file.read(0, 3)
    with pytest.raises(NotFound):
        room.stat("/box/old.txt")


def test_the_deadline_ends_the_room_at_the_next_verb(site: Site) -> None:
    stay = Stay(
        connection_id="1",
        session_id="s",
        user_id="bob",
        interface="sftp",
        deadline=NOW + timedelta(hours=1),
    )
    room = site.room(grant("/", Level.FULL), stay=stay)
    room.stat("/box")

    site.now = NOW + timedelta(hours=1)

    with pytest.raises(RoomEnded, match="access expired"):
        room.stat("/box")


def test_a_lease_that_is_not_renewed_ends_the_room(site: Site) -> None:
    room = site.room(grant("/", Level.FULL))
    room.renew(NOW + timedelta(seconds=30))
    room.renew(NOW + timedelta(seconds=60))

    site.now = NOW + timedelta(seconds=59)
    room.stat("/box")
    site.now = NOW + timedelta(seconds=60)

    with pytest.raises(RoomEnded, match="lease"):
        room.stat("/box")


def test_the_sweep_ends_idle_rooms_and_leaves_the_others(site: Site) -> None:
    live = Live()
    late = Stay(connection_id="late", session_id="s", user_id="ada", interface="sftp", deadline=NOW)
    idle, other = site.room(stay=late), site.room(number=2)
    for room in (idle, other):
        live.add(room)

    live.sweep(NOW)

    assert idle.ended == "access expired"
    assert other.ended is None


def test_live_rooms_are_found_by_connection_session_and_user(site: Site) -> None:
    live = Live()
    first, second = site.room(number=1), site.room(number=2)
    live.add(first)
    live.add(second)

    assert live.get("2") is second
    assert live.of_user("bob") == [first, second]
    assert live.of_user("ada") == []
    assert live.of_session("s") == [first, second]
    live.remove(first)
    live.remove(first)
    assert live.all() == [second]


def test_the_current_path_is_that_of_the_open_file(site: Site) -> None:
    room = site.room(grant("/", Level.FULL))

    file = room.open("/box/old.txt", Mode.READ)

    assert room.current_path == "/box/old.txt"
    file.close()
    assert room.current_path == ""


def test_links_are_no_part_of_the_site(site: Site) -> None:
    (site.base / "box" / "link").symlink_to("/etc/passwd")
    room = site.room(grant("/", Level.ADMIN))

    assert "link" not in names(room, "/box")
    for use in (
        lambda: room.stat("/box/link"),
        lambda: read(room, "/box/link"),
        lambda: write(room, "/box/link"),
        lambda: room.rename("/box/link", "/box/other"),
        lambda: room.delete("/box/link"),
    ):
        with pytest.raises(OSError):
            use()


def _tree(base: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(base)): path.read_bytes() if path.is_file() else b"" for path in base.rglob("*")
    }
