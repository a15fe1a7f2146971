"""Passwords in Chromium: by link, by administrators, without scripts, on a phone, and what axe finds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from innkeeper.actions import settings, users
from tests.console.browsing import NARROW, Visitor
from tests.console.stage import PASSWORD, SYSTEM, Cast
from tests.console.test_looks import OPTIONS
from tests.test_password_links import has_password, link

NEW = "mauve lantern ferry 7"


@pytest.fixture
def plain(chromium: Any, live: str) -> Iterator[Page]:
    """A window in which no script runs."""
    visitor = Visitor(chromium, live, java_script_enabled=False)
    yield visitor.page
    visitor.context.close()
    assert visitor.complaints == []


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, chromium: Any, live: str) -> Iterator[Visitor]:
    visitor = Visitor(chromium, live, viewport=NARROW, color_scheme=request.param)
    yield visitor
    visitor.context.close()
    assert visitor.complaints == []


def ask_and_choose(stage: Cast, page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("User name or e-mail address").fill("bob@example.com")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look at your mail")).to_be_visible()
    page.goto(f"/set-password/{link(stage.calls)}")
    expect(page.get_by_label("User name")).to_have_value("bob")
    page.locator("#password").fill("byron12")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("The last try was easy to guess.")).to_be_visible()
    expect(page.locator(".rules li.bad")).to_have_count(3)
    expect(page.locator("#password")).to_have_value("")
    page.locator("#password").fill(NEW)
    page.get_by_role("button", name="Set password").click()
    expect(page.locator("#toasts")).to_contain_text("Your password is set.")
    stage.now += timedelta(seconds=5)
    page.fill("#username", "bob")
    page.fill("#password", NEW)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Dashboard").or_(page.locator("#user"))).to_be_visible()


def test_who_forgot_gets_in_again_by_mail(stage: Cast, window: Visitor) -> None:
    ask_and_choose(stage, window.page)

    assert has_password(stage.calls, stage.bob, NEW)


def test_the_same_without_a_script(stage: Cast, plain: Page) -> None:
    ask_and_choose(stage, plain)


def test_an_invited_user_signs_up(stage: Cast, window: Visitor) -> None:
    page = window.page
    page.goto(f"/set-password/{link(stage.calls)}")
    expect(page.get_by_role("heading", name="Welcome, Dora Dent")).to_be_visible()
    page.locator("#password").fill(NEW)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{window.address}/sign-in")
    page.go_back()
    page.reload()

    expect(page.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    dora = stage.calls.read_now(SYSTEM, users.find, "dora")
    assert has_password(stage.calls, dora, NEW)
    window.complaints[:] = [one for one in window.complaints if "404" not in one]


def test_an_administrator_has_a_password_made(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto(f"/users/{stage.bob.id}")
    page.get_by_role("link", name="Reset password").click()
    dialog = page.locator("#confirm")
    dialog.get_by_role("button", name="Make one by chance").click()
    made = dialog.locator("#made-password")
    expect(made).to_be_visible()
    text = made.inner_text()
    dialog.get_by_role("link", name="Done").click()

    expect(page.get_by_text(text)).to_have_count(0)
    assert has_password(stage.calls, stage.bob, text)


def test_an_administrator_is_told_what_is_wrong_and_sends_a_link(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto(f"/users/{stage.bob.id}")
    page.get_by_role("link", name="Reset password").click()
    dialog = page.locator("#confirm")
    dialog.locator("#password").fill("short")
    dialog.get_by_role("button", name="Reset password").click()
    expect(dialog.locator("#password")).to_be_focused()
    expect(dialog.locator(".rules li.bad")).to_have_count(2)
    dialog.get_by_role("button", name="Send them a link instead").click()

    expect(page.locator("#toasts")).to_contain_text("A link was sent to bob@example.com.")
    assert has_password(stage.calls, stage.bob, PASSWORD)
    page.goto(f"/set-password/{link(stage.calls)}")
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()


def test_an_administrator_invites_again(stage: Cast, window: Visitor) -> None:
    dora = stage.calls.read_now(SYSTEM, users.find, "dora")
    page = window.sign_in()
    page.goto(f"/users/{dora.id}?tab=security")

    page.get_by_role("button", name="Invite again").click()

    expect(page.locator("#toasts")).to_contain_text("An invitation was sent to dora@example.com.")


def test_a_password_that_must_be_changed(stage: Cast, window: Visitor) -> None:
    stage.do(users.edit, stage.bob.id, {"require_password_change": True})
    page = window.sign_in("bob")
    expect(page.get_by_text("You have to choose a new password")).to_be_visible()
    page.fill("#old_password", PASSWORD)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.locator(".rules li.bad")).to_contain_text("Another one than the last 5")
    page.fill("#old_password", PASSWORD)
    page.fill("#password", NEW)
    page.get_by_role("button", name="Change password").click()

    expect(page.locator("#toasts")).to_contain_text("Your password was changed.")


def test_every_page_about_passwords_passes_axe_and_fits_a_phone(
    stage: Cast, phone: Visitor, tmp_path: Path
) -> None:
    stage.do(settings.edit, {"password_validity_days": 9, "password_minimum_classes": 3})
    page, dora_link = phone.page, link(stage.calls)
    for path in ("/sign-in", "/forgot", "/forgot/sent", f"/set-password/{dora_link}", "/set-password/x"):
        page.goto(path)
        judge(page, path, tmp_path)
    page.goto(f"/set-password/{dora_link}")
    page.locator("#password").fill("dent1")
    page.get_by_role("button", name="Set password").click()
    expect(page.locator(".rules li.bad").first).to_be_visible()
    judge(page, "set refused", tmp_path)
    phone.sign_in()
    for path in ("/account/password", f"/users/{stage.bob.id}/password"):
        page.goto(path)
        judge(page, path, tmp_path)
    page.get_by_role("button", name="Make one by chance").click()
    expect(page.locator("#made-password")).to_be_visible()
    judge(page, "made", tmp_path)
    phone.complaints[:] = [one for one in phone.complaints if "404" not in one]


def judge(page: Page, name: str, directory: Path) -> None:
    """No fault that axe knows, nothing to scroll sideways; a picture of how it looks."""
    page.screenshot(path=str(directory / f"{name.strip('/').replace('/', '-')[:40]}.png"), full_page=True)
    found = Axe().run(page, options=OPTIONS).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
