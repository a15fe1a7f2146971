"""Fixtures of the FTPS tests, which name this module as a plugin beside that of SFTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ftps_site import FtpsSite
from tests.sftp_site import Supplies


@pytest.fixture
def ftps(tmp_path: Path, supplies: Supplies) -> Iterator[FtpsSite]:
    """A site of the test's own."""
    running = FtpsSite(tmp_path, supplies)
    yield running
    running.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, supplies: Supplies) -> Iterator[FtpsSite]:
    """A site for all tests of a module; each takes a folder of its own."""
    running = FtpsSite(tmp_path_factory.mktemp("ftps"), supplies)
    yield running
    running.close()


@pytest.fixture
def place(shared: FtpsSite, request: pytest.FixtureRequest) -> Path:
    """A folder of the shared site for this test, under its name."""
    folder: Path = shared.files / str(request.node.name)
    folder.mkdir()
    return folder
