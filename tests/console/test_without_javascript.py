"""Everything works, only slower, where no script runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from innkeeper.actions import users
from innkeeper.domain.words import Status
from tests.console.browsing import Visitor
from tests.console.stage import SYSTEM, Cast


@pytest.fixture
def page(chromium: Any, live: str) -> Iterator[Page]:
    visitor = Visitor(chromium, live, java_script_enabled=False)
    yield visitor.sign_in()
    visitor.context.close()
    assert visitor.complaints == []


def test_filter_open_a_tab_and_suspend(stage: Cast, page: Page) -> None:
    page.goto("/users?view=active")
    page.locator("#filter-q").fill("byron")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Bob Byron").click()
    expect(page.get_by_role("heading", name="Bob Byron")).to_be_visible()
    page.get_by_role("link", name="Security").click()
    expect(page.get_by_text("SHA256:")).to_be_visible()

    page.get_by_role("link", name="Suspend").click()
    page.get_by_label("Reason").fill("On leave")
    page.get_by_role("button", name="Suspend").click()

    expect(page.locator("#toasts")).to_contain_text("Bob Byron is suspended.")
    assert stage.calls.read_now(SYSTEM, users.show, stage.bob.id).status(stage.now) is Status.SUSPENDED


def test_add_a_user_after_a_mistake(stage: Cast, page: Page) -> None:
    page.goto("/users/new")
    page.get_by_label("User name").fill("a b")
    page.get_by_label("Company optional").fill("Keys Ltd")
    page.get_by_role("button", name="Add user").click()
    expect(page.locator("#username-error")).to_be_visible()
    expect(page.get_by_label("Company optional")).to_have_value("Keys Ltd")

    page.get_by_label("User name").fill("ina")
    page.get_by_role("button", name="Add user").click()

    expect(page.get_by_role("heading", name="ina")).to_be_visible()
    assert stage.calls.read_now(SYSTEM, users.find, "ina").company == "Keys Ltd"


def test_search_leads_to_users(page: Page) -> None:
    page.locator("#find-q").fill("us")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()


def test_theme_and_menu(page: Page) -> None:
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_import(stage: Cast, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("username,name\nina,Ina\n")
    page.goto("/imports/new")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look at what would happen").click()
    reload_until(page, "planned")

    page.get_by_role("button", name="Apply 1 change").click()

    reload_until(page, "applied")
    assert stage.calls.read_now(SYSTEM, users.find, "ina").name == "Ina"


def reload_until(page: Page, state: str) -> None:
    """Do by hand what the script does each second."""
    for _ in range(60):
        if page.locator("#import").get_attribute("data-state") == state:
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError(f"the import did not become {state}")
