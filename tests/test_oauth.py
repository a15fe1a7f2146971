"""The OAuth endpoints by the letter of RFC 6749, 7009, 8414 and 8628, and their tokens at the API."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from innkeeper.actions import desktop, sessions
from innkeeper.actions.calls import Calls
from innkeeper.domain.users import User
from innkeeper.interfaces.oauth import make_oauth
from innkeeper.kit.gate import Gate, Limits
from tests.browsers import browser_of
from tests.conftest import SYSTEM, FakeClock
from tests.rest import ORIGIN, client

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT = "innkeeper on laptop"
Values = Mapping[str, str]


@pytest.fixture
def gate() -> Gate:
    return Gate(Limits(failures_until_ban=3, knocks_per_minute=10**6, burst=10**6))


@pytest.fixture
async def oauth(calls: Calls, gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_oauth(calls, gate=gate), client=("198.51.100.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as opened:
        yield opened


async def begun(oauth: httpx.AsyncClient) -> dict[str, Any]:
    answer = await oauth.post("/oauth/device_authorization", data={"client_id": CLIENT})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def asked(oauth: httpx.AsyncClient, device_code: str) -> httpx.Response:
    values = {"grant_type": DEVICE_GRANT, "device_code": device_code, "client_id": CLIENT}
    return await oauth.post("/oauth/token", data=values)


async def let_in(oauth: httpx.AsyncClient, calls: Calls, user: User) -> dict[str, Any]:
    begin = await begun(oauth)
    calls.write_now(browser_of(calls, user), desktop.approve, begin["user_code"])
    answer = await asked(oauth, begin["device_code"])
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def renewed(oauth: httpx.AsyncClient, token: str) -> httpx.Response:
    return await oauth.post("/oauth/token", data={"grant_type": "refresh_token", "refresh_token": token})


def error(answer: httpx.Response) -> str:
    assert answer.status_code == 400, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    assert set(document) == {"error", "error_description"}
    return str(document["error"])


async def test_a_device_gets_two_codes_and_is_told_where_to_send_people(oauth: httpx.AsyncClient) -> None:
    answer = await oauth.post("/oauth/device_authorization", data={"client_id": CLIENT, "unknown": "x"})

    document = answer.json()
    code = document["user_code"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(document.pop("device_code")) >= 43
    assert (code[4], len(code)) == ("-", 9)
    assert document == {
        "user_code": code,
        "verification_uri": f"{ORIGIN}/device",
        "verification_uri_complete": f"{ORIGIN}/device?user_code={code}",
        "expires_in": 600,
        "interval": 5,
    }


async def test_the_way_of_a_device_in_the_words_of_the_rfc(
    oauth: httpx.AsyncClient, calls: Calls, bob: User, clock: FakeClock
) -> None:
    begin = await begun(oauth)
    waiting = [error(await asked(oauth, begin["device_code"]))]
    clock.advance(seconds=1)
    waiting.append(error(await asked(oauth, begin["device_code"])))
    calls.write_now(browser_of(calls, bob), desktop.approve, begin["user_code"])

    answer = await asked(oauth, begin["device_code"])

    assert waiting == ["authorization_pending", "slow_down"]
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    document = answer.json()
    assert document.pop("access_token").startswith("inkd_")
    assert document.pop("refresh_token").startswith("inkr_")
    assert document == {"token_type": "Bearer", "expires_in": 900}


async def test_a_denied_and_an_expired_code_say_so(
    oauth: httpx.AsyncClient, calls: Calls, bob: User, clock: FakeClock
) -> None:
    denied, expired = await begun(oauth), await begun(oauth)
    calls.write_now(browser_of(calls, bob), desktop.deny, denied["user_code"])

    assert error(await asked(oauth, denied["device_code"])) == "access_denied"
    clock.advance(minutes=10)
    assert error(await asked(oauth, expired["device_code"])) == "expired_token"


async def test_tokens_are_renewed_and_a_spent_one_ends_all(
    oauth: httpx.AsyncClient, calls: Calls, bob: User, clock: FakeClock
) -> None:
    first = await let_in(oauth, calls, bob)
    second = (await renewed(oauth, first["refresh_token"])).json()
    clock.advance(minutes=1)

    assert error(await renewed(oauth, first["refresh_token"])) == "invalid_grant"
    assert error(await renewed(oauth, second["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize(
    ("endpoint", "values", "expected"),
    [
        ("device_authorization", {}, "invalid_request"),
        ("device_authorization", {"client_id": ""}, "invalid_request"),
        ("device_authorization", {"client_id": "<script>"}, "invalid_client"),
        ("device_authorization", {"client_id": CLIENT, "scope": "all"}, "invalid_scope"),
        ("token", {}, "invalid_request"),
        ("token", {"grant_type": "password", "username": "x", "password": "y"}, "unsupported_grant_type"),
        ("token", {"grant_type": DEVICE_GRANT, "client_id": CLIENT}, "invalid_request"),
        ("token", {"grant_type": DEVICE_GRANT, "device_code": "x"}, "invalid_request"),
        ("token", {"grant_type": DEVICE_GRANT, "device_code": "x", "client_id": CLIENT}, "invalid_grant"),
        ("token", {"grant_type": "refresh_token"}, "invalid_request"),
        ("token", {"grant_type": "refresh_token", "refresh_token": "x", "scope": "y"}, "invalid_scope"),
        ("token", {"grant_type": "refresh_token", "refresh_token": "inkr_x.y"}, "invalid_grant"),
        ("revoke", {"token_type_hint": "access_token"}, "invalid_request"),
    ],
)
async def test_what_is_wrong_has_its_registered_name(
    oauth: httpx.AsyncClient, endpoint: str, values: Values, expected: str
) -> None:
    assert error(await oauth.post(f"/oauth/{endpoint}", data=values)) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"client_id=a&client_id=b",
        b"client_id=%ff%fe",
        b"client_id=\xff",
        b"&".join(b"p%d=x" % number for number in range(100)),
    ],
)
async def test_a_body_that_is_no_form_is_an_invalid_request(oauth: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

    answer = await oauth.post("/oauth/device_authorization", content=body, headers=headers)

    assert error(answer) == "invalid_request"


async def test_json_and_large_bodies_are_refused(oauth: httpx.AsyncClient) -> None:
    large = {"client_id": "a" * 20_000}

    assert error(await oauth.post("/oauth/token", json={"grant_type": DEVICE_GRANT})) == "invalid_request"
    assert (await oauth.post("/oauth/device_authorization", data=large)).status_code == 413
    assert (await oauth.get("/oauth/token")).status_code == 405


async def test_scopes_are_asked_for_and_told(oauth: httpx.AsyncClient, calls: Calls, bob: User) -> None:
    values = {"client_id": CLIENT, "scope": "users:read sessions:read"}
    begin = (await oauth.post("/oauth/device_authorization", data=values)).json()
    calls.write_now(browser_of(calls, bob), desktop.approve, begin["user_code"])

    first = (await asked(oauth, begin["device_code"])).json()
    second = (await renewed(oauth, first["refresh_token"])).json()

    assert {first["scope"], second["scope"]} == {"sessions:read users:read"}


async def test_revoking_is_answered_alike_for_every_token(
    oauth: httpx.AsyncClient, calls: Calls, bob: User
) -> None:
    tokens = await let_in(oauth, calls, bob)

    answers = [
        await oauth.post("/oauth/revoke", data={"token": token, "token_type_hint": "refresh_token"})
        for token in ("nonsense", tokens["refresh_token"], tokens["refresh_token"], tokens["access_token"])
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert error(await renewed(oauth, tokens["refresh_token"])) == "invalid_grant"
    reasons = [session.end_reason for session in all_of(calls, bob) if session.interface == "desktop"]
    assert reasons == ["signed_out"]


def all_of(calls: Calls, user: User) -> list[Any]:
    return list(calls.read_now(SYSTEM, sessions.page, user_id=user.id, only_open=False).items)


async def test_the_server_says_what_it_can(calls: Calls, oauth: httpx.AsyncClient) -> None:
    document = (await oauth.get("/.well-known/oauth-authorization-server")).json()
    public = httpx.ASGITransport(app=make_oauth(calls, public_origin="https://files.example.org/"))
    async with httpx.AsyncClient(transport=public, base_url="http://inside") as opened:
        outside = (await opened.get("/.well-known/oauth-authorization-server")).json()

    assert document["issuer"] == ORIGIN
    assert document["token_endpoint"] == f"{ORIGIN}/oauth/token"
    assert document["device_authorization_endpoint"] == f"{ORIGIN}/oauth/device_authorization"
    assert document["revocation_endpoint"] == f"{ORIGIN}/oauth/revoke"
    assert document["grant_types_supported"] == [DEVICE_GRANT, "refresh_token"]
    assert document["response_types_supported"] == []
    assert "users:read" in document["scopes_supported"]
    assert outside["issuer"] == "https://files.example.org"


async def test_guessing_tokens_bans_the_address_and_good_ones_still_work(
    oauth: httpx.AsyncClient, calls: Calls, bob: User
) -> None:
    tokens = await let_in(oauth, calls, bob)
    guesses = [await renewed(oauth, f"inkr_guess.{number}") for number in range(5)]

    assert [answer.status_code for answer in guesses] == [400, 400, 400, 429, 429]
    assert (guesses[-1].json()["error"], guesses[-1].headers["Retry-After"]) == ("slow_down", "5")
    assert (await renewed(oauth, tokens["refresh_token"])).status_code == 200
    refused = await oauth.post("/oauth/device_authorization", data={"client_id": CLIENT})
    assert refused.status_code == 429


async def test_asking_for_codes_without_end_is_stopped(oauth: httpx.AsyncClient) -> None:
    statuses = [
        (await oauth.post("/oauth/device_authorization", data={"client_id": CLIENT})).status_code
        for _ in range(40)
    ]

    assert (statuses[0], statuses[-1]) == (200, 429)


async def test_the_api_takes_an_access_token_until_its_session_ends(
    oauth: httpx.AsyncClient, rest: FastAPI, calls: Calls, bob: User
) -> None:
    tokens = await let_in(oauth, calls, bob)
    async with client(rest, tokens["access_token"]) as api:
        me = await api.get("/api/v1/me")
        own = (await api.get("/api/v1/sessions", params={"interface": "desktop"})).json()["items"]
        ended = await api.delete(f"/api/v1/sessions/{own[0]['id']}")
        after = await api.get("/api/v1/me")
    async with client(rest, tokens["refresh_token"]) as api:
        wrong_kind = await api.get("/api/v1/me")

    assert me.json()["username"] == "bob"
    assert [(one["client"], one["address"]) for one in own] == [(CLIENT, "198.51.100.7")]
    assert (ended.status_code, after.status_code, wrong_kind.status_code) == (204, 401, 401)
    assert error(await renewed(oauth, tokens["refresh_token"])) == "invalid_grant"
