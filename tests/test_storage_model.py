"""Whatever is done to a storage in whatever order, it holds what a plain dictionary would hold."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innkeeper.domain.paths import parent
from innkeeper.files.objects import ObjectStorage
from innkeeper.files.root import Root
from innkeeper.files.storage import Storage
from tests.object_server import ObjectServer

pytest_plugins = ["tests.object_fixtures"]

NAMES = st.sampled_from(["a", "a-", "b", "a.b"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
DATA = st.binary(max_size=5)
Step = tuple[str, tuple[object, ...]]
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def step(verb: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(verb), st.tuples(*arguments))


STEPS = st.lists(
    st.one_of(
        step("put", PATHS, DATA),
        step("put_new", PATHS, DATA),
        step("change", PATHS, st.integers(0, 8), DATA),
        step("append", PATHS, DATA),
        step("upload", PATHS, DATA, st.booleans()),
        step("make_folder", PATHS),
        step("remove_folder", PATHS),
        step("delete", PATHS),
        step("rename", PATHS, PATHS),
        step("replace_file", PATHS, PATHS),
        step("truncate", PATHS, st.integers(0, 8)),
    ),
    min_size=3,
    max_size=14,
)


class Model:
    """Folders are None, files their content. Answers whether the verb was refused."""

    def __init__(self) -> None:
        self.held: dict[str, bytes | None] = {"/": None}

    def put(self, path: str, data: bytes) -> bool:
        if not self._has_folder(parent(path)) or self._has_folder(path):
            return False
        self.held[path] = data
        return True

    def put_new(self, path: str, data: bytes) -> bool:
        return path not in self.held and self.put(path, data)

    def change(self, path: str, offset: int, data: bytes) -> bool:
        old = self.held.get(path)
        if old is None:
            return False
        if data:
            old = old.ljust(offset, b"\0")
            self.held[path] = old[:offset] + data + old[offset + len(data) :]
        return True

    def append(self, path: str, data: bytes) -> bool:
        old = self.held.get(path)
        return old is not None and self.put(path, old + data)

    def upload(self, path: str, data: bytes, may_replace: bool) -> bool:  # noqa: FBT001
        return (may_replace or path not in self.held) and self.put(path, data)

    def make_folder(self, path: str) -> bool:
        if path in self.held or not self._has_folder(parent(path)):
            return False
        self.held[path] = None
        return True

    def remove_folder(self, path: str) -> bool:
        if not self._has_folder(path) or any(key.startswith(f"{path}/") for key in self.held):
            return False
        del self.held[path]
        return True

    def delete(self, path: str) -> bool:
        return self.held.get(path) is not None and self.held.pop(path) is not None

    def rename(self, path: str, new_path: str) -> bool:
        if path not in self.held or new_path in self.held or not self._has_folder(parent(new_path)):
            return False
        if new_path.startswith(f"{path}/"):
            return False
        for key in [key for key in self.held if key == path or key.startswith(f"{path}/")]:
            self.held[new_path + key[len(path) :]] = self.held.pop(key)
        return True

    def replace_file(self, path: str, new_path: str) -> bool:
        data = self.held.get(path)
        if data is None or not self.put(new_path, data):
            return False
        if path != new_path:
            del self.held[path]
        return True

    def truncate(self, path: str, size: int) -> bool:
        old = self.held.get(path)
        return old is not None and self.put(path, old[:size].ljust(size, b"\0"))

    def _has_folder(self, path: str) -> bool:
        return path in self.held and self.held[path] is None


class Real:
    """The same verbs on a storage."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def put(self, path: str, data: bytes) -> None:
        self._write(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0, data)

    def put_new(self, path: str, data: bytes) -> None:
        self._write(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0, data)

    def change(self, path: str, offset: int, data: bytes) -> None:
        self._write(path, os.O_RDWR, offset, data)

    def append(self, path: str, data: bytes) -> None:
        self._write(path, os.O_WRONLY | os.O_APPEND, 0, data)

    def upload(self, path: str, data: bytes, may_replace: bool) -> None:  # noqa: FBT001
        file = self.storage.open_upload("one")
        file.write(0, data)
        file.close()
        try:
            self.storage.finish_upload("one", path, may_replace=may_replace)
        finally:
            self.storage.drop_upload("one")

    def replace_file(self, path: str, new_path: str) -> None:
        if stat.S_ISDIR(self.storage.stat(path).st_mode):
            raise IsADirectoryError
        self.storage.replace(path, new_path)

    def __getattr__(self, verb: str) -> Callable[..., object]:
        found: Callable[..., object] = getattr(self.storage, verb)
        return found

    def held(self, folder: str = "/") -> Iterator[tuple[str, bytes | None]]:
        yield folder, None
        for entry in self.storage.scan(folder, lambda _: True):
            path = f"{folder.rstrip('/')}/{entry.name}"
            if stat.S_ISDIR(entry.status.st_mode):
                yield from self.held(path)
            else:
                yield path, self._content(path, entry.status.st_size)

    def _content(self, path: str, size: int) -> bytes:
        file = self.storage.open_file(path, os.O_RDONLY)
        data = file.read(0, 100)
        file.close()
        assert size == len(data)
        return data

    def _write(self, path: str, flags: int, offset: int, data: bytes) -> None:
        file = self.storage.open_file(path, flags)
        try:
            if data:
                file.write(offset, data)
            file.close()
        finally:
            file.abandon()


def compare(storage: Storage, steps: list[Step]) -> None:
    model, real = Model(), Real(storage)
    for verb, arguments in steps:
        is_done = getattr(model, verb)(*arguments)
        try:
            getattr(real, verb)(*arguments)
        except OSError as error:
            assert not is_done, (verb, arguments, error)
        else:
            assert is_done, (verb, arguments)
    assert model.held == dict(real.held())


@QUICK
@given(steps=STEPS)
def test_a_local_disk_is_like_the_model(tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> None:
    root = Root(tmp_path_factory.mktemp("files"))
    try:
        compare(root, steps)
    finally:
        root.close()


@QUICK
@given(steps=STEPS)
def test_a_bucket_is_like_the_model(object_server: ObjectServer, spool: Path, steps: list[Step]) -> None:
    storage = ObjectStorage(object_server.bucket, object_server.place().prefix, spool)
    try:
        compare(storage, steps)
    finally:
        storage.close()


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spool")
