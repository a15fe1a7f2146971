"""What is particular to a bucket: parts, limits, other people's objects, and a server that fails."""

import errno
import os
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from innkeeper.domain.access import GrantLine, compile_access
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, NotNow, Refused
from innkeeper.domain.words import Level
from innkeeper.files import big_objects
from innkeeper.files.bucket import Bucket
from innkeeper.files.handles import Mode
from innkeeper.files.objects import ObjectStorage
from innkeeper.files.places import Place, read_place
from innkeeper.files.presence import Stay
from innkeeper.files.room import Room
from innkeeper.kit.clock import utc_now
from tests.object_server import BUCKET, KEY_ID, SECRET, ObjectServer
from tests.programs import need
from tests.servers import COMMAND, Node, environment
from tests.sftp_site import wait_for
from tests.slow_proxy import SlowProxy
from tests.test_storage import NEW, get, identity, names, put

pytest_plugins = ["tests.object_fixtures"]
MIB = 1024 * 1024


class Part:
    """A part of the bucket, as we see it and as others do."""

    def __init__(self, server: ObjectServer, spool: Path) -> None:
        self.server = server
        self.place = server.place()
        self.storage = ObjectStorage(server.bucket, self.place.prefix, spool, most_moved=5)

    def names(self) -> list[str]:
        return self.server.keys(self.place)


@pytest.fixture
def part(object_server: ObjectServer, tmp_path: Path) -> Iterator[Part]:
    made = Part(object_server, tmp_path / "spool")
    yield made
    made.storage.close()


def test_a_file_in_parts_keeps_its_time_and_replaces_nothing_unasked(part: Part) -> None:
    data = os.urandom(2 * big_objects.PART + 3)
    put(part.storage, "/big", b"old")

    for flags in (NEW | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
        put(part.storage, "/big", data, flags)
    part.storage.set_times("/big", 7, 7)

    assert (data + data, 7) == (get(part.storage, "/big"), part.storage.stat("/big").st_mtime)
    assert part.server.pending(part.place) == []


def test_of_two_who_create_one_file_the_second_is_refused(part: Part) -> None:
    small, big = b"x", os.urandom(big_objects.PART + 1)
    for name, data in (("/small", small), ("/big", big)):
        first, second = (part.storage.open_file(name, NEW | os.O_EXCL) for _ in range(2))
        first.write(0, b"first")
        second.write(0, data)
        first.close()

        with pytest.raises(FileExistsError):
            second.close()

        assert get(part.storage, name) == b"first"
    assert part.server.pending(part.place) == []


def test_a_large_object_is_copied_in_parts(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_objects, "LARGEST_COPY", 1000)
    monkeypatch.setattr(big_objects, "_COPIED_PART", 6 * MIB)
    data = os.urandom(13 * MIB)
    put(part.storage, "/big", data)
    before = identity(part.storage, "/big")

    part.storage.rename("/big", "/moved")

    assert (before, data) == (identity(part.storage, "/moved"), get(part.storage, "/moved"))


def test_a_large_folder_is_not_renamed(part: Part) -> None:
    part.storage.make_folder("/many")
    for number in range(5):
        put(part.storage, f"/many/{number}", b"x")

    with pytest.raises(NotNow):
        part.storage.rename("/many", "/new")

    assert names(part.storage, "/") == ["many"]
    part.storage.delete("/many/0")
    part.storage.rename("/many", "/new")
    assert names(part.storage, "/new") == ["1", "2", "3", "4"]


def test_a_listing_goes_on_over_pages(part: Part) -> None:
    wanted = [f"file{number:04}" for number in range(1010)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: part.server.put(part.place, f"many/{name}", b""), wanted))

    found = [entry.name for entry in part.storage.scan("/many", lambda name: name.endswith(("0", "9")))]

    assert [name for name in wanted if name.endswith(("0", "9"))] == found


def test_what_others_have_put_is_there(part: Part) -> None:
    part.server.put(part.place, "theirs/deep/file", b"content")

    assert names(part.storage, "/") == ["theirs"]
    assert stat.S_ISDIR(part.storage.stat("/theirs").st_mode)
    before = part.storage.stat("/theirs/deep/file")
    part.storage.rename("/theirs/deep/file", "/mine")
    after = part.storage.stat("/mine")
    assert (before.st_ino, before.st_mtime) == (after.st_ino, after.st_mtime)


@pytest.mark.parametrize("note", ["nan", "inf", "-1e300", "yesterday", ""])
def test_notes_of_others_may_be_anything(part: Part, note: str) -> None:
    part.server.put(part.place, "file", b"content", mtime=note, innkeeper_id=note)

    put(part.storage, "/file", b"more", os.O_WRONLY | os.O_APPEND)
    part.storage.rename("/file", "/new")

    assert (get(part.storage, "/new"), part.storage.stat("/new").st_mtime) > (b"contentmore", 0)
    assert names(part.storage, "/") == ["new"]


def test_rclone_sees_our_times_and_we_see_its(part: Part, tmp_path: Path) -> None:
    put(part.storage, "/ours", b"12345")
    part.storage.set_times("/ours", 1, 1_000_000_000.25)
    (tmp_path / "theirs").write_bytes(b"123")
    os.utime(tmp_path / "theirs", (5, 1234567890.5))

    listed = rclone(part, "lsl", "{}")
    rclone(part, "copy", str(tmp_path / "theirs"), "{}")

    assert listed.strip() == "5 2001-09-09 01:46:40.250000000 ours"
    assert part.storage.stat("/theirs").st_mtime == 1234567890.5


def rclone(part: Part, *arguments: str) -> str:
    """Run it on this part of the bucket, past us."""
    keys = f"access_key_id={KEY_ID},secret_access_key='{SECRET}'"
    where = f":s3,provider=Other,{keys},endpoint='{part.server.endpoint}':{BUCKET}/{part.place.prefix}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [need("rclone"), *(argument.format(where) for argument in arguments)],
        env=kept | {"RCLONE_CONFIG": "/dev/null", "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("name", ["\udcff", "a\\b", "..\\up", "a\nb", "\x7f"])
def test_names_that_do_not_hold_are_refused(part: Part, name: str) -> None:
    for verb in (part.storage.make_folder, part.storage.stat, lambda path: put(part.storage, path, b"")):
        with pytest.raises(Invalid):
            verb(f"/{name}")
    assert part.names() == []


def test_a_file_that_is_replaced_while_it_is_read_is_not_mixed(part: Part) -> None:
    put(part.storage, "/file", os.urandom(3 * MIB))
    file = part.storage.open_file("/file", os.O_RDONLY)
    file.read(0, 1000)

    put(part.storage, "/file", os.urandom(3 * MIB))

    with pytest.raises(OSError) as raised:
        file.read(2 * MIB, 1000)
    assert raised.value.errno == errno.ESTALE


def test_reading_jumps_and_goes_on(part: Part) -> None:
    data = os.urandom(12 * MIB)
    put(part.storage, "/file", data)
    file = part.storage.open_file("/file", os.O_RDONLY)

    for at in (0, 100, 5 * MIB, 11 * MIB, 12 * MIB - 5, 3, 256 * 1024 - 7):
        assert data[at : at + 1000] == file.read(at, 1000)
    assert b"" == file.read(12 * MIB, 10) == file.read(20 * MIB, 10)
    pieces = [file.read(at, 255 * 1024) for at in range(0, len(data), 255 * 1024)]
    assert data == b"".join(pieces)
    assert {255 * 1024} == {len(piece) for piece in pieces[:-1]}


def test_after_a_write_that_failed_the_file_is_not_put(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    room = a_room(part, Level.FULL)
    file = room.open("/box/file", Mode.WRITE | Mode.CREATE)
    file.write(0, b"first")
    monkeypatch.setattr("innkeeper.files.local.os.pwrite", no_space)

    with pytest.raises(OSError):
        file.write(5, b"second")
    file.close()

    assert names(part.storage, "/box") == []


def no_space(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_rights_taken_away_before_the_end_leave_nothing(part: Part) -> None:
    room = a_room(part, Level.FULL)
    file = room.open("/box/file", Mode.WRITE | Mode.CREATE)
    file.write(0, b"content")

    room.regrade(compile_access([GrantLine("/box", Level.READ, recursive=True)], (), now=utc_now()))

    with pytest.raises(Forbidden):
        file.close()
    assert names(part.storage, "/box") == []


def test_a_blind_drop_box_knows_own_files_again_and_no_others(part: Part) -> None:
    room = a_room(part, Level.WRITE)
    for _ in range(2):
        file = room.open("/box/mine", Mode.WRITE | Mode.CREATE | Mode.TRUNCATE)
        file.write(0, b"content")
        file.close()
    room.set_times("/box/mine", 5, 5)
    assert [entry.name for entry in room.list("/box").take(10)] == ["mine"]
    room.rename("/box/mine", "/box/named")
    assert room.stat("/box/named").st_size == 7

    put(part.storage, "/box/theirs", b"content")
    part.storage.replace("/box/theirs", "/box/named")

    with pytest.raises(NotFound):
        room.stat("/box/named")
    with pytest.raises(Refused):
        room.truncate("/box/named", 0)


def a_room(part: Part, level: Level) -> Room:
    part.storage.make_folder("/box")
    return Room(
        part.storage,
        Stay(connection_id="1", session_id="s", user_id="bob", interface="sftp"),
        compile_access([GrantLine("/box", level, recursive=True)], (), now=utc_now()),
        report=lambda _: None,
        is_registered=lambda _: False,
    )


def test_a_server_that_is_gone_is_an_error_of_the_disk_and_one_line(
    object_server: ObjectServer, tmp_path: Path
) -> None:
    with SlowProxy(object_server.port) as line:
        place = object_server.place(port=line.port)
        storage = ObjectStorage(Bucket(place), place.prefix, tmp_path)
        file = storage.open_file("/file", NEW)
    line.cut()

    file.write(0, b"x")
    with capture_logs() as logs, pytest.raises(OSError) as raised:
        file.close()

    assert raised.value.errno == errno.EIO
    assert [line["event"] for line in logs] == ["The object storage failed."]
    storage.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://bucket", Place(bucket="bucket")),
        ("s3://bucket/a/b/", Place(bucket="bucket", prefix="a/b/")),
        (
            "s3://b/p?endpoint=http://[::1]:9000&region=eu",
            Place(bucket="b", prefix="p/", endpoint="http://[::1]:9000", region="eu"),
        ),
    ],
)
def test_a_place_is_read(url: str, expected: Place) -> None:
    assert expected == read_place(url, "", "")


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///x", "s3://key:secret@b", "s3://b?colour=red", "s3://b?endpoint=ftp://x", "gs://b"]
)
def test_what_is_no_place_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_place(url, "", "")


@pytest.mark.parametrize(
    ("bucket", "secret", "port", "reason"),
    [
        ("no-such-bucket", SECRET, 0, "bucket"),
        (BUCKET, "wrong secret", 0, "signature"),
        (BUCKET, SECRET, 9, "connect"),
    ],
)
def test_a_bucket_that_cannot_be_opened_is_told_in_one_line(
    object_server: ObjectServer, tmp_path: Path, bucket: str, secret: str, port: int, reason: str
) -> None:
    url = f"s3://{bucket}?endpoint=http://127.0.0.1:{port or object_server.port}"

    done = subprocess.run(
        [*COMMAND, "serve", "--data", str(tmp_path / "data"), "--http", "127.0.0.1:0", "--sftp", ""],
        env=environment(storage=url, storage_key_id=KEY_ID, storage_secret=secret),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("innkeeper: ")]
    assert line.startswith(f"innkeeper: storage: the bucket {bucket} cannot be opened: ")
    assert reason in line.lower()
    assert secret not in done.stderr + done.stdout


def test_a_whole_server_keeps_its_files_in_the_bucket(object_server: ObjectServer, tmp_path: Path) -> None:
    with SlowProxy(object_server.port) as line:
        place = object_server.place(port=line.port)
        url = f"s3://{BUCKET}/{place.prefix}?endpoint={place.endpoint}"
        settings = {"storage": url, "storage_key_id": KEY_ID, "storage_secret": SECRET}
        node = Node(tmp_path / "data", settings=settings)
        key = node.init()
        node.start()
        try:
            with node.client(key) as client:
                assert client.post("/folders", json={"path": "/reports"}).is_success
            assert httpx.get(f"{node.http}/health/ready", timeout=30).status_code == 200
            part_has(object_server, place, "reports/")
            line.cut()
            assert httpx.get(f"{node.http}/health/ready", timeout=30).status_code == 503
        finally:
            node.stop()
    logs = "".join(log.read_text() for log in tmp_path.glob("data-*.log"))
    assert SECRET not in logs


def part_has(server: ObjectServer, place: Place, name: str) -> None:
    wait_for(lambda: name in server.keys(place))
