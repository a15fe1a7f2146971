"""Folders that grants and homes speak of appear on the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from innkeeper.actions import users
from innkeeper.actions.calls import Calls
from innkeeper.files.root import Root
from innkeeper.subscribers.folders import Folders
from innkeeper.subscribers.runner import Runner
from tests.conftest import SYSTEM
from tests.test_log import until


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture
def root(files: Path) -> Iterator[Root]:
    root = Root(files)
    yield root
    root.close()


async def test_a_granted_folder_and_a_home_are_made(calls: Calls, root: Root, files: Path) -> None:
    runner = Runner(calls, [Folders(root)])
    await runner.start()
    values = {"username": "bob", "grants": ["/projects/acme/in:full"], "user_home": "/homes/bob"}

    await calls.write(SYSTEM, users.create, values)

    await until(lambda: (files / "projects/acme/in").is_dir() and (files / "homes/bob").is_dir())
    await runner.stop()


async def test_a_file_in_the_way_stays_and_the_rest_is_made(calls: Calls, root: Root, files: Path) -> None:
    (files / "taken").write_text("a file")
    runner = Runner(calls, [Folders(root)])
    await runner.start()

    await calls.write(SYSTEM, users.create, {"username": "bob", "grants": ["/taken/in:full", "/zoo:full"]})

    await until((files / "zoo").is_dir)
    await runner.stop()
    assert (files / "taken").read_text() == "a file"
