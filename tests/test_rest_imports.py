"""Imports and plans by REST: from the file to the users, and every file that cannot be taken."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from innkeeper.actions.calls import Calls
from innkeeper.domain.users import User
from innkeeper.domain.words import PlanId
from innkeeper.interfaces.rest import build
from innkeeper.jobs.imports import apply_import, plan_import
from tests.conftest import FakeClock
from tests.rest import client, token_of

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nusername\r\nx\r\n'


class AtOnce:
    """Does the work of an import before it answers."""

    def __init__(self, calls: Calls, directory: Path) -> None:
        self.calls = calls
        self.directory = directory

    def accept_upload(self, plan_id: PlanId) -> Path:
        return self.directory / f"{plan_id}.part"

    def start_import_planning(self, plan_id: PlanId) -> None:
        plan_import(self.calls, plan_id, self.accept_upload(plan_id), lambda: None)

    def start_import_apply(self, plan_id: PlanId) -> None:
        apply_import(self.calls, plan_id, lambda: None)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    directory = tmp_path / "uploads"
    directory.mkdir()
    return directory


@pytest.fixture
def rest(calls: Calls, clock: FakeClock, uploads: Path) -> FastAPI:
    return build(calls, imports=AtOnce(calls, uploads), clock=clock)


@pytest.fixture
async def api(rest: FastAPI, calls: Calls, ada: User) -> AsyncIterator[httpx.AsyncClient]:
    async with client(rest, token_of(calls, ada)) as opened:
        yield opened


async def planned(api: httpx.AsyncClient, text: str, **options: str) -> dict[str, Any]:
    answer = await api.post("/api/v1/imports", files={"file": ("people.csv", text)}, data=options)
    assert answer.status_code == 202, answer.text
    shown: dict[str, Any] = (await api.get(answer.headers["Location"])).json()
    return shown


async def test_a_file_becomes_a_plan_and_the_plan_becomes_users(
    api: httpx.AsyncClient, bob: User, uploads: Path
) -> None:
    plan = await planned(api, "username,company,groups\nbob,Engines,\ndora,Looms,\neve,,nowhere\n")
    changes = (await api.get(f"/api/v1/plans/{plan['id']}/changes")).json()["items"]

    applied = await api.post(f"/api/v1/plans/{plan['id']}/apply")
    done = (await api.get(f"/api/v1/plans/{plan['id']}")).json()
    dora = (await api.get("/api/v1/users", params={"username": "dora"})).json()["items"][0]

    assert (plan["state"], plan["name"], plan["counts"]["rows"]) == ("planned", "people.csv", 3)
    assert [(change["target_name"], change["verdict"]) for change in changes] == [
        ("bob", "changed"),
        ("dora", "new"),
        ("eve", "invalid"),
    ]
    assert changes[0]["before"] == {"company": ""}
    assert (applied.status_code, done["state"], done["counts"]["applied"]) == (202, "applied", 2)
    assert (dora["company"], dora["source"]) == ("Looms", "csv")
    assert list(uploads.iterdir()) == []


async def test_failed_rows_come_back_as_a_file_with_reasons(api: httpx.AsyncClient) -> None:
    plan = await planned(api, "username,email\ndora,dora@example.com\neve,nope\n")

    answer = await api.get(f"/api/v1/plans/{plan['id']}/failed-rows")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["username"], row["email"]) for row in rows] == [("eve", "nope")]
    assert "email" in rows[0]["reason"]


async def test_changes_are_narrowed(api: httpx.AsyncClient) -> None:
    plan = await planned(api, "username,email\ndora,\neve,nope\n")
    path = f"/api/v1/plans/{plan['id']}/changes"

    new = (await api.get(path, params={"verdict": "new"})).json()["items"]
    first = (await api.get(path, params={"limit": 1})).json()
    second = (await api.get(path, params={"cursor": first["next_cursor"]})).json()

    assert [change["target_name"] for change in new] == ["dora"]
    assert [change["target_name"] for change in first["items"] + second["items"]] == ["dora", "eve"]


async def test_a_large_plan_wants_its_number(api: httpx.AsyncClient) -> None:
    names = [f"u{number}" for number in range(20)]
    first = await planned(api, "\n".join(["username", *names]))
    await api.post(f"/api/v1/plans/{first['id']}/apply")
    plan = await planned(api, "\n".join(["username,disabled", *(f"{name},true" for name in names)]))
    path = f"/api/v1/plans/{plan['id']}/apply"

    refused = await api.post(path)
    wrong = await api.post(path, json={"confirm_count": 19})
    right = await api.post(path, json={"confirm_count": 20})
    again = await api.post(path, json={"confirm_count": 20})

    assert plan["brake"] == {"action": "suspend", "count": 20, "people": 21}
    assert (refused.status_code, refused.json()["code"]) == (409, "braked")
    assert (wrong.status_code, wrong.json()["problems"][0]["value"]) == (409, 19)
    assert right.status_code == 202
    assert (again.status_code, again.json()["code"]) == (409, "not_now")


async def test_options_are_kept(api: httpx.AsyncClient) -> None:
    options = {"mode": "create", "ignore_unknown_columns": "true", "require_password_change": "true"}

    plan = await planned(api, "username,shoe size\ndora,7\n", **options)

    assert plan["options"] == {
        "mode": "create",
        "ignore_unknown_columns": True,
        "require_password_change": True,
    }
    assert plan["counts"]["new"] == 1


async def test_a_stopped_plan_is_not_applied(api: httpx.AsyncClient) -> None:
    plan = await planned(api, "username\ndora\n")

    stopped = await api.post(f"/api/v1/plans/{plan['id']}/stop")
    applied = await api.post(f"/api/v1/plans/{plan['id']}/apply")
    listed = (await api.get("/api/v1/plans", params={"state": "stopped"})).json()["items"]

    assert stopped.json()["state"] == "stopped"
    assert applied.status_code == 409
    assert [one["id"] for one in listed] == [plan["id"]]


async def test_the_template_has_every_column(api: httpx.AsyncClient) -> None:
    text = (await api.get("/api/v1/imports/template")).text
    plan = await planned(api, text)

    assert {"username", "email", "grants", "ssh_keys"} <= set(text.splitlines()[0].split(","))
    assert plan["counts"]["rows"] == 1


async def test_what_is_no_upload_is_refused_and_leaves_nothing(api: httpx.AsyncClient, uploads: Path) -> None:
    wrong = b'\r\n--b\r\nContent-Disposition: form-data; name="mode"\r\n\r\nsideways'
    unknown = wrong.replace(b"mode", b"colour")
    truth = wrong.replace(b"mode", b"ignore_unknown_columns")
    long = wrong.replace(b"sideways", b"x" * 5000)
    bodies = {
        b"": 400,
        b"username\nx\n": 400,
        FILE: 400,
        FILE + b"\r\n--b": 400,
        FILE + wrong + b"\r\n--b--": 422,
        FILE + unknown + b"\r\n--b--": 422,
        FILE + truth + b"\r\n--b--": 422,
        FILE + long + b"\r\n--b--": 422,
        FILE + b"\r\n" + FILE + b"\r\n--b--": 422,
        wrong[2:] + b"\r\n--b--": 422,
        b"--b\r\n\r\nx\r\n--b--": 422,
        b"--b--\r\n": 422,
    }

    for body, status in bodies.items():
        answer = await api.post("/api/v1/imports", content=body, headers=FORM)
        assert answer.status_code == status, (body[-80:], answer.text)
    no_form = await api.post("/api/v1/imports", content=FILE, headers={"Content-Type": "text/csv"})

    assert no_form.status_code == 400
    assert list(uploads.iterdir()) == []
    assert (await api.get("/api/v1/plans")).json()["items"] == []


async def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(
    calls: Calls, ada: User, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innkeeper.interfaces.rest.application.LARGEST_FILE", 10_000)
    app = build(calls, imports=AtOnce(calls, uploads))

    async with client(app, token_of(calls, ada)) as api:
        answer = await api.post("/api/v1/imports", files={"file": ("a.csv", b"x" * 20_000)})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert list(uploads.iterdir()) == []


async def test_who_may_not_import_is_told_before_the_file_is_read(
    rest: FastAPI, as_bob: httpx.AsyncClient, uploads: Path
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield FILE
        raise AssertionError("the file was read")

    answer = await as_bob.post("/api/v1/imports", content=endless(), headers=FORM)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert list(uploads.iterdir()) == []


async def test_a_server_without_jobs_says_so(calls: Calls, ada: User) -> None:
    async with client(build(calls), token_of(calls, ada)) as api:
        answer = await api.post("/api/v1/imports", files={"file": ("a.csv", b"username\nx\n")})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_now")
