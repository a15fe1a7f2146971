"""Every storage keeps the same promises: a local disk, and a bucket of a real S3-compatible server."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from innkeeper.files.objects import ObjectStorage
from innkeeper.files.root import Root
from innkeeper.files.storage import Storage
from tests.object_server import ObjectServer

pytest_plugins = ["tests.object_fixtures"]
NEW = os.O_WRONLY | os.O_CREAT


@pytest.fixture(params=["local", "objects"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    made: Storage
    if request.param == "local":
        (tmp_path / "files").mkdir()
        made = Root(tmp_path / "files")
    else:
        server: ObjectServer = request.getfixturevalue("object_server")
        made = ObjectStorage(server.bucket, server.place().prefix, tmp_path / "spool", most_moved=50)
    yield made
    made.close()


def put(storage: Storage, path: str, data: bytes, flags: int = NEW | os.O_TRUNC) -> None:
    file = storage.open_file(path, flags)
    file.write(0, data)
    file.close()


def get(storage: Storage, path: str) -> bytes:
    file = storage.open_file(path, os.O_RDONLY)
    try:
        return b"".join(iter(_reader(file.read), b""))
    finally:
        file.close()


def names(storage: Storage, path: str) -> list[str]:
    return sorted(entry.name for entry in storage.scan(path, lambda _: True))


def identity(storage: Storage, path: str) -> tuple[int, int]:
    status = storage.stat(path)
    return status.st_dev, status.st_ino


def _reader(read: Callable[[int, int], bytes]) -> Callable[[], bytes]:
    at = 0

    def following() -> bytes:
        nonlocal at
        data = read(at, 1000)
        at += len(data)
        return data

    return following


@pytest.mark.parametrize("data", [b"", b"x", os.urandom(5000)], ids=["empty", "one", "more"])
def test_what_was_written_is_read(storage: Storage, data: bytes) -> None:
    put(storage, "/file", data)

    status = storage.stat("/file")
    assert data == get(storage, "/file")
    assert (len(data), True) == (status.st_size, stat.S_ISREG(status.st_mode))


def test_a_folder_is_there_when_it_was_made_and_gone_when_it_was_removed(storage: Storage) -> None:
    storage.make_folder("/folder")

    assert stat.S_ISDIR(storage.stat("/folder").st_mode)
    assert names(storage, "/") == ["folder"]
    assert names(storage, "/folder") == []
    storage.remove_folder("/folder")
    assert names(storage, "/") == []
    with pytest.raises(FileNotFoundError):
        storage.stat("/folder")


def test_the_root_is_there_and_stays(storage: Storage) -> None:
    assert stat.S_ISDIR(storage.stat("/").st_mode)
    assert names(storage, "/") == []
    with pytest.raises(OSError):
        storage.remove_folder("/")
    with pytest.raises(OSError):
        storage.rename("/", "/other")


def test_a_way_is_made_as_far_as_it_is_missing(storage: Storage) -> None:
    storage.make_way("/a/b")
    put(storage, "/a/b/file", b"x")

    storage.make_way("/a/b/c")

    assert names(storage, "/a/b") == ["c", "file"]


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (lambda it: it.stat("/none"), errno.ENOENT),
        (lambda it: it.stat("/none/below"), errno.ENOENT),
        (lambda it: it.open_file("/none", os.O_RDONLY), errno.ENOENT),
        (lambda it: it.open_file("/none", os.O_WRONLY), errno.ENOENT),
        (lambda it: it.open_file("/none/below", NEW), errno.ENOENT),
        (lambda it: it.open_file("/file", NEW | os.O_EXCL), errno.EEXIST),
        (lambda it: it.open_file("/file/below", NEW), errno.ENOTDIR),
        (lambda it: it.open_file("/folder", os.O_RDONLY), errno.EISDIR),
        (lambda it: it.open_file("/folder", NEW), errno.EISDIR),
        (lambda it: it.scan("/none", bool), errno.ENOENT),
        (lambda it: it.scan("/file", bool), errno.ENOTDIR),
        (lambda it: it.make_folder("/folder"), errno.EEXIST),
        (lambda it: it.make_folder("/file"), errno.EEXIST),
        (lambda it: it.make_folder("/none/below"), errno.ENOENT),
        (lambda it: it.remove_folder("/folder"), errno.ENOTEMPTY),
        (lambda it: it.remove_folder("/file"), errno.ENOTDIR),
        (lambda it: it.remove_folder("/none"), errno.ENOENT),
        (lambda it: it.delete("/none"), errno.ENOENT),
        (lambda it: it.delete("/folder"), errno.EISDIR),
        (lambda it: it.rename("/none", "/new"), errno.ENOENT),
        (lambda it: it.rename("/file", "/folder/file"), errno.EEXIST),
        (lambda it: it.rename("/file", "/folder"), errno.EEXIST),
        (lambda it: it.rename("/folder", "/file"), errno.EEXIST),
        (lambda it: it.rename("/file", "/file"), errno.EEXIST),
        (lambda it: it.rename("/file", "/none/file"), errno.ENOENT),
        (lambda it: it.rename("/folder", "/folder/below"), errno.EINVAL),
        (lambda it: it.replace("/file", "/folder"), errno.EISDIR),
        (lambda it: it.replace("/none", "/new"), errno.ENOENT),
        (lambda it: it.truncate("/none", 1), errno.ENOENT),
        (lambda it: it.set_times("/none", 1, 1), errno.ENOENT),
        (lambda it: it.make_folder("/" + "n" * 2000), errno.ENAMETOOLONG),
    ],
)
def test_errors_are_those_of_a_disk(
    storage: Storage, verb: Callable[[Storage], object], expected: int
) -> None:
    put(storage, "/file", b"x")
    storage.make_folder("/folder")
    put(storage, "/folder/file", b"y")

    with pytest.raises(OSError) as raised:
        verb(storage)

    assert errno.errorcode[expected] == errno.errorcode[raised.value.errno or 0]
    assert names(storage, "/") == ["file", "folder"]
    assert (get(storage, "/file"), get(storage, "/folder/file")) == (b"x", b"y")


def test_writes_go_to_any_offset_and_leave_the_rest(storage: Storage) -> None:
    put(storage, "/file", b"0123456789")

    file = storage.open_file("/file", os.O_RDWR)
    file.write(3, b"abc")
    file.write(12, b"end")
    assert file.read(0, 100) == b"012abc6789\0\0end"
    assert file.stat().st_size == 15
    file.close()

    assert get(storage, "/file") == b"012abc6789\0\0end"


def test_appended_data_comes_last_whatever_the_offset(storage: Storage) -> None:
    put(storage, "/file", b"begin ")

    put(storage, "/file", b"end", os.O_WRONLY | os.O_APPEND)

    assert get(storage, "/file") == b"begin end"


@pytest.mark.parametrize(("size", "expected"), [(0, b""), (3, b"abc"), (8, b"abcdef\0\0")])
def test_a_size_cuts_or_fills(storage: Storage, size: int, expected: bytes) -> None:
    put(storage, "/file", b"abcdef")

    storage.truncate("/file", size)

    assert expected == get(storage, "/file")


def test_an_open_file_is_cut_and_goes_on(storage: Storage) -> None:
    put(storage, "/file", b"abcdef")

    file = storage.open_file("/file", os.O_RDWR)
    file.truncate(2)
    file.write(2, b"X")
    file.close()

    assert get(storage, "/file") == b"abX"


def test_a_file_opened_and_not_changed_stays(storage: Storage) -> None:
    put(storage, "/file", b"abcdef")
    before = identity(storage, "/file")

    storage.open_file("/file", os.O_RDWR | os.O_CREAT).close()

    assert get(storage, "/file") == b"abcdef"
    assert before == identity(storage, "/file")


def test_times_are_kept_through_a_rename_and_shown_in_listings(storage: Storage) -> None:
    put(storage, "/file", b"x")
    storage.set_times("/file", 1_000_000_000, 1_000_000_000.5)

    storage.rename("/file", "/moved")

    (entry,) = storage.scan("/", lambda _: True)
    assert 1_000_000_000.5 == storage.stat("/moved").st_mtime == entry.status.st_mtime
    assert storage.stat("/moved").st_mtime_ns == 1_000_000_000_500_000_000


def test_the_time_set_on_an_open_file_is_kept(storage: Storage) -> None:
    file = storage.open_file("/file", NEW)
    file.write(0, b"x")
    file.set_times(5, 1234)
    assert file.stat().st_mtime == 1234
    file.close()

    assert storage.stat("/file").st_mtime == 1234
    file = storage.open_file("/file", os.O_WRONLY)
    file.set_times(5, 4321)
    file.close()
    assert (storage.stat("/file").st_mtime, get(storage, "/file")) == (4321, b"x")


def test_a_folder_takes_a_time(storage: Storage) -> None:
    storage.make_folder("/folder")
    put(storage, "/folder/file", b"x")

    storage.set_times("/folder", 1, 1234)

    assert names(storage, "/folder") == ["file"]


def test_a_file_is_the_same_through_changes_and_another_when_put_anew(storage: Storage) -> None:
    file = storage.open_file("/file", NEW | os.O_EXCL)
    status = file.stat()
    first = (status.st_dev, status.st_ino)
    file.write(0, b"x")
    file.close()
    put(storage, "/other", b"x")

    put(storage, "/file", b"changed")
    storage.set_times("/file", 1, 1)
    storage.truncate("/file", 3)
    storage.rename("/file", "/moved")

    assert first == identity(storage, "/moved")
    assert first != identity(storage, "/other")
    upload(storage, "/moved", b"anew")
    assert first != identity(storage, "/moved")


def test_a_file_is_put_in_the_place_of_another(storage: Storage) -> None:
    put(storage, "/old", b"old")
    put(storage, "/new", b"new")
    before = identity(storage, "/new")

    storage.replace("/new", "/old")

    assert (names(storage, "/"), get(storage, "/old")) == (["old"], b"new")
    assert before == identity(storage, "/old")


def test_a_folder_moves_with_all_it_holds(storage: Storage) -> None:
    storage.make_way("/a/b/empty")
    put(storage, "/a/b/file", b"deep")
    put(storage, "/a/file", b"x")
    storage.make_folder("/ab")

    storage.rename("/a", "/c")

    assert names(storage, "/") == ["ab", "c"]
    assert (
        names(storage, "/c"),
        names(storage, "/c/b"),
        names(storage, "/c/b/empty"),
    ) == (["b", "file"], ["empty", "file"], [])
    assert get(storage, "/c/b/file") == b"deep"
    with pytest.raises(FileNotFoundError):
        storage.stat("/a/b")


def test_names_may_be_any_text(storage: Storage) -> None:
    odd = ["ü+%2F.txt", "a b", "#?&=", "C:x", "名前", ".hidden", "%", "a'\"<>|*"]

    for name in odd:
        put(storage, f"/{name}", name.encode())

    assert sorted(odd) == names(storage, "/")
    assert [name.encode() for name in odd] == [get(storage, f"/{name}") for name in odd]
    storage.rename(f"/{odd[0]}", f"/{odd[2]}2")
    assert odd[0].encode() == get(storage, f"/{odd[2]}2")


def test_only_wanted_names_are_listed_and_files_before_and_after_folders(storage: Storage) -> None:
    for number in range(5):
        storage.make_folder(f"/d{number}")
        put(storage, f"/d{number}.txt", b"12345")

    found = list(storage.scan("/", lambda name: "3" in name))

    assert {e.name: stat.S_ISDIR(e.status.st_mode) for e in found} == {"d3": True, "d3.txt": False}
    assert [e.status.st_size for e in found if stat.S_ISREG(e.status.st_mode)] == [5]


def test_a_listing_is_let_go_halfway(storage: Storage) -> None:
    for number in range(5):
        put(storage, f"/{number}", b"")

    scan = storage.scan("/", lambda _: True)
    next(scan)
    scan.close()
    scan.close()

    assert list(scan) == []


def upload(storage: Storage, path: str, data: bytes, *, may_replace: bool = True) -> None:
    file = storage.open_upload("u")
    file.write(0, data)
    file.close()
    storage.finish_upload("u", path, may_replace=may_replace)


def test_an_upload_goes_on_later_and_is_seen_when_it_is_complete(storage: Storage) -> None:
    file = storage.open_upload("name")
    file.write(0, b"first ")
    file.close()
    file = storage.open_upload("name")
    assert file.stat().st_size == 6
    file.write(6, b"second")
    file.set_times(99, 99)
    file.close()
    assert names(storage, "/") == []

    storage.finish_upload("name", "/file", may_replace=False)

    assert (get(storage, "/file"), storage.stat("/file").st_mtime) == (b"first second", 99)
    storage.drop_upload("name")
    assert storage.open_upload("name").stat().st_size == 0


def test_an_upload_does_not_put_out_what_it_may_not(storage: Storage) -> None:
    put(storage, "/file", b"old")

    with pytest.raises(FileExistsError):
        upload(storage, "/file", b"new", may_replace=False)

    assert get(storage, "/file") == b"old"
    storage.finish_upload("u", "/file", may_replace=True)
    assert get(storage, "/file") == b"new"


def test_old_uploads_are_dropped(storage: Storage) -> None:
    assert storage.drop_old_uploads(10**10) == 0
    file = storage.open_upload("old")
    file.set_times(5, 5)
    file.close()
    storage.open_upload("new").close()

    assert storage.drop_old_uploads(1000) == 1


def test_a_closed_file_refuses_everything(storage: Storage) -> None:
    file = storage.open_file("/file", NEW)
    file.write(0, b"x")
    file.close()
    file.close()
    file.abandon()

    with pytest.raises(OSError):
        file.write(0, b"y")
    assert get(storage, "/file") == b"x"


def test_the_storage_is_there(storage: Storage) -> None:
    storage.probe()
