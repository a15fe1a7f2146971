"""Users by REST: each verb works, is refused, and answers in the documented form."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from innkeeper.domain.groups import Group
from innkeeper.domain.users import User
from tests.conftest import FakeClock
from tests.rest import KEY


async def test_create_answers_the_whole_user(as_ada: httpx.AsyncClient, staff: Group) -> None:
    values = {
        "username": "dora",
        "password": "correct horse battery",
        "groups": ["staff"],
        "grants": ["/projects/a:read", "/inbox:write:only"],
        "ssh_keys": [KEY],
        "tags": ["x"],
        "access_expires_at": "2027-03-31",
        "attributes": {"badge": 7},
    }

    answer = await as_ada.post("/api/v1/users", json=values)

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    document = answer.json()
    assert f"/api/v1/users/{document['id']}" == answer.headers["Location"]
    expected = {"status": "active", "groups": ["Staff"], "ssh_keys": [KEY], "has_password": True}
    assert expected.items() <= document.items()
    assert document["grants"] == ["/projects/a:read", "/inbox:write:only"]
    assert document["access_expires_at"] == "2027-04-01T00:00:00Z"
    assert document == (await as_ada.get(f"/api/v1/users/{document['id']}")).json()
    assert "argon2" not in answer.text


async def test_what_was_shown_can_be_sent_back(as_ada: httpx.AsyncClient, bob: User) -> None:
    shown = (await as_ada.get(f"/api/v1/users/{bob.id}")).json()
    schema = (await as_ada.get("/api/v1/openapi.json")).json()["components"]["schemas"]["UserFields"]
    settable = {name: shown[name] for name in schema["properties"] if name in shown}

    answer = await as_ada.patch(f"/api/v1/users/{bob.id}", json=settable)

    assert shown == answer.json()


async def test_every_problem_is_named_at_once(as_ada: httpx.AsyncClient) -> None:
    values = {"username": "a b", "email": "nope", "disabled": "yes", "colour": "red", "password": 7}

    answer = await as_ada.post("/api/v1/users", json=values)

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["code"] == "invalid"
    assert set(values) == {entry["field"] for entry in problem["problems"]}
    assert {"a b", "nope", "yes", None} == {entry["value"] for entry in problem["problems"]}


async def test_a_taken_name_is_a_conflict(as_ada: httpx.AsyncClient, bob: User) -> None:
    answer = await as_ada.post("/api/v1/users", json={"username": "BOB"})

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert answer.json()["problems"][0]["value"] == "BOB"


async def test_an_edit_of_what_has_changed_is_refused(as_ada: httpx.AsyncClient, bob: User) -> None:
    seen = (await as_ada.get(f"/api/v1/users/{bob.id}")).headers["ETag"]
    first = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"company": "A"}, headers={"If-Match": seen})

    second = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"company": "B"}, headers={"If-Match": seen})

    assert (first.status_code, first.headers["ETag"], first.json()["company"]) == (200, '"2"', "A")
    assert (second.status_code, second.json()["code"]) == (412, "stale")


@pytest.mark.parametrize("tag", ["*", '"1"', "1"])
async def test_an_edit_of_what_was_seen_goes_through(as_ada: httpx.AsyncClient, bob: User, tag: str) -> None:
    answer = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"company": "A"}, headers={"If-Match": tag})

    assert answer.status_code == 200


@pytest.mark.parametrize("tag", ['"x"', '""', "²", '"' + "9" * 40 + '"'])
async def test_a_tag_that_is_none_of_ours_does_not_match(
    as_ada: httpx.AsyncClient, bob: User, tag: str
) -> None:
    answer = await as_ada.patch(
        f"/api/v1/users/{bob.id}", json={"company": "A"}, headers={b"If-Match": tag.encode("latin-1")}
    )

    assert answer.status_code == 412


async def test_suspend_reactivate_unlock_delete_restore(as_ada: httpx.AsyncClient, bob: User) -> None:
    path = f"/api/v1/users/{bob.id}"

    suspended = (await as_ada.post(f"{path}/suspend", json={"reason": "left"})).json()
    again = (await as_ada.post(f"{path}/suspend")).json()
    active = (await as_ada.post(f"{path}/reactivate")).json()
    unlocked = await as_ada.post(f"{path}/unlock")
    gone = await as_ada.delete(path)
    deleted = (await as_ada.get(path)).json()
    restored = (await as_ada.post(f"{path}/restore")).json()

    assert (suspended["status"], suspended["suspend_reason"]) == ("suspended", "left")
    assert suspended == again
    assert active["status"] == "active"
    assert (unlocked.status_code, gone.status_code) == (200, 204)
    assert (deleted["status"], restored["status"]) == ("deleted", "active")


async def test_a_deleted_user_cannot_be_edited(as_ada: httpx.AsyncClient, bob: User) -> None:
    await as_ada.delete(f"/api/v1/users/{bob.id}")

    answer = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"company": "A"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_now")


async def test_clone_takes_settings_but_no_secrets(as_ada: httpx.AsyncClient, bob: User) -> None:
    await as_ada.patch(f"/api/v1/users/{bob.id}", json={"company": "Engines", "ssh_keys": [KEY]})

    copy = await as_ada.post(f"/api/v1/users/{bob.id}/clone", json={"username": "bob2"})

    shown = copy.json()
    assert (
        copy.status_code,
        shown["company"],
        shown["ssh_keys"],
        shown["has_password"],
    ) == (201, "Engines", [], False)


async def test_a_reset_password_must_keep_the_rules(as_ada: httpx.AsyncClient, bob: User) -> None:
    path = f"/api/v1/users/{bob.id}/reset-password"

    short = await as_ada.post(path, json={"password": "abc"})
    wrong = await as_ada.post(path, json={"password": ["secret thing"]})
    good = await as_ada.post(path, json={"password": "correct horse battery"})

    assert (short.status_code, short.json()["problems"][0]["code"]) == (422, "password_too_short")
    assert (wrong.status_code, wrong.json()["problems"][0]["value"]) == (422, None)
    assert "secret thing" not in wrong.text
    assert good.status_code == 204
    assert (await as_ada.get(f"/api/v1/users/{bob.id}")).json()["require_password_change"] is True


async def test_access_says_what_may_be_done_and_why(
    as_ada: httpx.AsyncClient, bob: User, staff: Group
) -> None:
    await as_ada.patch(f"/api/v1/users/{bob.id}", json={"groups": ["Staff"]})
    wanted = {"subject_kind": "group", "subject_id": staff.id, "path": "/team", "level": "read"}
    await as_ada.post("/api/v1/grants", json=wanted)

    below = (await as_ada.get(f"/api/v1/users/{bob.id}/access", params={"path": "/team/a/../b"})).json()
    above = (await as_ada.get(f"/api/v1/users/{bob.id}/access")).json()

    assert (
        below["path"],
        below["abilities"],
        below["groups"],
    ) == ("/team/b", ["list", "preview", "read"], ["Staff"])
    assert [staff.id] == [grant["subject_id"] for grant in below["grants"]]
    assert (above["abilities"], above["may_enter"]) == ([], True)


async def test_lists_are_narrowed_sorted_and_cut_into_pages(as_ada: httpx.AsyncClient) -> None:
    for number in range(5):
        await as_ada.post("/api/v1/users", json={"username": f"u{number}", "tags": ["crew"]})
    seen: list[str] = []
    query: dict[str, str | int] = {"tag": "crew", "sort": "-username", "limit": 2}

    while True:
        page = (await as_ada.get("/api/v1/users", params=query)).json()
        seen += [user["username"] for user in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert seen == ["u4", "u3", "u2", "u1", "u0"]


async def test_one_user_is_found_by_name(as_ada: httpx.AsyncClient, bob: User) -> None:
    found = (await as_ada.get("/api/v1/users", params={"username": "BOB"})).json()
    nobody = (await as_ada.get("/api/v1/users", params={"username": "nobody"})).json()

    assert [bob.id] == [user["id"] for user in found["items"]]
    assert nobody == {"items": [], "next_cursor": None}


async def test_status_is_told_by_the_clock(as_ada: httpx.AsyncClient, bob: User, clock: FakeClock) -> None:
    await as_ada.patch(
        f"/api/v1/users/{bob.id}", json={"access_expires_at": datetime(2026, 3, 3, tzinfo=UTC).isoformat()}
    )
    clock.now += timedelta(days=2)

    expired = (await as_ada.get("/api/v1/users", params={"status": "expired"})).json()

    assert [(bob.id, "expired")] == [(user["id"], user["status"]) for user in expired["items"]]


async def test_me_is_the_owner_of_the_key(as_bob: httpx.AsyncClient, bob: User) -> None:
    answer = await as_bob.get("/api/v1/me")

    assert (200, bob.id) == (answer.status_code, answer.json()["id"])
