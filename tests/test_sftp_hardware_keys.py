"""A hardware key at the door, with OpenSSH's client: the device is made of software, the protocol is not."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from innkeeper.actions import ssh_keys
from innkeeper.domain.credentials import SshKey
from tests.conftest import SYSTEM
from tests.programs import need
from tests.security_key import ALGORITHM, Agent, SecurityKey
from tests.sftp_site import SftpSite

pytest_plugins = ["tests.sftp_fixtures"]


@pytest.fixture(autouse=True)
def _client() -> None:
    need("sftp")


def give(door: SftpSite, key: SecurityKey) -> SshKey:
    carol = door.add("carol")
    line = f"{ALGORITHM.decode()} {base64.b64encode(key.blob).decode()} finger"
    return door.act(ssh_keys.add, carol.id, line)


def log_in(door: SftpSite, key: SecurityKey) -> int:
    with TemporaryDirectory() as directory, Agent(key, Path(directory) / "agent") as agent:
        pairs = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "IdentityAgent": str(agent.path),
            "PreferredAuthentications": "publickey",
            "BatchMode": "yes",
        }
        options = [part for name, value in pairs.items() for part in ("-o", f"{name}={value}")]
        port = ["-P", str(door.port)]
        return door.program(
            "sftp", "-F", "none", *options, *port, "carol@127.0.0.1", stdin="pwd\n"
        ).returncode


def test_a_hardware_key_opens_the_door_when_it_is_touched(door: SftpSite) -> None:
    finger = SecurityKey()
    key = give(door, finger)

    assert log_in(door, finger) == 0
    assert door.log.admitted == ["carol"]
    known = door.calls.read_now(SYSTEM, ssh_keys.show, key.id)
    assert known.is_hardware
    assert known.last_used_interface == "sftp"


def test_a_hardware_key_that_nobody_touches_opens_nothing(door: SftpSite) -> None:
    finger = SecurityKey(is_touched=False)
    give(door, finger)

    assert log_in(door, finger) != 0
    assert door.log.admitted == []


def test_another_device_opens_nothing(door: SftpSite) -> None:
    give(door, SecurityKey())

    assert log_in(door, SecurityKey()) != 0
    assert door.log.admitted == []
