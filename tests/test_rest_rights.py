"""Every route as a stranger, and every role on every route, printed for people to approve."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from innkeeper.actions import (
    api_keys,
    grants,
    groups,
    imports,
    mails,
    memberships,
    notifications,
    ssh_keys,
    users,
)
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import MailKind
from innkeeper.domain.plans import ImportOptions
from innkeeper.domain.users import User
from innkeeper.domain.words import Level, SubjectKind
from innkeeper.interfaces.rest import build
from innkeeper.kit.clock import utc_now
from innkeeper.kit.ids import new_id
from tests.conftest import SYSTEM, FakeClock
from tests.enrolling import enrol_app
from tests.file_rooms import make_rooms
from tests.live import Work
from tests.rest import KEY, client, connect, token_of

APPROVED = Path(__file__).parent / "approved" / "rest_rights.txt"
COLUMNS = (
    "stranger",
    "user",
    "themselves",
    "group_administrator",
    "read_only_administrator",
    "read_only_key",
    "site_administrator",
)
Ids = dict[str, str]

BODIES: dict[str, Callable[[Ids], Any]] = {
    "POST /users": lambda ids: {"username": fresh(), "groups": [ids["group"]]},
    "PATCH /users/{user_id}": lambda ids: {"name": "Dora"},
    "POST /users/{user_id}/clone": lambda ids: {"username": fresh()},
    "POST /users/{user_id}/suspend": lambda ids: {"reason": "left"},
    "POST /users/{user_id}/reset-password": lambda ids: {"password": "correct horse battery"},
    "POST /users/{user_id}/generate-password": lambda ids: {},
    "POST /groups": lambda ids: {"name": fresh()},
    "PATCH /groups/{group_id}": lambda ids: {"notes": "new"},
    "PUT /memberships/{group_id}/{member_id}": lambda ids: {},
    "POST /folders": lambda ids: {"path": f"/{fresh()}"},
    "PATCH /folders/{folder_id}": lambda ids: {"notes": "new"},
    "POST /grants": lambda ids: {
        "subject_kind": "user",
        "subject_id": ids["user_id"],
        "path": "/new",
        "level": "read",
    },
    "POST /notifications": lambda ids: {
        "subject_kind": "user",
        "subject_id": ids["user_id"],
        "path": f"{ids['folder_path']}/below",
    },
    "PATCH /notifications/{notification_id}": lambda ids: {"frequency": "daily"},
    "PATCH /grants/{grant_id}": lambda ids: {"level": "list"},
    "POST /ssh-keys": lambda ids: {"user_id": ids["user_id"], "public_key": OTHER_KEY},
    "POST /ssh-keys/generate": lambda ids: {"user_id": ids["user_id"]},
    "PATCH /ssh-keys/{key_id}": lambda ids: {"label": "desk"},
    "POST /api-keys": lambda ids: {"user_id": ids["user_id"], "name": "another"},
    "PATCH /api-keys/{key_id}": lambda ids: {"name": "nightly"},
    "POST /factors": lambda ids: {"user_id": ids["user_id"], "kind": "totp", "name": "another"},
    "PATCH /factors/{factor_id}": lambda ids: {"name": "mine"},
    "POST /factors/{factor_id}/confirm": lambda ids: {"code": "000000"},
    "POST /files/folders": lambda ids: {"path": f"{ids['folder_path']}/new"},
    "POST /files/move": lambda ids: moved(ids),
    "POST /files/copy": lambda ids: moved(ids),
    "PATCH /settings": lambda ids: {"session_hours": 11},
    "POST /plans/{plan_id}/apply": lambda ids: {},
}
FILE = {"path": lambda ids: f"{ids['folder_path']}/file"}
FOLDER = {"path": lambda ids: ids["folder_path"]}
QUERIES: dict[str, dict[str, Any]] = {
    "GET /users/{user_id}/admission": {"interface": "sftp", "address": "192.0.2.7"},
    "GET /files": FOLDER,
    "DELETE /files": FILE,
    "GET /files/stat": FILE,
    "GET /files/content": FILE,
    "HEAD /files/content": FILE,
    "PUT /files/content": FILE,
    "GET /files/archive": FOLDER,
}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEs8YV8Ji5+wcm6a1Gk3yoQ1b6pKZzZ9jv4h3o0q9Xyz x"


def moved(ids: Ids) -> Any:
    path = ids["folder_path"]
    return {"path": f"{path}/file", "new_path": f"{path}/new"}


def fresh() -> str:
    return new_id()[-12:]


class Stage:
    """The cast, and for each request a new Dora with one of everything, in a group that Carl administers."""

    def __init__(self, calls: Calls, directory: Path) -> None:
        self.calls = calls
        self.rooms = make_rooms(calls, directory)
        self.files = directory / "files"
        self.carl = self._user("carl")
        ada = self._user("ada", roles=["site_administrator"])
        self.tokens: dict[str, str | None] = {
            "stranger": None,
            "user": token_of(calls, self._user("bob")),
            "group_administrator": token_of(calls, self.carl),
            "read_only_administrator": token_of(calls, self._user("rita", roles=["read_only_administrator"])),
            "read_only_key": token_of(calls, ada, is_read_only=True),
            "site_administrator": token_of(calls, ada),
        }

    def target(self) -> tuple[Ids, str]:
        """The ids of everything of a new Dora's, and her token."""
        group = self.calls.write_now(SYSTEM, groups.create, {"name": fresh()})
        carl = self.carl.id
        self.calls.write_now(SYSTEM, memberships.add, group.id, SubjectKind.USER, carl, is_admin=True)
        dora = self._user(fresh(), groups=[group.name])
        key = self.calls.write_now(SYSTEM, ssh_keys.add, dora.id, KEY)
        path = f"/{dora.username}"
        grant = self.calls.write_now(SYSTEM, grants.add, path, SubjectKind.USER, dora.id, Level.READ)
        told = self.calls.write_now(SYSTEM, notifications.add, path, SubjectKind.USER, dora.id)
        (self.files / dora.username).mkdir()
        (self.files / dora.username / "file").write_bytes(b"hers")
        api_key, _ = self.calls.write_now(SYSTEM, api_keys.create, dora.id, "hers")
        plan = self.calls.write_now(SYSTEM, imports.begin, "users.csv", ImportOptions())
        self.calls.write_now(SYSTEM, mails.queue, MailKind.NEW_DEVICE, dora, {}, to="dora@example.com")
        mail = self.calls.read_now(SYSTEM, mails.page, user_id=dora.id).items[0].mail
        sftp = Caller("sftp", "127.0.0.1")
        connection = self.calls.write_now(sftp, connect, dora.username, key.id)
        token = token_of(self.calls, dora)
        enrolled, _ = enrol_app(self.calls, Caller("api", api_key=token), dora)
        ids = {
            "user_id": dora.id,
            "member_id": dora.id,
            "group_id": group.id,
            "group": group.name,
            "folder_id": grant.folder_id,
            "folder_path": path,
            "grant_id": grant.id,
            "notification_id": told.id,
            "ssh-keys": key.id,
            "api-keys": api_key.id,
            "session_id": connection.session_id,
            "connection_id": connection.id,
            "plan_id": plan.id,
            "mail_id": mail.id,
            "factor_id": enrolled.factor.id,
            "token": "sealed",
        }
        return ids, token

    def _user(self, username: str, **values: Any) -> User:
        return self.calls.write_now(SYSTEM, users.create, {"username": username, **values})


def routes(app: FastAPI) -> list[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return [
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in paths.items()
        for method in methods
    ]


def filled(path: str, ids: Ids) -> str:
    noun = path.split("/")[1]
    return "/api/v1" + path.format(**ids, key_id=ids.get(noun, ""))


async def asked(app: FastAPI, token: str | None, route: tuple[str, str], ids: Ids) -> int:
    method, path = route
    make = BODIES.get(f"{method} {path}")
    sent: dict[str, Any] = {"json": make(ids)} if make else {}
    query = QUERIES.get(f"{method} {path}", {})
    sent["params"] = {name: value(ids) if callable(value) else value for name, value in query.items()}
    if path.startswith("/uploads"):
        where = base64.b64encode(f"{ids['folder_path']}/sent".encode()).decode()
        sent["headers"] = {**TUS, "Upload-Length": "3", "Upload-Metadata": f"path {where}"}
    if path.startswith("/uploads") and method in ("POST", "PATCH"):
        sent["headers"]["Content-Type"] = "application/offset+octet-stream"
        sent["content"] = b"abc"
    if method == "PUT" and path == "/files/content":
        sent["content"] = b"abc"
    if route == ("POST", "/imports"):
        sent = {"files": {"file": ("users.csv", b"username\nx\n", "text/csv")}}
    async with client(app, token) as opened:
        return (await opened.request(method, filled(path, ids), **sent)).status_code


async def test_a_stranger_gets_nowhere(calls: Calls, clock: FakeClock, tmp_path: Path) -> None:
    clock.now = utc_now()  # rooms know no other
    stage = Stage(calls, tmp_path)
    app = build(calls, imports=Work(tmp_path), rooms=stage.rooms, clock=clock)
    ids, _ = stage.target()

    for token in (None, "ink_wrong"):
        answers = {route: await asked(app, token, route, ids) for route in routes(app)}
        assert {401, 429} >= set(answers.values()), answers
        assert token is not None or set(answers.values()) == {401}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_each_role_may_do_is_approved(calls: Calls, clock: FakeClock, tmp_path: Path) -> None:
    clock.now = utc_now()  # rooms know no other
    stage = Stage(calls, tmp_path)
    app = build(calls, imports=Work(tmp_path), rooms=stage.rooms, clock=clock)
    lines = ["route".ljust(48) + "".join(column.rjust(25) for column in COLUMNS)]
    for route in routes(app):
        statuses = []
        for column in COLUMNS:
            ids, own = stage.target()
            token = own if column == "themselves" else stage.tokens[column]
            statuses.append(await asked(app, token, route, ids))
        lines.append(" ".join(route).ljust(48) + "".join(str(status).rjust(25) for status in statuses))
    table = "\n".join(lines) + "\n"

    if os.environ.get("APPROVE"):
        APPROVED.write_text(table)
    assert APPROVED.read_text() == table


async def test_every_route_with_a_body_is_tried_with_one(calls: Calls) -> None:
    paths = build(calls).openapi()["paths"]
    with_bodies = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }

    bytes_sent = {"POST /imports", "PUT /files/content", "POST /uploads", "PATCH /uploads/{token}"}
    assert with_bodies - set(BODIES) == bytes_sent
