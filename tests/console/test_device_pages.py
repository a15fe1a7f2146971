"""`/device`: whose code it is, who asks, yes or no; in views, and in a browser beside a waiting device."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from innkeeper.actions import desktop, desktop_tokens, sessions, users
from innkeeper.actions.actors import Caller
from innkeeper.domain.desktop import TokenError, Tokens, shown_code
from innkeeper.kit.gate import Gate, Limits
from tests.console.browsing import NARROW, Visitor
from tests.console.conftest import signed_in
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast
from tests.console.test_looks import overhang, violations

DEVICE = Caller("desktop", "198.51.100.7", "innkeeper-client")
CLIENT = "innkeeper on laptop"


@pytest.fixture
def patient(stage: Cast) -> Cast:
    """A stage whose gate answers wrong codes at once."""
    state = stage.console.state
    gate = Gate(Limits(first_delay=0, longest_delay=0, failures_until_ban=4))
    state.console = type(state.console)(
        **{name: getattr(state.console, name) for name in state.console.__slots__} | {"gate": gate}
    )
    return stage


def begun(stage: Cast, name: str = CLIENT) -> tuple[str, str]:
    device_code, grant = stage.calls.write_now(DEVICE, desktop.begin, name)
    return device_code, shown_code(grant.user_code)


def asked(stage: Cast, device_code: str) -> Tokens | TokenError:
    return stage.calls.write_now(DEVICE, desktop_tokens.exchange, device_code, CLIENT)


def let_in(stage: Cast, client: TestClient, name: str = CLIENT) -> None:
    device_code, code = begun(stage, name)
    assert client.post("/device/approve", data={"user_code": code}).status_code == 303
    assert isinstance(stage.calls.write_now(DEVICE, desktop_tokens.exchange, device_code, name), Tokens)


def test_the_question_says_who_asks_from_where_and_for_what(stage: Cast, charlie: TestClient) -> None:
    _, code = begun(stage)

    page = read(charlie.get("/device", params={"user_code": code.lower().replace("-", " ")}).text)

    text = page.one("section", id="device").text
    for said in (CLIENT, code, "198.51.100.7", "as Charlie Babbage", "Say yes only if you started this"):
        assert said in text


def test_the_question_names_the_scopes_where_it_is_not_all(stage: Cast, charlie: TestClient) -> None:
    _, grant = stage.calls.write_now(DEVICE, desktop.begin, CLIENT, ["users:read", "events:read"])

    text = read(charlie.get("/device", params={"user_code": grant.user_code}).text).text

    assert "only this, as Charlie Babbage" in text
    assert "events:read" in text
    assert "all that you may do" not in text


def test_a_yes_lets_the_device_in_and_shows_it_in_the_list(stage: Cast, charlie: TestClient) -> None:
    device_code, code = begun(stage)

    answer = charlie.post("/device/approve", data={"user_code": code})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?tab=connections")
    assert isinstance(asked(stage, device_code), Tokens)
    assert CLIENT in charlie.get("/account?tab=connections").text
    assert charlie.post("/device/approve", data={"user_code": code}).status_code == 422


def test_a_no_keeps_it_out(stage: Cast, charlie: TestClient) -> None:
    device_code, code = begun(stage)

    answer = charlie.post("/device/deny", data={"user_code": code})

    assert answer.status_code == 303
    assert asked(stage, device_code) is TokenError.DENIED
    assert not desktops(stage)


@pytest.mark.parametrize("code", ["BBBB-BBBB", "x", "'; DROP TABLE", "‮", "B" * 500])
def test_a_wrong_code_gives_the_form_back(patient: Cast, code: str) -> None:
    with signed_in(patient, "charlie") as client:
        begun(patient)
        answer = client.get("/device", params={"user_code": code})

    assert answer.status_code == 422
    assert "This code is wrong, used or older than ten minutes." in answer.text


def test_guessing_codes_is_stopped_whichever_way(patient: Cast) -> None:
    with signed_in(patient, "charlie") as client:
        _, code = begun(patient)
        client.get("/device", params={"user_code": "BBBB-BBBB"})
        client.post("/device/approve", data={"user_code": "BBBB-BBBC"})
        client.post("/device/deny", data={"user_code": "BBBB-BBBD"})
        client.get("/device", params={"user_code": "BBBB-BBBF"})
        right = client.get("/device", params={"user_code": code})

    assert right.status_code == 422
    assert "Too many attempts" in right.text


def test_an_empty_form_is_no_guess(stage: Cast, charlie: TestClient) -> None:
    for _ in range(30):
        assert charlie.get("/device").status_code == 200
        assert charlie.get("/device?user_code=+").status_code == 200


def test_a_stranger_signs_in_first_and_comes_back(stage: Cast, stranger: TestClient) -> None:
    _, code = begun(stage)

    answer = stranger.get(f"/device?user_code={code}")

    assert answer.headers["Location"] == f"/sign-in?next=%2Fdevice%3Fuser_code%3D{code}"
    assert stranger.post("/device/approve", data={"user_code": code}).status_code == 303


def test_an_old_session_proves_itself_before_it_sees_who_asks(stage: Cast, charlie: TestClient) -> None:
    stage.now += timedelta(minutes=11)
    _, code = begun(stage)

    looked = charlie.get(f"/device?user_code={code}")
    approved = charlie.post("/device/approve", data={"user_code": code})

    assert looked.headers["Location"] == f"/prove?next=%2Fdevice%3Fuser_code%3D{code}"
    assert approved.headers["Location"].startswith("/prove")
    assert not desktops(stage)


def desktops(stage: Cast) -> list[Any]:
    return list(stage.calls.read_now(SYSTEM, sessions.page, interface="desktop").items)


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_another_site_cannot_answer(stage: Cast, charlie: TestClient, verb: str) -> None:
    device_code, code = begun(stage)

    answer = charlie.post(
        f"/device/{verb}", data={"user_code": code}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403
    assert charlie.get(f"/device/{verb}", params={"user_code": code}).status_code == 405
    assert asked(stage, device_code) is TokenError.PENDING


def test_a_user_without_the_protocol_is_told_so(stage: Cast, charlie: TestClient) -> None:
    stage.do(users.edit, stage.charlie.id, {"protocols": ["web"]})
    _, code = begun(stage)

    answer = charlie.post("/device/approve", data={"user_code": code})

    assert answer.status_code == 422
    assert "not open to you" in answer.text


def test_browsers_desktops_and_connections_stand_apart(stage: Cast, charlie: TestClient) -> None:
    let_in(stage, charlie)
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    with TestClient(stage.console, headers={"Sec-Fetch-Site": "same-origin", "User-Agent": agent}) as other:
        other.post("/sign-in", data={"username": "charlie", "password": "correct horse battery"})

    page = read(charlie.get("/account?tab=connections").text)

    text = page.one("div", class_="ubody").text
    browsers, rest = text.split("Desktop connections")
    connected, links = rest.split("Open connections")
    assert "Firefox on Windows" in browsers
    assert "This one" in browsers
    assert CLIENT in connected
    assert "198.51.100.7" in connected
    assert "No open connections." in links


def test_one_ends_ones_other_browsers_and_keeps_the_desktop(stage: Cast, charlie: TestClient) -> None:
    let_in(stage, charlie)
    other = signed_in(stage, "charlie")

    charlie.post("/account/sessions/end-others")

    assert charlie.get("/account").status_code == 200
    assert other.get("/account").headers["Location"].startswith("/sign-in")
    assert len(desktops(stage)) == 1


def test_one_desktop_connection_or_all_can_be_ended(stage: Cast, charlie: TestClient) -> None:
    for name in ("first", "second", "third"):
        let_in(stage, charlie, name)
    row = re.search(r'action="(/account/sessions/[^"]+/end)"[^<]*<[^>]*of second"', page_of(charlie))
    assert row is not None

    charlie.post(row[1])
    assert sorted(session.client for session in desktops(stage)) == ["first", "third"]
    assert "End every desktop connection?" in charlie.get("/account/desktop/end").text
    charlie.post("/account/desktop/end")

    assert desktops(stage) == []
    assert charlie.get("/account").status_code == 200


def page_of(client: TestClient) -> str:
    return str(client.get("/account?tab=connections").text)


def test_an_administrator_sees_and_ends_the_desktops_of_others(
    stage: Cast, ada: TestClient, charlie: TestClient
) -> None:
    let_in(stage, charlie)

    page = ada.get(f"/users/{stage.charlie.id}?tab=connections").text
    ada.post(f"/users/{stage.charlie.id}/desktop/end")

    assert CLIENT in page
    assert "Enter a code" not in page
    assert desktops(stage) == []


def test_the_story_of_a_device_is_told(stage: Cast, ada: TestClient, charlie: TestClient) -> None:
    let_in(stage, charlie)
    charlie.post("/device/deny", data={"user_code": begun(stage)[1]})
    device_code, code = begun(stage)
    charlie.post("/device/approve", data={"user_code": code})
    asked(stage, device_code)
    asked(stage, device_code)

    page = ada.get(f"/users/{stage.charlie.id}?tab=activity").text

    assert f"let in the program {CLIENT}" in page
    assert f"turned away the program {CLIENT}" in page
    assert f"A spent token of {CLIENT} came again; its connection ended" in page


def test_a_waiting_device_is_let_in_by_browser_and_keyboard(window: Visitor, stage: Cast) -> None:
    page = window.sign_in("charlie")
    device_code, code = begun(stage)

    page.goto("/account?tab=connections")
    page.get_by_role("link", name="Enter a code").click()
    page.get_by_label("Code").fill(code.replace("-", "").lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Let this device in?")).to_be_visible()
    expect(page.locator("#device")).to_contain_text("198.51.100.7")
    assert asked(stage, device_code) is TokenError.PENDING
    page.get_by_role("button", name="Let it in").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text(f"{CLIENT} is connected.")
    expect(page.locator(".ubody")).to_contain_text(CLIENT)
    stage.now += timedelta(seconds=6)
    assert isinstance(asked(stage, device_code), Tokens)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("de", "dark")])
def test_the_pages_fit_a_phone_and_axe_finds_nothing(
    chromium: Any, live: str, stage: Cast, language: str, scheme: str
) -> None:
    visitor = Visitor(chromium, live, viewport=NARROW, color_scheme=scheme)
    visitor.speak(language)
    page = visitor.sign_in("charlie")
    _, code = begun(stage, "innkeeper on a-machine-with-quite-a-long-name.example.org")
    with signed_in(stage, "charlie") as other:
        let_in(stage, other, "another program (with a rather long name) on laptop.example.org")

    for address in ("/device", f"/device?user_code={code}", "/account?tab=connections"):
        page.goto(address)
        assert (address, overhang(page), violations(page)) == (address, 0, [])
    assert visitor.complaints == []
    visitor.context.close()
