"""The main job from end to end: a site is set up, 500 people come in, 20 work, one is stopped at once."""

import csv
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.postgresql import Server
from tests.programs import need
from tests.servers import COMMAND, Node, environment, ok

PEOPLE, WORKERS = 500, 20


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    url = ""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    node = Node(tmp_path / "data", database_url=url)
    yield node
    if node.process.poll() is None:
        assert node.stop() == 0


def command(node: Node, key: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The `innkeeper` command against the running server."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**environment(), "INNKEEPER_SERVER": node.http, "INNKEEPER_API_KEY": key},
    )


def write_people(directory: Path) -> Path:
    """A file of people, each with a key of their own; the first ones' private keys lie beside it."""
    path = directory / "people.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["username", "name", "email", "company", "groups", "grants", "ssh_keys"])
        for number in range(PEOPLE):
            public = make_key(directory / f"p{number}.key" if number < WORKERS else None)
            name, email = f"Person {number}", f"p{number}@example.com"
            grants = f"/teams/{number % 10}:read; /inbox/p{number}:full"
            rows.writerow([f"p{number}", name, email, "Example & Co", "Staff", grants, public])
    return path


def make_key(path: Path | None) -> str:
    private = Ed25519PrivateKey.generate()
    if path is not None:
        openssh = serialization.PrivateFormat.OpenSSH
        path.write_bytes(
            private.private_bytes(serialization.Encoding.PEM, openssh, serialization.NoEncryption())
        )
        path.chmod(0o600)
    public = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.decode()


def sftp(node: Node, directory: Path, number: int, batch: str, *options: str) -> subprocess.Popen[str]:
    settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes"]
    arguments = [part for setting in settings for part in ("-o", setting)]
    key = str(directory / f"p{number}.key")
    process = subprocess.Popen(
        [
            *(need("sftp"), "-q", *options, "-P", str(node.sftp_port), "-i", key, *arguments),
            *("-b", "-", f"p{number}@127.0.0.1"),
        ],
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


def test_the_main_job(node: Node, tmp_path: Path) -> None:
    key = node.init()
    node.start()
    api = node.client(key)
    people = write_people(tmp_path)
    bring_in(node, api, key, people)
    let_them_work(node, tmp_path)
    stop_one(node, api, tmp_path)
    look_back(api)


def bring_in(node: Node, api: httpx.Client, key: str, people: Path) -> None:
    ok(api.post("/groups", json={"name": "Staff"}))

    planned = command(node, key, "import", str(people), "--plan")
    assert planned.returncode == 0, planned.stderr
    assert "500" in planned.stdout
    assert ok(api.get("/users", params={"limit": 10}))["next_cursor"] is None

    applied = command(node, key, "import", str(people), "--apply")
    assert applied.returncode == 0, applied.stderr
    again = command(node, key, "--output", "json", "import", str(people), "--plan")
    assert again.returncode == 0, again.stderr
    assert '"unchanged": 500' in again.stdout


def let_them_work(node: Node, directory: Path) -> None:
    payload = directory / "report.bin"
    payload.write_bytes(os.urandom(300_000))
    for start in range(0, WORKERS, 5):
        batch = [
            sftp(
                node,
                directory,
                n,
                f"put {payload} /inbox/p{n}/report.bin\nget /inbox/p{n}/report.bin {directory}/{n}.back\n",
            )
            for n in range(start, start + 5)
        ]
        for process in batch:
            said, _ = process.communicate(timeout=60)
            assert process.returncode == 0, said
    for n in range(WORKERS):
        assert payload.read_bytes() == (node.data / "files" / f"inbox/p{n}/report.bin").read_bytes()
        (directory / f"{n}.back").unlink()


def stop_one(node: Node, api: httpx.Client, directory: Path) -> None:
    payload = directory / "large.bin"
    payload.write_bytes(os.urandom(4_000_000))
    process = sftp(node, directory, 7, f"put {payload} /inbox/p7/large.bin\n", "-l", "6400")
    arrived = node.data / "files" / "inbox/p7/large.bin"
    for _ in range(500):
        if arrived.exists() and arrived.stat().st_size > 100_000:
            break
        time.sleep(0.02)
    user = ok(api.get("/users", params={"text": "p7@example.com"}))["items"][0]

    ok(api.post(f"/users/{user['id']}/suspend", json={"reason": "contract ended"}))
    stopped_at = time.monotonic()
    process.wait(timeout=10)

    assert process.returncode != 0
    assert time.monotonic() - stopped_at < 2
    assert arrived.stat().st_size < 4_000_000


def look_back(api: httpx.Client) -> None:
    user = ok(api.get("/users", params={"text": "p7@example.com"}))["items"][0]
    assert user["status"] == "suspended"
    wanted = {
        "user.created",
        "membership.added",
        "grant.added",
        "ssh_key.added",
        "login.succeeded",
        "connection.opened",
        "file.uploaded",
        "file.downloaded",
        "user.suspended",
        "connection.ended",
    }
    kinds: set[str] = set()
    for _ in range(50):
        kinds = {event["kind"] for event in events_of(api, user["id"])}
        if wanted <= kinds:
            break
        time.sleep(0.1)
    assert wanted <= kinds


def events_of(api: httpx.Client, user_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(api.get("/events", params={"user_id": user_id, "limit": 200}))["items"]
    return found


def test_kill_nine_in_the_middle_of_an_import_loses_nothing(node: Node, tmp_path: Path) -> None:
    key = node.init()
    node.start()
    api = node.client(key)
    path = tmp_path / "many.csv"
    total = 20_000
    with path.open("w") as file:
        file.write("username,name\n")
        file.writelines(f"m{n},Many {n}\n" for n in range(total))
    plan = ok(api.post("/imports", files={"file": ("many.csv", path.read_bytes(), "text/csv")}))
    wait_for(api, plan["id"], "planned")
    ok(api.post(f"/plans/{plan['id']}/apply", json={}))
    done = 0
    while not 0 < done < total:
        done = ok(api.get(f"/plans/{plan['id']}"))["rows_done"]
        assert done < total, "the import was over before it could be killed"
    node.kill()

    node.start()
    api = node.client(key)
    assert ok(api.get(f"/plans/{plan['id']}"))["rows_done"] >= done
    wait_for(api, plan["id"], "applied")

    again = ok(api.post("/imports", files={"file": ("many.csv", path.read_bytes(), "text/csv")}))
    assert wait_for(api, again["id"], "planned")["counts"]["unchanged"] == total


def wait_for(api: httpx.Client, plan_id: str, state: str) -> dict[str, Any]:
    for _ in range(600):
        plan: dict[str, Any] = ok(api.get(f"/plans/{plan_id}"))
        if plan["state"] == state:
            return plan
        assert plan["state"] in ("planning", "applying", "planned"), plan
        time.sleep(0.1)
    raise AssertionError(f"the plan did not become {state}")
