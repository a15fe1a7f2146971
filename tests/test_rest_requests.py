"""What every route has in common: refusals, keys for once only, limits, and whatever clients may send."""

import asyncio
import base64
import json
from itertools import product
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from innkeeper.actions import events, imports
from innkeeper.actions.calls import Calls
from innkeeper.domain.plans import ImportOptions
from innkeeper.domain.queries import USER_SORTS, EventQuery
from innkeeper.domain.users import User
from innkeeper.interfaces.rest import build
from innkeeper.kit.gate import Gate, Limits
from tests.conftest import SYSTEM, FakeClock
from tests.rest import client, token_of

JSON = {"Content-Type": "application/json"}
NOUNS = ("users", "groups", "folders", "grants", "ssh-keys", "api-keys", "sessions", "connections", "plans")
BAD_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"NaN",
    b"1e999",
    b"9" * 5000,
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"username": "\\ud800"}',
    b'{"username": "a\\u0000b"}',
    b'{"attributes": {"a\\u0000": 1}}',
    b'{"attributes": {"a": [{"b": "\\u0000"}]}}',
    b'{"attributes": {"a": 99999999999999999999999}}',
    b'{"username": 99999999999999999999999}',
    b'{"username": {"a": {}}}',
    b'{"username": "x", "attributes": {"a": NaN}}',
    b'{"username": "x", "access_expires_at": "9999-12-31"}',
    b'{"username": "x", "access_expires_at": "0001-01-01T00:00:00+23:59"}',
    b'{"username": "x", "grants": ["/../..:\\ud83d\\ude00"]}',
    b'{"username": "x", "ssh_keys": ["ssh-rsa AAAA"]}',
    b'{"username": "x", "allowed_ips": ["::/0/0"]}',
    b'{"username": "x", "time_zone": "../etc/passwd"}',
    b'{"username": "x", "roles": [["site_administrator"]]}',
    b'{"username": "x", "language": []}',
    b'{"username": "x", "primary_group": "nobody"}',
]
BAD_IDS = ("nobody", "%00", "%ED%A0%80", "a%2Fb", "..%2f..", "x" * 5000, "%F0%9F%98%80")
BAD_QUERIES = (
    "limit=0",
    "limit=1001",
    "limit=99999999999999999999999",
    "limit=x",
    "sort=colour",
    "status=dead",
    "expires_before=yesterday",
    "text=%00",
    "cursor=%00",
)
# Keys of every shape that this server could have packed, and some that it could not.
BAD_KEYS: list[Any] = [
    ["x"],
    [""],
    ["a\x00"],
    ["\ud800"],
    [7],
    [2**40],
    [2**62],
    [2**80],
    [True],
    [None],
    [1.5],
    [[]],
    ["2026-01-01", "x"],
    ["0001-01-01T00:00:00+14:00", "x"],
    [7, "x"],
    ["x", 7],
    [],
    {},
    "x",
]


def kinds(calls: Calls) -> list[str]:
    return [event.kind.value for event in calls.read_now(SYSTEM, events.page, EventQuery(limit=100)).items]


async def test_a_repeated_request_has_one_effect_and_one_answer(
    as_ada: httpx.AsyncClient, calls: Calls
) -> None:
    headers = {"Idempotency-Key": "first-1"}
    values = {"username": "dora", "password": "correct horse battery"}

    first = await as_ada.post("/api/v1/users", json=values, headers=headers)
    again = await as_ada.post("/api/v1/users", json=values, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    assert kinds(calls).count("user.created") == 2  # Ada and Dora


async def test_requests_that_race_under_one_key_have_one_effect(
    as_ada: httpx.AsyncClient, calls: Calls
) -> None:
    headers = {"Idempotency-Key": "race"}

    answers = await asyncio.gather(
        *(as_ada.post("/api/v1/groups", json={"name": "Crew"}, headers=headers) for _ in range(5))
    )

    assert {201} == {answer.status_code for answer in answers}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert kinds(calls).count("group.created") == 1


async def test_a_key_is_good_for_one_request_only(as_ada: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "first"}
    await as_ada.post("/api/v1/groups", json={"name": "Crew"}, headers=headers)

    other = await as_ada.post("/api/v1/groups", json={"name": "Others"}, headers=headers)

    assert (other.status_code, other.json()["problems"][0]["code"]) == (422, "key_reused")


async def test_keys_of_different_callers_do_not_meet(
    rest: FastAPI, calls: Calls, as_ada: httpx.AsyncClient
) -> None:
    second = (
        await as_ada.post("/api/v1/users", json={"username": "eve", "roles": ["site_administrator"]})
    ).json()
    token = (await as_ada.post("/api/v1/api-keys", json={"user_id": second["id"], "name": "k"})).json()[
        "token"
    ]
    headers = {"Idempotency-Key": "same"}
    await as_ada.post("/api/v1/groups", json={"name": "Crew"}, headers=headers)

    async with client(rest, token) as as_eve:
        answer = await as_eve.post("/api/v1/groups", json={"name": "Crew"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


async def test_a_key_is_forgotten_after_a_day_and_a_refusal_at_once(
    as_ada: httpx.AsyncClient, clock: FakeClock
) -> None:
    headers = {"Idempotency-Key": "first"}
    refused = await as_ada.post("/api/v1/groups", json={"name": ""}, headers=headers)
    first = await as_ada.post("/api/v1/groups", json={"name": "Crew"}, headers=headers)
    clock.advance(hours=25)

    later = await as_ada.post("/api/v1/groups", json={"name": "Crew"}, headers=headers)

    assert [answer.status_code for answer in (refused, first, later)] == [422, 201, 409]


async def test_a_token_is_shown_once_and_kept_nowhere(
    as_ada: httpx.AsyncClient, bob: User, calls: Calls
) -> None:
    headers = {"Idempotency-Key": "token"}
    wanted = {"user_id": bob.id, "name": "nightly"}

    first = await as_ada.post("/api/v1/api-keys", json=wanted, headers=headers)
    again = await as_ada.post("/api/v1/api-keys", json=wanted, headers=headers)
    listed = await as_ada.get("/api/v1/api-keys", params={"user_id": bob.id})

    assert first.status_code == 201, first.text
    token = first.json()["token"]
    assert (again.status_code, again.json()["code"]) == (409, "already_done")
    assert first.json()["id"] in again.json()["detail"]
    assert token not in again.text + listed.text
    assert len(listed.json()["items"]) == 1


async def test_a_stranger_learns_how_to_come_in(rest: FastAPI) -> None:
    async with client(rest) as stranger:
        answer = await stranger.get("/api/v1/users")

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer ink_nope", "Bearer é", "x"])
async def test_wrong_credentials_are_all_alike(rest: FastAPI, ada: User, header: str) -> None:
    async with client(rest) as stranger:
        answer = await stranger.get("/api/v1/users", headers={b"Authorization": header.encode("latin-1")})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_an_address_with_too_many_wrong_keys_must_wait_but_a_good_key_need_not(
    calls: Calls, ada: User
) -> None:
    app = build(calls, gate=Gate(Limits(failures_until_ban=3)))

    async with client(app, "ink_wrong") as stranger:
        answers = [await stranger.get("/api/v1/me") for _ in range(4)]
    async with client(app, token_of(calls, ada)) as opened:
        good = await opened.get("/api/v1/me")

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].headers["Retry-After"].isdigit()
    assert good.status_code == 200


async def test_no_body_breaks_anything(as_ada: httpx.AsyncClient) -> None:
    for body in BAD_BODIES:
        answer = await as_ada.post("/api/v1/users", content=body, headers=JSON)

        assert answer.status_code in (400, 422), (body, answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


async def test_a_byte_order_mark_is_forgiven(as_ada: httpx.AsyncClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"name": "Crew"}).encode()

    assert (await as_ada.post("/api/v1/groups", content=body, headers=JSON)).status_code == 201


async def test_another_content_type_is_no_json(as_ada: httpx.AsyncClient) -> None:
    answer = await as_ada.post(
        "/api/v1/groups", content=b'{"name": "Crew"}', headers={"Content-Type": "text/csv"}
    )

    assert answer.status_code == 422


async def test_a_body_beyond_one_mebibyte_is_refused(as_ada: httpx.AsyncClient) -> None:
    body = json.dumps({"name": "Crew", "notes": "x" * 1024 * 1024}).encode()

    answer = await as_ada.post("/api/v1/groups", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_an_id_of_nothing_is_not_found(as_ada: httpx.AsyncClient) -> None:
    for noun, part in product(NOUNS, BAD_IDS):
        answer = await as_ada.get(f"/api/v1/{noun}/{part}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (noun, part)


async def test_a_bad_question_is_named(as_ada: httpx.AsyncClient) -> None:
    for query in BAD_QUERIES:
        answer = await as_ada.get(f"/api/v1/users?{query}")

        assert (answer.status_code, len(answer.json()["problems"])) == (422, 1), query


async def test_a_cursor_from_elsewhere_never_breaks(as_ada: httpx.AsyncClient, calls: Calls) -> None:
    plan = calls.write_now(SYSTEM, imports.begin, "users.csv", ImportOptions())
    sorts = [f"users?sort={sort}" for sort in USER_SORTS]
    lists = [*NOUNS, "memberships", "events", f"plans/{plan.id}/changes", *sorts]
    cursors = ["x", "W10", "bnVsbA", "é", *(packed(key) for key in BAD_KEYS)]

    for path, cursor in product(lists, cursors):
        answer = await as_ada.get(f"/api/v1/{path}", params={"cursor": cursor, **sorting(path)})

        assert answer.status_code in (200, 400), (path, cursor)
        if answer.status_code == 400:
            assert answer.json()["code"] == "bad_cursor"


def packed(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def sorting(path: str) -> dict[str, str]:
    _, _, sort = path.partition("sort=")
    return {"sort": sort} if sort else {}


async def test_nothing_is_at_an_address_without_a_route(rest: FastAPI) -> None:
    async with client(rest) as stranger:
        missing = await stranger.get("/api/v2/users")
        wrong = await stranger.put("/api/v1/users")

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, POST")


async def test_a_defect_is_answered_without_a_word_about_it(
    as_ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("innkeeper.actions.portraits.own", broken)
    answer = await as_ada.get("/api/v1/me")

    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    assert "secret detail" not in answer.text


async def test_the_reader_shows_every_operation_and_needs_nothing_from_elsewhere(rest: FastAPI) -> None:
    async with client(rest) as stranger:
        page = await stranger.get("/api/docs")
        style = await stranger.get("/api/docs/style.css")

    assert (page.status_code, style.status_code) == (200, 200)
    assert "<script" not in page.text
    assert "//" not in page.text.replace("https://www.rfc-editor.org", "")
    for path, methods in rest.openapi()["paths"].items():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.text, path
