"""However someone is stopped, the open connection dies at once: in the middle of an upload.

By OpenSSH's own client, on one node; test_kill_matrix.py has every door, and two nodes.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.programs import need
from tests.servers import Node, ok

WORST_SECONDS = 2.0
# 4 MB at 800 kB/s: five seconds, far longer than any end may take to come.
SIZE, KILOBITS = 4_000_000, 6_400
Api = httpx.Client


class Site:
    """One node, and Ada's way into it."""

    def __init__(self, nodes: list[Node], api: Api, directory: Path) -> None:
        self.nodes = nodes
        self.api = api
        self.directory = directory
        self.payload = directory / "payload.bin"
        self.payload.write_bytes(os.urandom(SIZE))
        self._number = 0

    def person(self) -> tuple[dict[str, str], Path, str]:
        """A new user with a key of their own and a folder; the user, the private key, and the key's id."""
        self._number += 1
        name = f"user{self._number}"
        key = self.directory / f"{name}.key"
        subprocess.run([need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        values = {
            "username": name,
            "ssh_keys": [key.with_suffix(".key.pub").read_text()],
            "grants": ["/inbox:full"],
        }
        user = ok(self.api.post("/users", json=values))
        keys = ok(self.api.get("/ssh-keys", params={"user_id": user["id"]}))
        return user, key, keys["items"][0]["id"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("kill")
    node = Node(directory / "data")
    key = node.init()
    node.start()
    yield Site([node], node.client(key), directory)
    assert node.stop() == 0


def client(site: Site, username: str, key: Path, batch: str) -> subprocess.Popen[str]:
    """OpenSSH's own client on the last node, at a limited speed, working through a batch of commands."""
    options = [
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "IdentitiesOnly=yes",
        "BatchMode=yes",
    ]
    arguments = [part for option in options for part in ("-o", option)]
    port = str(site.nodes[-1].sftp_port)
    command = [need("sftp"), "-q", "-l", str(KILOBITS), "-P", port, "-i", str(key), *arguments]
    process = subprocess.Popen(
        [*command, "-b", "-", f"{username}@127.0.0.1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(batch)
    process.stdin.close()
    process.stdin = None
    return process


def upload(site: Site, username: str, key: Path) -> subprocess.Popen[str]:
    """Begin a slow upload, and wait until bytes have arrived."""
    process = client(site, username, key, f"put {site.payload} /inbox/{username}.bin\n")
    arrived = site.nodes[-1].data / "files" / "inbox" / f"{username}.bin"
    until(lambda: arrived.exists() and arrived.stat().st_size > 100_000, process)
    return process


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(500):
        if condition():
            return
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        time.sleep(0.02)
    raise AssertionError("the upload did not begin")


def suspend(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.post(f"/users/{user['id']}/suspend", json={"reason": "left"}))


def delete(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.delete(f"/users/{user['id']}"))


def expire(site: Site, user: dict[str, str], key_id: str) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    ok(site.api.patch(f"/users/{user['id']}", json={"access_expires_at": past}))


def let_expire(site: Site, user: dict[str, str], key_id: str) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    ok(site.api.patch(f"/users/{user['id']}", json={"access_expires_at": soon.isoformat()}))
    time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))


def shut_the_door(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.patch(f"/users/{user['id']}", json={"protocols": ["web", "api"]}))


def remove_the_address(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.patch(f"/users/{user['id']}", json={"allowed_ips": ["198.51.100.0/24"]}))


def remove_the_key(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.delete(f"/ssh-keys/{key_id}"))


def end_the_key(site: Site, user: dict[str, str], key_id: str) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    ok(site.api.patch(f"/ssh-keys/{key_id}", json={"expires_at": past}))


def let_the_key_end(site: Site, user: dict[str, str], key_id: str) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    ok(site.api.patch(f"/ssh-keys/{key_id}", json={"expires_at": soon.isoformat()}))
    time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))


def reset_the_password(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.post(f"/users/{user['id']}/reset-password", json={"password": "a brand new password"}))


def end_the_sessions(site: Site, user: dict[str, str], key_id: str) -> None:
    ok(site.api.delete(f"/users/{user['id']}/sessions"))


def end_the_connection(site: Site, user: dict[str, str], key_id: str) -> None:
    found = ok(site.api.get("/connections", params={"user_id": user["id"]}))["items"]
    ok(site.api.delete(f"/connections/{found[0]['id']}"))


WAYS = [
    suspend,
    delete,
    expire,
    let_expire,
    shut_the_door,
    remove_the_address,
    remove_the_key,
    end_the_key,
    let_the_key_end,
    reset_the_password,
    end_the_sessions,
    end_the_connection,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_stopped_user_loses_the_upload_at_once(site: Site, way: Callable[..., None]) -> None:
    user, key, key_id = site.person()
    process = upload(site, user["username"], key)

    way(site, user, key_id)
    stopped_at = time.monotonic()
    process.wait(timeout=10)

    assert process.returncode != 0
    assert time.monotonic() - stopped_at < WORST_SECONDS
    arrived = site.nodes[-1].data / "files" / "inbox" / f"{user['username']}.bin"
    assert arrived.stat().st_size < SIZE


def test_a_user_without_the_grant_writes_no_further(site: Site) -> None:
    user, key, _ = site.person()
    process = upload(site, user["username"], key)
    arrived = site.nodes[-1].data / "files" / "inbox" / f"{user['username']}.bin"

    held = ok(site.api.get("/grants", params={"subject_id": user["id"]}))["items"]
    ok(site.api.delete(f"/grants/{held[0]['id']}"))
    time.sleep(1)
    size = arrived.stat().st_size
    process.wait(timeout=10)

    assert process.returncode != 0
    assert size == arrived.stat().st_size < SIZE


def test_the_end_is_in_the_log_with_its_cause(site: Site) -> None:
    user, key, key_id = site.person()
    process = upload(site, user["username"], key)
    suspend(site, user, key_id)
    process.wait(timeout=10)

    found: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    for _ in range(50):
        found = ok(site.api.get("/events", params={"user_id": user["id"], "limit": 100}))["items"]
        ended = [event for event in found if event["kind"] == "connection.ended"]
        if ended:
            break
        time.sleep(0.1)

    assert [event["data"]["reason"] for event in ended] == ["suspended"]
    assert {"user.suspended", "login.succeeded", "connection.opened"} <= {event["kind"] for event in found}
    uploads = [event for event in found if event["kind"] == "file.uploaded"]
    assert [event["data"]["is_complete"] for event in uploads] == [False]


def test_who_was_stopped_does_not_come_back(site: Site) -> None:
    user, key, key_id = site.person()
    upload(site, user["username"], key).kill()
    suspend(site, user, key_id)

    again = client(site, user["username"], key, "ls /\n")
    again.communicate(timeout=30)
    refused = ok(site.api.get("/events", params={"user_id": user["id"], "kind": "login.failed"}))["items"]

    assert again.returncode != 0
    assert {"suspended"} == {event["data"]["reason"] for event in refused}


def test_ten_at_a_time_are_gone_within_the_time(site: Site) -> None:
    people = [site.person() for _ in range(10)]
    processes = [upload(site, user["username"], key) for user, key, _ in people]

    started = time.monotonic()
    for user, _, key_id in people:
        suspend(site, user, key_id)
    for process in processes:
        process.wait(timeout=10)

    assert time.monotonic() - started < WORST_SECONDS + 1
    assert all(process.returncode for process in processes)
