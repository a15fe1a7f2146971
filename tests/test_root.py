"""No path leads out of the root, by neither of the two ways to open; and only files and folders exist."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from innkeeper.files import kernel
from innkeeper.files.root import Root


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    secret = tmp_path / "outside"
    secret.mkdir()
    (secret / "secret.txt").write_text("secret")
    return secret


@pytest.fixture(params=["kernel", "walk"])
def base(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a root; in the second run the kernel is too old for openat2."""
    if request.param == "walk":
        monkeypatch.setattr(kernel, "_SYS_OPENAT2", 9999)
    inside = tmp_path / "site"
    inside.mkdir()
    (inside / "a").mkdir()
    (inside / "a" / "file.txt").write_text("hello")
    return inside


@pytest.fixture
def root(base: Path) -> Iterator[Root]:
    made = Root(base)
    yield made
    made.close()


def test_the_fallback_is_taken_without_openat2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
    try:
        with_it = kernel.choose_opener(descriptor)
        monkeypatch.setattr(kernel, "_SYS_OPENAT2", 9999)
        without = kernel.choose_opener(descriptor)
    finally:
        os.close(descriptor)

    assert without is kernel.open_by_walking
    assert with_it in (kernel.open_beneath, kernel.open_by_walking)


@pytest.mark.parametrize("path", ["/../outside/secret.txt", "/a/../../outside/secret.txt", "//etc/passwd"])
def test_dots_and_absolute_paths_stay_inside(root: Root, outside: Path, path: str) -> None:
    with pytest.raises(OSError):
        root.open_file(path, os.O_RDONLY).close()
    with pytest.raises(OSError):
        root.stat(path)


@pytest.mark.parametrize("target", ["../outside", "{outside}", "a", "/proc/self/root"])
def test_links_to_folders_lead_nowhere(root: Root, base: Path, outside: Path, target: str) -> None:
    (base / "link").symlink_to(target.format(outside=outside))
    (base / "a" / "secret.txt").write_text("not this way")

    for verb in (
        lambda: root.stat("/link/secret.txt"),
        lambda: root.open_file("/link/secret.txt", os.O_RDONLY),
        lambda: root.open_file("/link/new", os.O_WRONLY | os.O_CREAT),
        lambda: root.delete("/link/secret.txt"),
        lambda: root.make_folder("/link/new"),
        lambda: root.rename("/a/file.txt", "/link/file.txt"),
        lambda: root.replace("/a/file.txt", "/link/file.txt"),
        lambda: list(root.scan("/link", lambda _: True)),
    ):
        with pytest.raises(OSError):
            verb()
    assert (outside / "secret.txt").read_text() == "secret"
    assert sorted(os.listdir(outside)) == ["secret.txt"]


def test_links_to_files_do_not_exist(root: Root, base: Path, outside: Path) -> None:
    (base / "link").symlink_to(outside / "secret.txt")

    with pytest.raises(FileNotFoundError):
        root.stat("/link")
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
        with pytest.raises(OSError):
            root.open_file("/link", flags)
    with pytest.raises(OSError):
        root.set_times("/link", 0, 0)
    assert [entry.name for entry in root.scan("/", lambda _: True)] == ["a"]
    assert (outside / "secret.txt").read_text() == "secret"


def test_a_folder_that_turns_into_a_link_at_any_moment_gives_no_way_out(
    root: Root, base: Path, outside: Path
) -> None:
    (base / "f").mkdir()
    (base / "f" / "secret.txt").write_text("inside")
    (base / "link").symlink_to(outside)
    stop = threading.Event()
    swapper = threading.Thread(target=_swap, args=(base, stop))
    swapper.start()
    seen = set()
    try:
        for number in range(200_000):
            seen.add(_content(root, "/f/secret.txt"))
            if number > 3000 and b"inside" in seen:
                break
    finally:
        stop.set()
        swapper.join()

    assert b"secret" not in seen
    assert b"inside" in seen


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_special_files_do_not_exist_and_never_block(root: Root, base: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(base / "special")
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(base / "special"))

    with pytest.raises(FileNotFoundError):
        root.stat("/special")
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREAT):
        with pytest.raises(OSError):
            root.open_file("/special", flags)
    assert [entry.name for entry in root.scan("/", lambda _: True)] == ["a"]


def test_folders_cannot_be_opened_as_files(root: Root) -> None:
    with pytest.raises(IsADirectoryError):
        root.open_file("/a", os.O_RDONLY)


def test_verbs_do_what_they_say(root: Root, base: Path) -> None:
    root.make_folder("/new")
    root.rename("/a/file.txt", "/new/moved.txt")
    root.truncate("/new/moved.txt", 2)
    root.set_times("/new/moved.txt", 10, 20)

    assert (base / "new" / "moved.txt").read_text() == "he"
    assert root.stat("/new/moved.txt").st_mtime == 20
    root.delete("/new/moved.txt")
    root.remove_folder("/new")
    assert os.listdir(base) == ["a"]


def test_rename_keeps_what_is_there_and_replace_does_not(root: Root, base: Path) -> None:
    (base / "other.txt").write_text("other")

    with pytest.raises(FileExistsError):
        root.rename("/a/file.txt", "/other.txt")
    assert (base / "other.txt").read_text() == "other"
    root.replace("/a/file.txt", "/other.txt")
    assert (base / "other.txt").read_text() == "hello"


def test_rename_keeps_what_is_there_on_a_file_system_without_the_flag(root: Root, base: Path) -> None:
    (base / "other.txt").write_text("other")
    descriptor = os.open(base, os.O_PATH | os.O_DIRECTORY)
    try:
        with pytest.raises(FileExistsError):
            kernel._look_then_rename(descriptor, b"a", descriptor, b"other.txt")
        kernel._look_then_rename(descriptor, b"a", descriptor, b"free")
    finally:
        os.close(descriptor)

    assert sorted(os.listdir(base)) == ["free", "other.txt"]


@pytest.mark.parametrize("verb", ["delete", "remove_folder", "make_folder"])
def test_the_root_itself_cannot_be_changed(root: Root, verb: str) -> None:
    with pytest.raises(OSError):
        getattr(root, verb)("/")


def test_names_that_are_no_utf8_are_listed_and_opened(root: Root, base: Path) -> None:
    with open(os.fsencode(base) + b"/caf\xe9", "wb") as file:
        file.write(b"x")

    names = {entry.name for entry in root.scan("/", lambda _: True)}

    assert "caf\udce9" in names
    assert root.stat("/caf\udce9").st_size == 1


def test_a_listing_is_lazy_and_leaves_no_descriptor_open(root: Root, base: Path) -> None:
    for number in range(300):
        (base / "a" / str(number)).touch()
    before = len(os.listdir("/proc/self/fd"))

    entries = root.scan("/a", lambda name: name != "7")
    first = next(entries)
    for number in range(300):
        (base / "a" / str(number)).unlink()
    rest = list(entries)

    assert first.name not in {entry.name for entry in rest}
    assert len(rest) < 300
    assert len(os.listdir("/proc/self/fd")) == before


def _swap(base: Path, stop: threading.Event) -> None:
    while not stop.is_set():
        os.rename(base / "f", base / "g")
        os.rename(base / "link", base / "f")
        os.rename(base / "f", base / "link")
        os.rename(base / "g", base / "f")


def _content(root: Root, path: str) -> bytes:
    try:
        file = root.open_file(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return file.read(0, 100)
    finally:
        file.close()
