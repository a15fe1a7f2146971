"""The program that tells OpenSSH's server which keys count, against a running server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.stage import KEY
from tests.programs import need
from tests.servers import Node, ok

PROGRAM = Path(__file__).parents[1] / "docs/in-front/authorized-keys"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    node = Node(tmp_path_factory.mktemp("front") / "data")
    key = node.init()
    node.start()
    with node.client(key) as client:
        yield client
    assert node.stop() == 0


def keys(api: httpx.Client, tmp_path: Path, username: str, address: str = "192.0.2.7") -> list[str]:
    """What the program prints for someone who comes from there, by a key with no more than it needs."""
    me = ok(api.get("/me"))
    wanted = {"user_id": me["id"], "name": "sshd", "scopes": ["users:read", "credentials:read"]}
    token = ok(api.post("/api-keys", json=wanted))["token"]
    site = str(api.base_url).removesuffix("/api/v1/")
    settings = tmp_path / "innkeeper.json"
    settings.write_text(json.dumps({"url": site, "api_key": token}))
    command = [sys.executable, str(PROGRAM), str(settings), username, f"{address} 50022 198.51.100.1 22"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_keys_of_who_may_come_in_are_told(api: httpx.Client, tmp_path: Path) -> None:
    ok(api.post("/users", json={"username": "bob", "ssh_keys": [KEY]}))

    [line] = keys(api, tmp_path, "bob")

    restriction, key = line.split(" ", 1)
    assert restriction == "restrict"
    assert key.split()[:2] == KEY.split()[:2]
    shown = subprocess.run(
        [need("ssh-keygen"), "-l", "-f", "-"], input=key, capture_output=True, text=True, check=True
    )
    assert "ED25519" in shown.stdout
    assert keys(api, tmp_path, "nobody-of-this-name") == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("suspended", {"disabled": True}),
        ("expired", {"access_expires_at": (datetime.now(UTC) - timedelta(days=1)).isoformat()}),
        ("elsewhere", {"allowed_ips": ["198.51.100.0/24"]}),
        ("shut-out", {"protocols": ["web"]}),
        ("both", {"authentication_method": "password_and_ssh_key", "password": "staple tractor nine"}),
    ],
)
def test_keys_of_others_are_not(api: httpx.Client, tmp_path: Path, name: str, values: dict[str, Any]) -> None:
    ok(api.post("/users", json={"username": name, "ssh_keys": [KEY]}))
    found = ok(api.get("/users", params={"username": name}))["items"][0]
    assert keys(api, tmp_path, name) != []

    ok(api.patch(f"/users/{found['id']}", json=values))

    assert keys(api, tmp_path, name) == []


def test_a_key_that_has_ended_is_not(api: httpx.Client, tmp_path: Path) -> None:
    user = ok(api.post("/users", json={"username": "dora", "ssh_keys": [KEY]}))
    key = ok(api.get("/ssh-keys", params={"user_id": user["id"]}))["items"][0]
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    ok(api.patch(f"/ssh-keys/{key['id']}", json={"expires_at": past}))

    assert keys(api, tmp_path, "dora") == []
