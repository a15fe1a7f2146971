"""Sign in, sign out, and what strangers see."""

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from innkeeper.actions import events, users
from innkeeper.domain.queries import EventQuery
from innkeeper.interfaces.console.pages import routes
from tests.console.conftest import visitor
from tests.console.markup import read
from tests.console.stage import PASSWORD, SYSTEM, Cast

OPEN = {
    "/sign-in",
    "/sign-in/passkey",
    "/sign-in/second",
    "/sign-in/second/code",
    "/setup/{token}",
    "/forgot",
    "/forgot/sent",
    "/set-password/{token}",
    "/unsubscribe/{token}",
    "/preferences",
}


def test_right_password_opens_a_session_and_goes_where_one_wanted(stranger: TestClient) -> None:
    answer = stranger.post(
        "/sign-in", data={"username": "ada", "password": PASSWORD, "next": "/users?view=locked"}
    )

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/users?view=locked"
    assert stranger.get("/users").status_code == 200


def test_cookie_is_kept_from_scripts_and_other_sites(stranger: TestClient) -> None:
    answer = stranger.post("/sign-in", data={"username": "ada", "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_cookie_is_bound_to_the_host_where_the_site_speaks_https(stage: Cast) -> None:
    with TestClient(stage.console, base_url="https://testserver", follow_redirects=False) as client:
        answer = client.post(
            "/sign-in",
            data={"username": "ada", "password": PASSWORD},
            headers={"Origin": "https://testserver"},
        )

        assert answer.headers["Set-Cookie"].startswith("__Host-session=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert client.get("/users").status_code == 200


@pytest.mark.parametrize("username", ["ada", "nobody", "fay"])
def test_every_failure_says_the_same_and_keeps_the_name(stranger: TestClient, username: str) -> None:
    answer = stranger.post("/sign-in", data={"username": username, "password": "wrong"})

    page = read(answer.text)
    assert answer.status_code == 422
    assert username == page.one("input", name="username")["value"]
    assert "That did not work." in page.one(role="alert").text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_sign_in_never_leads_to_another_site(stranger: TestClient, target: str) -> None:
    answer = stranger.post("/sign-in", data={"username": "ada", "password": PASSWORD, "next": target})

    assert answer.headers["Location"] == "/"


def test_sign_out_ends_the_session_on_the_server(stage: Cast, ada: TestClient) -> None:
    kept = ada.cookies["session"]

    answer = ada.post("/sign-out")

    assert answer.headers["Location"] == "/sign-in"
    with visitor(stage) as again:
        again.cookies.set("session", kept)
        assert again.get("/users").status_code == 303


def test_suspended_user_is_out_at_the_next_click(stage: Cast, bob: TestClient) -> None:
    assert bob.get("/account").status_code == 200

    stage.do(users.suspend, stage.bob.id)

    assert bob.get("/account").headers["Location"].startswith("/sign-in")


def test_user_must_choose_a_new_password_before_anything_else(stage: Cast, charlie: TestClient) -> None:
    stage.do(users.edit, stage.charlie.id, {"require_password_change": True})

    assert charlie.get("/account").headers["Location"] == "/account/password"
    answer = charlie.post(
        "/account/password", data={"old_password": PASSWORD, "password": "a quite different engine"}
    )
    assert answer.headers["Location"] == "/account?tab=security"
    assert charlie.get("/account").status_code == 200


def test_failed_sign_in_is_in_the_log_with_its_reason(stage: Cast, stranger: TestClient) -> None:
    stranger.post("/sign-in", data={"username": "ada", "password": "wrong"})

    event = stage.calls.read_now(SYSTEM, events.page, EventQuery(limit=1)).items[0]
    assert event.kind == "login.failed"
    assert event.data["reason"] == "wrong_password"


def every_route() -> list[tuple[str, str]]:
    found = [
        (method, route.path)
        for route in routes()
        if isinstance(route, Route)
        for method in route.methods or ()
    ]
    return sorted((method, path) for method, path in found if method != "HEAD" and path not in OPEN)


@pytest.mark.parametrize(("method", "path"), every_route())
def test_stranger_is_asked_to_sign_in_on_every_route(passer_by: TestClient, method: str, path: str) -> None:
    address = path
    for name in ("user", "group", "folder", "grant", "key", "session", "connection", "plan", "member"):
        address = address.replace("{" + name + "}", "0190a8f0-0000-7000-8000-000000000000")

    answer = passer_by.request(method, address)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")
