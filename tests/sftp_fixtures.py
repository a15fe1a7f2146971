"""Fixtures of the SFTP tests, which name this module as a plugin."""

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from innkeeper.interfaces.sftp.keys import host_keys
from innkeeper.kit.passwords import Hasher
from tests.sftp_site import SftpSite, Supplies, furnish


@pytest.fixture(scope="session")
def supplies(tmp_path_factory: pytest.TempPathFactory, hasher: Hasher) -> Supplies:
    """Host keys, one client key, and a database, made once."""
    made = Supplies(tmp_path_factory.mktemp("keys"), tmp_path_factory.mktemp("data"), hasher)
    host_keys(made.keys)
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(made.keys / "client")
    (made.keys / "client").chmod(0o600)
    furnish(made)
    return made


@pytest.fixture
def door(tmp_path: Path, supplies: Supplies) -> Iterator[SftpSite]:
    running = SftpSite(tmp_path, supplies)
    yield running
    running.close()
