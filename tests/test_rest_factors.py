"""Second factors by REST: set up, confirmed, listed, renamed, removed, reset."""

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from innkeeper.actions.calls import Calls
from innkeeper.domain.users import User
from tests.conftest import FakeClock
from tests.enrolling import mailed_code
from tests.rest import client, token_of

PATH = "/api/v1/factors"


async def set_up_app(opened: httpx.AsyncClient, user: User, clock: FakeClock) -> tuple[str, list[str]]:
    """The address of a confirmed app, and the recovery codes that came with it."""
    made = await opened.post(PATH, json={"user_id": user.id, "kind": "totp", "name": "Phone"})
    code = pyotp.TOTP(made.json()["secret"]).at(clock.now)
    confirmed = await opened.post(f"{made.headers['Location']}/confirm", json={"code": code})
    assert confirmed.status_code == 200, confirmed.text
    return made.headers["Location"], confirmed.json()["recovery_codes"]


async def test_an_app_is_set_up_and_confirmed(as_bob: httpx.AsyncClient, bob: User, clock: FakeClock) -> None:
    made = await as_bob.post(PATH, json={"user_id": bob.id, "kind": "totp", "name": "Phone"})
    address = made.headers["Location"]
    before = (await as_bob.get(PATH)).json()["items"]
    wrong = await as_bob.post(f"{address}/confirm", json={"code": "000000"})
    code = pyotp.parse_uri(made.json()["otpauth_uri"])
    assert isinstance(code, pyotp.TOTP)
    confirmed = await as_bob.post(f"{address}/confirm", json={"code": code.at(clock.now)})
    again = await as_bob.post(f"{address}/confirm", json={"code": code.at(clock.now)})
    listed = (await as_bob.get(PATH, params={"user_id": bob.id})).json()["items"]

    assert (made.status_code, before) == (201, [])
    assert (wrong.status_code, wrong.json()["problems"][0]["value"]) == (422, None)
    assert (confirmed.status_code, len(confirmed.json()["recovery_codes"])) == (200, 10)
    assert again.status_code == 409
    assert listed == [confirmed.json()["factor"]] == [(await as_bob.get(address)).json()]
    assert "secret" not in listed[0]


async def test_a_mailbox_is_set_up_and_confirmed(as_bob: httpx.AsyncClient, calls: Calls, bob: User) -> None:
    made = await as_bob.post(PATH, json={"user_id": bob.id, "kind": "email", "name": "Mailbox"})
    confirmed = await as_bob.post(f"{made.headers['Location']}/confirm", json={"code": mailed_code(calls)})

    assert (made.json()["secret"], made.json()["otpauth_uri"]) == (None, None)
    assert confirmed.json()["factor"]["kind"] == "email"


async def test_a_repeated_set_up_makes_nothing_new(as_bob: httpx.AsyncClient, bob: User) -> None:
    body = {"user_id": bob.id, "kind": "totp", "name": "Phone"}
    once = await as_bob.post(PATH, json=body, headers={"Idempotency-Key": "one"})

    twice = await as_bob.post(PATH, json=body, headers={"Idempotency-Key": "one"})

    assert (once.status_code, twice.status_code) == (201, 409)
    assert twice.json()["code"] == "already_done"


@pytest.mark.parametrize(
    "body",
    [{"kind": "webauthn", "name": "Key"}, {"kind": "totp", "name": ""}, {"kind": "totp", "name": "a\nb"}],
)
async def test_what_cannot_be_set_up_here_is_refused(
    as_bob: httpx.AsyncClient, bob: User, body: dict[str, str]
) -> None:
    answer = await as_bob.post(PATH, json={"user_id": bob.id, **body})

    assert answer.status_code == 422


async def test_a_factor_is_renamed(as_bob: httpx.AsyncClient, bob: User, clock: FakeClock) -> None:
    address, _ = await set_up_app(as_bob, bob, clock)

    renamed = await as_bob.patch(address, json={"name": "Work phone"})

    assert renamed.json()["name"] == "Work phone"


async def test_the_last_factor_leaves_later_and_may_be_kept(
    as_bob: httpx.AsyncClient, bob: User, clock: FakeClock
) -> None:
    address, _ = await set_up_app(as_bob, bob, clock)

    leaving = await as_bob.delete(address)
    kept = await as_bob.post(f"{address}/keep")
    await as_bob.delete(address)
    clock.advance(hours=24)
    gone = await as_bob.get(address)

    assert (leaving.status_code, leaving.json()["removal_at"]) == (202, "2026-03-03T09:00:00Z")
    assert kept.json()["removal_at"] is None
    assert gone.status_code == 404


async def test_what_was_begun_is_given_up_at_once(as_bob: httpx.AsyncClient, bob: User) -> None:
    made = await as_bob.post(PATH, json={"user_id": bob.id, "kind": "totp", "name": "Phone"})

    assert (await as_bob.delete(made.headers["Location"])).status_code == 204
    assert (await as_bob.get(made.headers["Location"])).status_code == 404


async def test_recovery_codes_are_counted_and_made_anew(
    as_bob: httpx.AsyncClient, as_ada: httpx.AsyncClient, bob: User, clock: FakeClock
) -> None:
    address = f"/api/v1/users/{bob.id}/recovery-codes"
    without = await as_bob.post(address)
    _, codes = await set_up_app(as_bob, bob, clock)

    fresh = (await as_bob.post(address)).json()["recovery_codes"]

    assert without.status_code == 409
    assert not set(fresh) & set(codes)
    assert (await as_ada.get(address)).json() == {"left": 10}
    assert (await as_ada.post(address)).status_code == 403


async def test_an_administrator_resets_and_the_user_begins_again(
    as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, bob: User, clock: FakeClock
) -> None:
    await set_up_app(as_bob, bob, clock)

    reset = await as_ada.post(f"/api/v1/users/{bob.id}/reset-2fa")
    again = await as_ada.post(f"/api/v1/users/{bob.id}/reset-2fa")

    assert (reset.json(), again.json()) == ({"removed": 1}, {"removed": 0})
    assert (await as_bob.get(PATH)).json()["items"] == []
    assert (await as_bob.post(f"/api/v1/users/{bob.id}/reset-2fa")).status_code == 403


async def test_a_stranger_to_the_user_finds_nothing(
    rest: FastAPI, calls: Calls, as_bob: httpx.AsyncClient, bob: User, charlie: User, clock: FakeClock
) -> None:
    address, _ = await set_up_app(as_bob, bob, clock)

    async with client(rest, token_of(calls, charlie)) as as_charlie:
        answers = [
            await as_charlie.get(address),
            await as_charlie.patch(address, json={"name": "Mine"}),
            await as_charlie.delete(address),
            await as_charlie.post(f"{address}/keep"),
            await as_charlie.post(f"{address}/confirm", json={"code": "123456"}),
            await as_charlie.get(f"/api/v1/users/{bob.id}/recovery-codes"),
            await as_charlie.post(f"/api/v1/users/{bob.id}/reset-2fa"),
        ]

    assert {404} == {answer.status_code for answer in answers}
