"""The other nouns by REST: each verb works, is refused, and answers in the documented form."""

from typing import Any

import httpx

from innkeeper.actions import ssh_keys, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.groups import Group
from innkeeper.domain.users import User
from tests.conftest import SYSTEM
from tests.rest import KEY, connect


async def test_groups_are_made_changed_found_and_deleted(as_ada: httpx.AsyncClient) -> None:
    made = await as_ada.post("/api/v1/groups", json={"name": "Crew", "protocols": ["sftp"]})
    path = made.headers["Location"]

    edited = await as_ada.patch(path, json={"notes": "new"}, headers={"If-Match": made.headers["ETag"]})
    stale = await as_ada.patch(path, json={"notes": "newer"}, headers={"If-Match": made.headers["ETag"]})
    found = (await as_ada.get("/api/v1/groups", params={"name": "CREW"})).json()["items"]
    wrong = await as_ada.patch(path, json={"name": "a,b", "colour": "red", "protocols": ["gopher"]})
    gone = await as_ada.delete(path)

    assert (made.status_code, made.json()["protocols"]) == (201, ["sftp"])
    assert (edited.json()["notes"], edited.headers["ETag"]) == ("new", '"2"')
    assert stale.status_code == 412
    assert [group["id"] for group in found] == [made.json()["id"]]
    assert {problem["field"] for problem in wrong.json()["problems"]} == {"name", "colour", "protocols"}
    assert (gone.status_code, (await as_ada.get(path)).status_code) == (204, 404)


async def test_memberships_are_put_listed_and_removed(
    as_ada: httpx.AsyncClient, bob: User, staff: Group
) -> None:
    path = f"/api/v1/memberships/{staff.id}/{bob.id}"

    plain = await as_ada.put(path)
    changed = await as_ada.put(path, json={"is_admin": True, "ends_at": "2027-01-01"})
    of_group = (await as_ada.get("/api/v1/memberships", params={"group_id": staff.id})).json()["items"]
    of_user = (await as_ada.get("/api/v1/memberships", params={"user_id": bob.id})).json()["items"]
    every = (await as_ada.get("/api/v1/memberships")).json()["items"]
    gone = await as_ada.delete(path)
    again = await as_ada.delete(path)

    assert plain.json()["is_admin"] is False
    assert (changed.json()["is_admin"], changed.json()["ends_at"]) == (True, "2027-01-02T00:00:00Z")
    assert of_group == of_user == every == [changed.json()]
    assert (gone.status_code, again.status_code) == (204, 404)


async def test_a_window_that_ends_before_it_begins_is_refused(
    as_ada: httpx.AsyncClient, bob: User, staff: Group
) -> None:
    window = {"starts_at": "2027-02-01", "ends_at": "2027-01-01"}

    answer = await as_ada.put(f"/api/v1/memberships/{staff.id}/{bob.id}", json=window)

    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "ends_at")


async def test_groups_do_not_nest_in_a_circle(as_ada: httpx.AsyncClient, staff: Group) -> None:
    inner = (await as_ada.post("/api/v1/groups", json={"name": "Inner"})).json()["id"]
    group = {"member_kind": "group"}
    await as_ada.put(f"/api/v1/memberships/{staff.id}/{inner}", json=group)

    answer = await as_ada.put(f"/api/v1/memberships/{inner}/{staff.id}", json=group)

    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "circle")


async def test_folders_are_made_fenced_found_and_forgotten(as_ada: httpx.AsyncClient) -> None:
    made = await as_ada.post("/api/v1/folders", json={"path": "/a/./b/", "is_fenced": True})
    path = made.headers["Location"]

    again = await as_ada.post("/api/v1/folders", json={"path": "/a/b"})
    edited = await as_ada.patch(path, json={"is_fenced": False}, headers={"If-Match": '"1"'})
    moved = await as_ada.patch(path, json={"path": "/c"})
    found = (await as_ada.get("/api/v1/folders", params={"text": "a/"})).json()["items"]
    gone = await as_ada.delete(path)

    assert (made.json()["path"], made.json()["is_fenced"]) == ("/a/b", True)
    assert (again.status_code, edited.json()["is_fenced"], moved.status_code) == (409, False, 422)
    assert [folder["path"] for folder in found] == ["/a/b"]
    assert gone.status_code == 204


async def test_grants_are_added_changed_listed_and_removed(as_ada: httpx.AsyncClient, bob: User) -> None:
    wanted: dict[str, Any] = {"subject_kind": "user", "subject_id": bob.id, "path": "/in", "level": "write"}
    made = await as_ada.post("/api/v1/grants", json=wanted)
    path = made.headers["Location"]

    twice = await as_ada.post("/api/v1/grants", json=wanted)
    edited = await as_ada.patch(path, json={"is_recursive": False})
    nobody = await as_ada.post("/api/v1/grants", json=wanted | {"subject_id": "nobody"})
    wrong = await as_ada.post("/api/v1/grants", json=wanted | {"level": "some", "path": "in", "x": 1})
    listed = (await as_ada.get("/api/v1/grants", params={"subject_id": bob.id})).json()["items"]
    gone = await as_ada.delete(path)

    assert (made.status_code, twice.status_code, nobody.status_code) == (201, 409, 404)
    assert (edited.json()["level"], edited.json()["is_recursive"]) == ("write", False)
    assert {problem["field"] for problem in wrong.json()["problems"]} == {"level", "path", "x"}
    assert [grant["path"] for grant in listed] == ["/in"]
    assert gone.status_code == 204


async def test_ssh_keys_are_added_once_found_and_removed(as_ada: httpx.AsyncClient, bob: User) -> None:
    wanted = {"user_id": bob.id, "public_key": KEY}
    made = await as_ada.post("/api/v1/ssh-keys", json=wanted)

    twice = await as_ada.post("/api/v1/ssh-keys", json=wanted)
    bad = await as_ada.post("/api/v1/ssh-keys", json=wanted | {"public_key": "ssh-rsa AAAA"})
    prints = {"fingerprint": made.json()["fingerprint"]}
    found = (await as_ada.get("/api/v1/ssh-keys", params=prints)).json()["items"]
    gone = await as_ada.delete(made.headers["Location"])

    assert (made.json()["label"], made.json()["algorithm"]) == ("bob@laptop", "ssh-ed25519")
    assert (twice.status_code, bad.status_code, gone.status_code) == (409, 422, 204)
    assert [key["user_id"] for key in found] == [bob.id]


async def test_an_api_key_works_until_it_is_revoked(as_ada: httpx.AsyncClient, bob: User) -> None:
    wanted = {"user_id": bob.id, "name": "nightly", "is_read_only": True}
    made = await as_ada.post("/api/v1/api-keys", json=wanted)
    headers = {"Authorization": f"Bearer {made.json()['token']}"}

    before = await as_ada.get("/api/v1/me", headers=headers)
    written = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"name": "B"}, headers=headers)
    await as_ada.delete(made.headers["Location"])
    after = await as_ada.get("/api/v1/me", headers=headers)

    assert (before.json()["username"], written.status_code, after.status_code) == ("bob", 403, 401)


async def test_sessions_and_connections_are_listed_and_ended(as_ada: httpx.AsyncClient, calls: Calls) -> None:
    dora = calls.write_now(SYSTEM, users.create, {"username": "dora"})
    key = calls.write_now(SYSTEM, ssh_keys.add, dora.id, KEY)
    calls.write_now(Caller("sftp", "127.0.0.1"), connect, "dora", key.id)

    connection = (await as_ada.get("/api/v1/connections")).json()["items"][0]
    session = (await as_ada.get("/api/v1/sessions")).json()["items"][0]
    ended = await as_ada.delete(f"/api/v1/connections/{connection['id']}")
    open_now = (await as_ada.get("/api/v1/sessions")).json()["items"]
    closed = (await as_ada.get("/api/v1/sessions", params={"only_open": "false"})).json()["items"]
    rest = (await as_ada.delete(f"/api/v1/users/{session['user_id']}/sessions")).json()

    assert (connection["session_id"], session["interface"]) == (session["id"], "sftp")
    assert (ended.status_code, open_now, rest) == (204, [], {"ended": 0})
    assert [one["end_reason"] for one in closed] == ["revoked"]


async def test_events_are_narrowed(as_ada: httpx.AsyncClient, bob: User) -> None:
    await as_ada.post(f"/api/v1/users/{bob.id}/suspend", json={"reason": "left"})
    query = {"user_id": bob.id, "kind": "user.s", "interface": "api", "since": "2026-01-01T00:00:00Z"}

    events = (await as_ada.get("/api/v1/events", params=query)).json()["items"]
    none = (await as_ada.get("/api/v1/events", params={"until": "2026-01-01"})).json()["items"]

    assert [(event["kind"], event["target"]["name"]) for event in events] == [("user.suspended", "bob")]
    assert (events[0]["actor_name"], events[0]["data"]) == ("ada", {"reason": "left"})
    assert none == []


async def test_settings_are_changed_but_never_so_that_one_is_locked_out(as_ada: httpx.AsyncClient) -> None:
    changed = await as_ada.patch("/api/v1/settings", json={"site_name": "Engines", "session_hours": 11})
    shut = await as_ada.patch("/api/v1/settings", json={"protocols": ["sftp"]})
    away = await as_ada.patch("/api/v1/settings", json={"allowed_ips": ["198.51.100.0/24"]})
    wrong = await as_ada.patch("/api/v1/settings", json={"session_hours": 0, "brake_percent": "x"})

    assert changed.json() == (await as_ada.get("/api/v1/settings")).json()
    assert (changed.json()["site_name"], shut.status_code, away.status_code) == ("Engines", 409, 409)
    assert {problem["field"] for problem in wrong.json()["problems"]} == {"session_hours", "brake_percent"}
