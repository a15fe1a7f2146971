"""Keys over the API: generated, edited, listed by what deserves a look; scopes; and who could come in."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from innkeeper.actions import api_keys, events, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from tests.conftest import SYSTEM, FakeClock
from tests.programs import need
from tests.rest import KEY, client

SSH, API = "/api/v1/ssh-keys", "/api/v1/api-keys"


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [("ed25519", "ssh-ed25519"), ("ecdsa", "ecdsa-sha2-nistp256"), ("rsa", "ssh-rsa")],
)
@pytest.mark.parametrize("passphrase", ["", "open sesame"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_generated_key_is_one_that_openssh_reads(
    as_ada: httpx.AsyncClient, bob: User, tmp_path: Path, kind: str, algorithm: str, passphrase: str
) -> None:
    wanted = {"user_id": bob.id, "kind": kind, "label": "desk", "passphrase": passphrase}
    made = await as_ada.post(f"{SSH}/generate", json=wanted)
    document = made.json()
    file = tmp_path / "key"
    file.write_text(document["private_key"])
    file.chmod(0o600)

    def public(phrase: str) -> str:
        command = [need("ssh-keygen"), "-y", "-f", str(file), "-P", phrase]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    assert made.status_code == 201
    assert made.headers["Location"] == f"{SSH}/{document['id']}"
    assert (document["algorithm"], document["label"]) == (algorithm, "desk")
    assert public(passphrase).split()[:2] == document["public_key"].split()
    assert not passphrase or public("wrong") == ""


async def test_a_generated_private_key_is_answered_once_and_kept_nowhere(
    as_ada: httpx.AsyncClient, calls: Calls, bob: User
) -> None:
    wanted = {"user_id": bob.id, "label": "desk"}
    first = await as_ada.post(f"{SSH}/generate", json=wanted, headers={"Idempotency-Key": "1"})
    again = await as_ada.post(f"{SSH}/generate", json=wanted, headers={"Idempotency-Key": "1"})
    shown = await as_ada.get(f"{SSH}/{first.json()['id']}")
    middle = first.json()["private_key"].splitlines()[2]
    log = calls.read_now(SYSTEM, events.page, EventQuery(limit=100))

    assert (again.status_code, again.json()["code"]) == (409, "already_done")
    assert first.json()["id"] in again.text
    assert middle not in again.text + shown.text + repr(log)
    with calls.database.engine.connect() as connection:
        rows = [
            str(row)
            for table in ("ssh_keys", "answers", "mails")
            for row in connection.exec_driver_sql(f"select * from {table}")
        ]
    assert middle not in "".join(rows)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"kind": "dsa"}, "kind"), ({"passphrase": "abcd"}, "passphrase"), ({"label": "x" * 201}, "label")],
)
async def test_a_bad_wish_for_a_key_pair_is_refused_without_its_secret(
    as_ada: httpx.AsyncClient, bob: User, wrong: dict[str, str], field: str
) -> None:
    answer = await as_ada.post(f"{SSH}/generate", json={"user_id": bob.id, **wrong})

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == field
    assert "abcd" not in answer.text


async def test_nobody_makes_key_pairs_for_others(as_bob: httpx.AsyncClient, ada: User, charlie: User) -> None:
    for user in (ada, charlie):
        assert (await as_bob.post(f"{SSH}/generate", json={"user_id": user.id})).status_code == 404


async def test_keys_are_edited(as_ada: httpx.AsyncClient, bob: User) -> None:
    ssh = (await as_ada.post(SSH, json={"user_id": bob.id, "public_key": KEY})).json()
    api = (await as_ada.post(API, json={"user_id": bob.id, "name": "x"})).json()

    ssh_edited = await as_ada.patch(f"{SSH}/{ssh['id']}", json={"label": "desk", "expires_at": "2027-03-31"})
    ssh_again = await as_ada.patch(f"{SSH}/{ssh['id']}", json={"expires_at": None})
    wanted = {"name": "y", "scopes": ["users:read"], "allowed_ips": ["192.0.2.7"], "expires_at": "2027-03-31"}
    api_edited = await as_ada.patch(f"{API}/{api['id']}", json=wanted)
    bad = await as_ada.patch(f"{API}/{api['id']}", json={"scopes": ["all"]})

    assert ssh_edited.json()["expires_at"] == "2027-04-01T00:00:00Z"
    assert (ssh_again.json()["label"], ssh_again.json()["expires_at"]) == ("desk", None)
    assert {name: api_edited.json()[name] for name in ("name", "scopes", "allowed_ips")} == {
        "name": "y",
        "scopes": ["users:read"],
        "allowed_ips": ["192.0.2.7/32"],
    }
    assert (bad.status_code, bad.json()["problems"][0]["field"]) == (422, "scopes.0")


async def test_a_scoped_key_may_only_what_its_scopes_say(
    rest: FastAPI, calls: Calls, ada: User, bob: User
) -> None:
    _, token = calls.write_now(SYSTEM, api_keys.create, ada.id, "test", scopes=["users:read"])
    async with client(rest, token) as opened:
        found = await opened.get(f"/api/v1/users/{bob.id}")
        refused = await opened.delete(f"/api/v1/users/{bob.id}")
        groups = await opened.get("/api/v1/groups")

    assert found.status_code == 200
    assert (refused.status_code, groups.status_code) == (403, 403)
    assert "users:write" in refused.json()["detail"]
    assert "groups:read" in groups.json()["detail"]


async def test_lists_tell_last_use_and_when_the_rules_remove_a_key(
    as_ada: httpx.AsyncClient, calls: Calls, bob: User, clock: FakeClock
) -> None:
    rules = {"api_key_unused_days": 100, "ssh_key_maximum_days": 10}
    calls.write_now(SYSTEM, settings.edit, rules)
    key, token = calls.write_now(SYSTEM, api_keys.create, bob.id, "test")
    calls.write_now(Caller("api", api_key=token), users.edit, bob.id, {"name": "Robert"})
    ssh = (await as_ada.post(SSH, json={"user_id": bob.id, "public_key": KEY})).json()

    shown = (await as_ada.get(f"{API}/{key.id}")).json()
    clock.advance(days=95)
    views: dict[str, Any] = {
        view: [
            one["id"]
            for one in (await as_ada.get(API, params={"view": view, "user_id": bob.id})).json()["items"]
        ]
        for view in ("unused", "expiring", "old")
    }

    assert (shown["last_used_interface"], shown["removal_reason"]) == ("api", "unused")
    assert shown["removal_at"] == (clock.now + timedelta(days=5)).isoformat().replace("+00:00", "Z")
    assert (ssh["removal_reason"], ssh["is_hardware"], ssh["last_used_interface"]) == ("too_old", False, "")
    assert views == {"unused": [key.id], "expiring": [key.id], "old": []}
    assert (await as_ada.get(SSH, params={"text": "bob lap"})).json()["items"][0]["id"] == ssh["id"]


async def test_who_could_come_in_is_said_with_the_list_that_decides(
    as_ada: httpx.AsyncClient, calls: Calls, bob: User
) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"allowed_ips": ["192.0.2.0/24"], "protocols": ["sftp"]})

    async def ask(**query: str) -> httpx.Response:
        return await as_ada.get(f"/api/v1/users/{bob.id}/admission", params=query)

    inside = await ask(interface="sftp", address="192.0.2.7")
    outside = await ask(interface="sftp", address="203.0.113.1")
    wrong = await ask(interface="sftp", address="nowhere")
    unknown = await ask(interface="ssh", address="192.0.2.7")

    user = {"owner": "user", "group_id": None, "group": ""}
    assert inside.json() == {
        "interface": "sftp",
        "address": "192.0.2.7",
        "may_come_in": True,
        "reason": None,
        "decided_by": [user, user],
        "locked_until": None,
    }
    assert (outside.json()["may_come_in"], outside.json()["reason"]) == (False, "address_not_allowed")
    assert [wrong.status_code, unknown.status_code] == [422, 422]
