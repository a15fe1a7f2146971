"""Headers on every answer, and refusal of requests that other sites send."""

import re

import pytest
from starlette.testclient import TestClient

from innkeeper.interfaces.console.application import make_console
from tests.console.stage import PASSWORD, Cast

SIGN_IN = {"username": "ada", "password": PASSWORD}


def test_page_comes_with_the_strict_policy(ada: TestClient) -> None:
    answer = ada.get("/users")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'; trusted-types swap" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    ["/", "/users", "/users/new", "/activity", "/settings", "/sign-in-policy", "/account", "/_ui"],
)
def test_page_has_no_inline_script_style_or_handler(ada: TestClient, path: str) -> None:
    text = ada.get(path).text

    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style\b|\sstyle=", text) == []
    assert re.findall(r"\son[a-z]+=", text) == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_request_from_another_site_is_refused(stranger: TestClient, site: str) -> None:
    answer = stranger.post("/sign-in", data=SIGN_IN, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"), [("https://files.example.org", 303), ("https://evil.example", 403), ("null", 403)]
)
def test_without_fetch_metadata_the_origin_decides(stage: Cast, origin: str, status: int) -> None:
    console = make_console(stage.calls, public_origin="https://files.example.org")
    with TestClient(console, follow_redirects=False) as client:
        answer = client.post("/sign-in", data=SIGN_IN, headers={"Origin": origin})

    assert answer.status_code == status


def test_session_alone_does_not_make_a_request_trustworthy(ada: TestClient) -> None:
    del ada.headers["Sec-Fetch-Site"]

    assert ada.post("/sign-out").status_code == 403
    assert ada.get("/users").status_code == 200


def test_strict_transport_is_asked_for_where_the_site_speaks_https(stage: Cast) -> None:
    with TestClient(make_console(stage.calls, public_origin="https://files.example.org")) as client:
        assert "Strict-Transport-Security" in client.get("/sign-in").headers
    with TestClient(stage.console) as client:
        assert "Strict-Transport-Security" not in client.get("/sign-in").headers


def test_large_form_is_refused_unread(stranger: TestClient) -> None:
    assert stranger.post("/sign-in", data={"username": "a" * 1_000_001}).status_code == 413


def test_body_that_does_not_say_how_long_it_is_is_refused(stranger: TestClient) -> None:
    assert stranger.post("/sign-in", content=iter([b"username=ada"])).status_code == 413


def test_unknown_address_is_a_page(ada: TestClient) -> None:
    answer = ada.get("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_forbidden_is_a_page(charlie: TestClient) -> None:
    answer = charlie.get("/settings")

    assert answer.status_code == 403
    assert "You may not do this" in answer.text


def test_broken_view_is_a_page_with_headers(
    stage: Cast, ada: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innkeeper.actions import groups

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(groups, "page", broken)
    answer = ada.get("/groups")

    assert answer.status_code == 500
    assert "Something broke on the server" in answer.text
    assert "on purpose" not in answer.text
    assert "Content-Security-Policy" in answer.headers
