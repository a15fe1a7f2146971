"""Passwords over the API: set, made by chance, by link; hashes from elsewhere; when they run out."""

from typing import Any

import httpx
import pytest

from innkeeper.actions import settings, users
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import MailKind
from innkeeper.domain.users import User
from tests.conftest import SYSTEM
from tests.test_password_links import choose, has_password, link, links, mails_of, now_of

NEW = "mauve lantern ferry 7"
FIRST = "staple tractor nine"
FOREIGN = "$2b$04$awM5kkQb4fgt4PjKaj5TdeFVhFmgg4AEd9ayVfK1cCK2GPMHaxVJK"


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [problem["code"] for problem in answer.json()["problems"]]


async def test_an_administrator_sets_a_password(as_ada: httpx.AsyncClient, calls: Calls, bob: User) -> None:
    answer = await as_ada.post(f"/api/v1/users/{bob.id}/reset-password", json={"password": NEW})

    assert answer.status_code == 204
    assert has_password(calls, bob, NEW)
    assert now_of(calls, bob).require_password_change


async def test_every_broken_rule_is_named_and_the_password_is_not(
    as_ada: httpx.AsyncClient, bob: User
) -> None:
    answer = await as_ada.post(f"/api/v1/users/{bob.id}/reset-password", json={"password": "byron1"})

    assert codes(answer) == [
        "password_too_short",
        "password_too_guessable",
        "password_common",
        "password_has_own_data",
    ]
    assert "byron1" not in answer.text


@pytest.mark.parametrize("password", ["", "x" * 1025, 7, None, "line\nend and more"])
async def test_what_is_no_password_is_refused(as_ada: httpx.AsyncClient, bob: User, password: Any) -> None:
    answer = await as_ada.post(f"/api/v1/users/{bob.id}/reset-password", json={"password": password})

    assert answer.status_code == 422
    assert "x" * 100 not in answer.text


async def test_the_server_makes_a_password_and_shows_it_once(
    as_ada: httpx.AsyncClient, calls: Calls, bob: User
) -> None:
    made = await as_ada.post(f"/api/v1/users/{bob.id}/generate-password", json={"must_change": False})
    again = await as_ada.post(f"/api/v1/users/{bob.id}/generate-password")

    assert (made.status_code, again.status_code) == (200, 200)
    assert made.json()["password"] != again.json()["password"]
    assert has_password(calls, bob, again.json()["password"])
    assert now_of(calls, bob).require_password_change


async def test_a_link_to_a_new_password_is_mailed(as_ada: httpx.AsyncClient, calls: Calls, bob: User) -> None:
    answer = await as_ada.post(f"/api/v1/users/{bob.id}/send-password-link")

    assert answer.status_code == 204
    assert answer.content == b""
    choose(calls, link(calls))
    assert has_password(calls, bob, "mauve lantern ferry 7")


async def test_a_user_without_an_address_gets_no_link(as_ada: httpx.AsyncClient, charlie: User) -> None:
    answer = await as_ada.post(f"/api/v1/users/{charlie.id}/send-password-link")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_now")


async def test_a_new_user_is_invited_and_invited_again(as_ada: httpx.AsyncClient, calls: Calls) -> None:
    values = {"username": "eve", "email": "eve@example.com", "authentication_method": "email_signup"}
    made = (await as_ada.post("/api/v1/users", json=values)).json()

    again = await as_ada.post(f"/api/v1/users/{made['id']}/invite")

    assert (made["status"], made["has_password"], again.status_code) == ("invited", False, 204)
    assert [mail.data["by"] for mail in mails_of(calls, MailKind.INVITATION)] == ["ada", "ada"]
    choose(calls, links(calls)[1])
    shown = (await as_ada.get(f"/api/v1/users/{made['id']}")).json()
    assert (shown["status"], shown["has_password"]) == ("active", True)
    late = await as_ada.post(f"/api/v1/users/{made['id']}/invite")
    assert (late.status_code, late.json()["code"]) == (409, "not_now")


async def test_who_signs_up_by_mail_needs_an_address(as_ada: httpx.AsyncClient) -> None:
    answer = await as_ada.post(
        "/api/v1/users", json={"username": "eve", "authentication_method": "email_signup"}
    )

    assert codes(answer) == ["address_missing"]


@pytest.mark.parametrize("verb", ["reset-password", "generate-password", "send-password-link", "invite"])
async def test_users_do_nothing_to_each_others_passwords(
    as_bob: httpx.AsyncClient, calls: Calls, charlie: User, verb: str
) -> None:
    body = {"password": NEW} if verb == "reset-password" else None

    answer = await as_bob.post(f"/api/v1/users/{charlie.id}/{verb}", json=body)

    assert answer.status_code == 404
    assert has_password(calls, charlie, "yellow kitchen door")


async def test_a_user_comes_with_a_hash_from_elsewhere(as_ada: httpx.AsyncClient, calls: Calls) -> None:
    values = {
        "username": "iris",
        "authentication_method": "password_with_imported_hash",
        "imported_password_hash": FOREIGN,
    }

    made = await as_ada.post("/api/v1/users", json=values)

    assert made.status_code == 201, made.text
    assert "imported_password_hash" not in made.json()
    assert made.json()["has_password"]
    assert FOREIGN not in made.text
    iris = calls.read_now(SYSTEM, users.find, "iris")
    assert has_password(calls, iris, "once in another place")
    again = await as_ada.patch(f"/api/v1/users/{iris.id}", json={"imported_password_hash": FOREIGN})
    assert again.json()["version"] == made.json()["version"]


@pytest.mark.parametrize("value", ["no hash", "$2b$31$" + "a" * 53, 7, ["x"], FOREIGN])
async def test_a_bad_hash_is_refused_and_not_told(as_ada: httpx.AsyncClient, value: Any) -> None:
    method = "password" if value == FOREIGN else "password_with_imported_hash"

    answer = await as_ada.post(
        "/api/v1/users",
        json={"username": "iris", "authentication_method": method, "imported_password_hash": value},
    )

    assert answer.status_code == 422
    [problem] = answer.json()["problems"]
    assert (problem["field"], problem["value"]) == ("imported_password_hash", None)
    assert str(value) not in answer.text or value == 7


async def test_the_password_that_a_user_has_can_be_sent_again(as_ada: httpx.AsyncClient, bob: User) -> None:
    same = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"password": FIRST})
    other = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"password": NEW})
    old = await as_ada.patch(f"/api/v1/users/{bob.id}", json={"password": FIRST})

    assert (same.status_code, same.json()["version"]) == (200, bob.version)
    assert (other.status_code, other.json()["version"]) == (200, bob.version + 1)
    assert codes(old) == ["password_used_before"]


async def test_one_reads_when_a_password_runs_out(as_ada: httpx.AsyncClient, calls: Calls, bob: User) -> None:
    before = (await as_ada.get(f"/api/v1/users/{bob.id}")).json()
    calls.write_now(SYSTEM, settings.edit, {"password_validity_days": 30})
    after = (await as_ada.get(f"/api/v1/users/{bob.id}")).json()

    assert before["password_expires_at"] is None
    assert after["password_expires_at"] == "2026-04-01T09:00:00Z"
