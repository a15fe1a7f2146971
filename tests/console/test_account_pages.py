"""One's own account: what someone without any role sees and does there, and what is not theirs to do."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from innkeeper.actions import devices, grants, memberships, settings, users
from innkeeper.domain.words import DeviceId, Level, SubjectKind
from tests.console.browsing import NARROW, Visitor
from tests.console.conftest import signed_in
from tests.console.markup import Element, read
from tests.console.stage import SYSTEM, Cast
from tests.console.test_looks import overhang, violations

TABS = ("profile", "security", "access", "activity", "connections")
PAGES = (
    *(f"/account?tab={tab}" for tab in TABS),
    "/account/edit",
    "/account/password",
    "/account/two-factor",
)


def tab(client: TestClient, name: str) -> Element:
    answer = client.get(f"/account?tab={name}")
    assert answer.status_code == 200
    return read(answer.text).one("article", id="user")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_account_opens_for_everyone_in_german(
    stage: Cast, charlie: TestClient, path: str
) -> None:
    stage.do(users.edit, stage.charlie.id, {"language": "de"})

    answer = charlie.get(path)

    assert answer.status_code == 200
    assert read(answer.text).one("html")["lang"] == "de"


def test_profile_shows_what_administrators_keep_but_offers_no_field_for_it(charlie: TestClient) -> None:
    form = read(charlie.get("/account/edit").text)

    managed = form.one("section", aria_labelledby="managed-title").text
    assert "charlie@example.com" in managed
    assert "Engines" in managed
    fields = form.one("form", action="/account/edit")
    assert {"name", "language", "time_zone"} == {
        box["name"] for box in [*fields.all("input"), *fields.all("select")] if box["name"] != "look"
    }


def test_fields_that_are_not_ones_own_are_passed_over(stage: Cast, charlie: TestClient) -> None:
    sent = {
        "name": "Charles",
        "language": "",
        "time_zone": "",
        "email": "else@example.com",
        "roles": "site_administrator",
    }

    charlie.post("/account/edit", data=sent)

    known = stage.calls.read_now(SYSTEM, users.show, stage.charlie.id)
    assert (known.name, known.email, known.roles) == ("Charles", "charlie@example.com", ())


def test_moments_can_be_looked_at_before_they_are_saved(stage: Cast, charlie: TestClient) -> None:
    chosen = {"name": "Charlie", "language": "de", "time_zone": "Asia/Tokyo"}

    shown = read(charlie.post("/account/edit", data={**chosen, "look": "yes"}).text).one("output").text

    assert shown == "02.03.2026, 18:00:00 (Asia/Tokyo)"
    assert stage.calls.read_now(SYSTEM, users.show, stage.charlie.id).time_zone == ""


def test_unknown_zone_shows_the_sites_and_is_refused_when_saved(charlie: TestClient) -> None:
    chosen = {"name": "Charlie", "language": "xx", "time_zone": "Moon/Crater"}

    assert (
        "(UTC)" in read(charlie.post("/account/edit", data={**chosen, "look": "yes"}).text).one("output").text
    )
    assert charlie.post("/account/edit", data=chosen).status_code == 422


def test_password_tells_its_age_and_the_days_that_are_left(stage: Cast) -> None:
    stage.do(settings.edit, {"password_validity_days": 30})
    stage.now += timedelta(days=20)
    with signed_in(stage, "charlie") as charlie:
        told = tab(charlie, "security").text

    assert "set 3 weeks ago" in told
    assert "10 days left" in told


def test_browsers_are_listed_and_forgotten(stage: Cast, charlie: TestClient) -> None:
    known = stage.calls.read_now(SYSTEM, devices.of_user, stage.charlie.id)
    page = tab(charlie, "security")
    assert len(known) == 1
    [form] = [form for form in page.all("form") if form.attributes.get("action", "").endswith("/forget")]

    answer = charlie.post(form["action"])

    assert answer.headers["Location"] == "/account?tab=security"
    assert stage.calls.read_now(SYSTEM, devices.of_user, stage.charlie.id) == []


def test_nobody_forgets_the_browser_of_someone_else(stage: Cast, charlie: TestClient) -> None:
    with signed_in(stage, "bob"):
        pass
    [known] = stage.calls.read_now(SYSTEM, devices.of_user, stage.bob.id)

    own = charlie.post(f"/account/devices/{known.id}/forget")
    others = charlie.post(f"/users/{stage.bob.id}/devices/{known.id}/forget")

    assert (own.status_code, others.status_code) == (404, 404)
    assert stage.calls.read_now(SYSTEM, devices.of_user, stage.bob.id) == [known]


def test_administrator_forgets_a_browser_on_the_page_of_its_user(stage: Cast, ada: TestClient) -> None:
    with signed_in(stage, "bob"):
        pass
    [known] = stage.calls.read_now(SYSTEM, devices.of_user, stage.bob.id)
    assert "Known browsers" in ada.get(f"/users/{stage.bob.id}?tab=security").text

    answer = ada.post(f"/users/{stage.bob.id}/devices/{DeviceId(known.id)}/forget")

    assert answer.headers["Location"] == f"/users/{stage.bob.id}?tab=security"
    assert stage.calls.read_now(SYSTEM, devices.of_user, stage.bob.id) == []


def test_own_access_says_level_and_through_what(stage: Cast, charlie: TestClient) -> None:
    stage.do(memberships.add, stage.sales.id, SubjectKind.USER, stage.charlie.id)

    rows = [row.text for row in tab(charlie, "access").all("tr")]

    assert any("/sales/2026" in row and "Read" in row and "direct" in row for row in rows)
    assert any("/sales" in row and "Read and write" in row and "Sales" in row for row in rows)
    assert "Nothing at all" in charlie.get("/account?tab=access&path=/elsewhere").text
    assert "Download" in charlie.get("/account?tab=access&path=/sales/2026/q1").text


def test_own_activity_is_of_oneself_alone(stage: Cast, charlie: TestClient) -> None:
    stage.do(grants.add, "/books", SubjectKind.USER, stage.charlie.id, Level.LIST)
    stage.do(users.edit, stage.bob.id, {"name": "Robert"})

    told = tab(charlie, "activity").text

    assert "charlie signed in" in told
    assert "bob" not in told
    assert "Robert" not in told


def test_banner_stands_on_every_page_until_a_second_factor_is_due(stage: Cast) -> None:
    stage.do(settings.edit, {"require_2fa": True})
    with signed_in(stage, "bob") as bob:
        pages = {
            path: "Set up a second factor until Mar 9, 2026" in bob.get(path).text
            for path in ("/", "/users", "/account", "/account/two-factor")
        }
        stage.do(users.edit, stage.bob.id, {"require_2fa": False})
        exempt = bob.get("/users").text

    assert pages == {"/": True, "/users": True, "/account": True, "/account/two-factor": False}
    assert "Set up a second factor until" not in exempt


def test_after_that_nothing_else_can_be_done(stage: Cast) -> None:
    stage.do(settings.edit, {"require_2fa": True})
    with signed_in(stage, "charlie"):
        pass
    stage.now += timedelta(days=8)
    with signed_in(stage, "charlie") as late:
        assert late.get("/account").headers["Location"] == "/account/two-factor"


@pytest.fixture
def plain_user(chromium: Any, live: str) -> Any:
    visitor = Visitor(chromium, live, viewport=NARROW, java_script_enabled=False)
    yield visitor
    visitor.context.close()
    assert visitor.complaints == []


def test_account_without_scripts_in_a_narrow_window(stage: Cast, plain_user: Visitor) -> None:
    stage.do(users.edit, stage.charlie.id, {"language": "de"})
    page = plain_user.sign_in("charlie")
    page.goto("/account/edit")
    page.get_by_label("Zeitzone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Zeigen").click()
    expect(page.locator("output")).to_contain_text("18:00:00 (Asia/Tokyo)")
    page.get_by_role("button", name="Änderungen speichern").click()
    expect(page.get_by_text("Asia/Tokyo").first).to_be_visible()

    page.get_by_role("link", name="Sicherheit").click()
    page.get_by_role("button", name="vergessen").click()

    expect(page.locator("#toasts")).to_contain_text("Der Browser wurde vergessen.")
    for path in PAGES:
        page.goto(path)
        assert overhang(page) == 0


def test_every_page_of_the_account_passes_axe_for_a_plain_user(stage: Cast, chromium: Any, live: str) -> None:
    stage.do(settings.edit, {"require_2fa": True})
    stage.do(users.edit, stage.charlie.id, {"language": "de"})
    visitor = Visitor(chromium, live, viewport=NARROW)
    page = visitor.sign_in("charlie")
    problems: list[tuple[str, Any]] = []
    for path in PAGES:
        page.goto(path)
        problems += [(path, found) for found in violations(page)]
        problems += [(path, "too wide")] if overhang(page) else []
    visitor.context.close()

    assert problems == []
    assert visitor.complaints == []


def test_account_by_keyboard_with_a_live_preview(stage: Cast, window: Visitor) -> None:
    page = window.sign_in("charlie")
    page.goto("/account/edit")
    page.locator("#name").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Deutsch")
    page.keyboard.press("Tab")
    page.keyboard.type("Asia/Tokyo")
    expect(page.locator("output")).to_have_text("02.03.2026, 18:00:00 (Asia/Tokyo)")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert stage.calls.read_now(SYSTEM, users.show, stage.charlie.id).time_zone == "Asia/Tokyo"
