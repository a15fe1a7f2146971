"""The second factor in the browser, without JavaScript; and a fresh proof before a sensitive change."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from starlette.testclient import TestClient

from innkeeper.actions import enrolment, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.kit.gate import Gate, Limits
from tests.console.conftest import visitor
from tests.console.markup import read
from tests.console.stage import PASSWORD, Cast


@pytest.fixture
def app(stage: Cast, charlie: TestClient) -> pyotp.TOTP:
    """Charlie's authenticator app, one minute after it was set up."""
    caller = Caller("web", "testclient", session_token=charlie.cookies["session"])
    begun = stage.calls.write_now(caller, enrolment.begin_app, stage.charlie.id, "Phone")
    app = pyotp.TOTP(begun.secret or "")
    stage.calls.write_now(caller, enrolment.confirm, begun.factor.id, app.at(stage.now))
    stage.now += timedelta(minutes=1)
    return app


def first_step(client: TestClient, wanted: str = "") -> str:
    answer = client.post("/sign-in", data={"username": "charlie", "password": PASSWORD, "next": wanted})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_password_leads_to_the_code_and_the_code_to_the_page_one_wanted(
    stage: Cast, app: pyotp.TOTP, stranger: TestClient
) -> None:
    assert first_step(stranger, "/account?tab=activity") == "/sign-in/second?next=%2Faccount%3Ftab%3Dactivity"
    assert stranger.get("/account").status_code == 303
    form = read(stranger.get("/sign-in/second?next=/account").text).one("form", action="/sign-in/second")
    assert form.one("input", name="code")["autocomplete"] == "one-time-code"

    answer = stranger.post("/sign-in/second", data={"code": app.at(stage.now), "next": "/account"})

    assert answer.headers["Location"] == "/account"
    assert stranger.get("/account").status_code == 200


def test_wrong_code_says_so_and_the_fifth_begins_anew(
    stage: Cast, app: pyotp.TOTP, stranger: TestClient
) -> None:
    shared = stage.console.state
    shared.console = replace(shared.console, gate=Gate(Limits(first_delay=0, longest_delay=0)))
    first_step(stranger)

    for _ in range(4):
        answer = stranger.post("/sign-in/second", data={"code": "000000"})
        assert answer.status_code == 422
        assert "That did not work." in read(answer.text).one(role="alert").text

    assert stranger.post("/sign-in/second", data={"code": "000000"}).headers["Location"] == "/sign-in"
    assert (
        stranger.post("/sign-in/second", data={"code": app.at(stage.now)}).headers["Location"] == "/sign-in"
    )


def test_trusted_browser_is_not_asked_again(stage: Cast, app: pyotp.TOTP, stranger: TestClient) -> None:
    first_step(stranger)
    stranger.post("/sign-in/second", data={"code": app.at(stage.now), "trust": "yes"})
    stranger.post("/sign-out")

    assert first_step(stranger) == "/"


def test_waiting_attempt_is_bound_to_its_browser(stage: Cast, app: pyotp.TOTP, stranger: TestClient) -> None:
    first_step(stranger)

    with visitor(stage) as other:
        answer = other.post("/sign-in/second", data={"code": app.at(stage.now)})

    assert answer.headers["Location"] == "/sign-in"


def test_owing_session_is_sent_to_set_up_a_second_factor(stage: Cast, stranger: TestClient) -> None:
    stage.do(settings.edit, {"two_factor_grace_days": 0})
    stage.do(users.edit, stage.charlie.id, {"require_2fa": True})

    stranger.post("/sign-in", data={"username": "charlie", "password": PASSWORD})

    assert stranger.get("/account").headers["Location"] == "/account/two-factor"
    assert stranger.get("/account/two-factor").status_code == 200


def test_old_session_proves_itself_before_a_sensitive_change(stage: Cast, ada: TestClient) -> None:
    stage.now += timedelta(minutes=11)
    address = f"/users/{stage.charlie.id}/password"

    asked = ada.get(address)
    assert asked.headers["Location"].startswith("/prove?next=")
    page = read(ada.get(asked.headers["Location"]).text)
    assert page.one("input", name="password")["autocomplete"] == "current-password"
    assert ada.post("/prove", data={"password": "wrong", "next": address}).status_code == 422
    assert ada.post("/prove", data={"password": PASSWORD, "next": address}).headers["Location"] == address

    assert ada.get(address).status_code == 200


def test_sensitive_form_that_comes_too_late_changes_nothing(stage: Cast, ada: TestClient) -> None:
    stage.now += timedelta(minutes=11)

    answer = ada.post(
        f"/users/{stage.charlie.id}/password",
        data={"password": "a quite different engine"},
        headers={"Referer": f"http://testserver/users/{stage.charlie.id}/password"},
    )

    assert answer.headers["Location"].startswith("/prove?next=")
    assert stage.charlie.password_hash == stage.do(users.show, stage.charlie.id).password_hash


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_proof_never_leads_to_another_site(ada: TestClient, target: str) -> None:
    assert ada.post("/prove", data={"password": PASSWORD, "next": target}).headers["Location"] == "/"
