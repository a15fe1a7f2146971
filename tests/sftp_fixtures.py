"""Fixtures of the SFTP tests, which name this module as a plugin."""

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from innkeeper.interfaces.sftp.keys import host_keys
from tests.sftp_site import SftpSite


@pytest.fixture(scope="session")
def sftp_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Host keys and one client key, made once."""
    folder = tmp_path_factory.mktemp("keys")
    host_keys(folder)
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(folder / "client")
    (folder / "client").chmod(0o600)
    return folder


@pytest.fixture
def door(tmp_path: Path, sftp_keys: Path) -> Iterator[SftpSite]:
    running = SftpSite(tmp_path, sftp_keys)
    yield running
    running.close()
