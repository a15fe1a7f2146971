"""The fixture of tests that need an object storage; they name this module as a plugin."""

from collections.abc import Iterator

import pytest

from tests.object_server import ObjectServer, running


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with running(tmp_path_factory.mktemp("objects")) as server:
        yield server
