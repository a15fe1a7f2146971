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
def plain(chromium: Any, live: str) -> Iterator[Page]:
    visitor = Visitor(chromium, live, java_script_enabled=False)
    yield visitor.sign_in()
    visitor.context.close()
    assert visitor.complaints == []


def test_filter_open_a_tab_and_suspend(stage: Cast, plain: Page) -> None:
    plain.goto("/users?view=active")
    plain.locator("#filter-q").fill("byron")
    plain.keyboard.press("Enter")
    expect(plain.locator("tbody tr")).to_have_count(1)
    plain.get_by_role("link", name="Bob Byron").click()
    expect(plain.get_by_role("heading", name="Bob Byron")).to_be_visible()
    plain.get_by_role("link", name="Security").click()
    expect(plain.get_by_text("SHA256:")).to_be_visible()

    plain.get_by_role("link", name="Suspend").click()
    plain.get_by_label("Reason").fill("On leave")
    plain.get_by_role("button", name="Suspend").click()

    expect(plain.locator("#toasts")).to_contain_text("Bob Byron is suspended.")
    assert stage.calls.read_now(SYSTEM, users.show, stage.bob.id).status(stage.now) is Status.SUSPENDED


def test_add_a_user_after_a_mistake(stage: Cast, plain: Page) -> None:
    plain.goto("/users/new")
    plain.get_by_label("User name").fill("a b")
    plain.get_by_label("Company optional").fill("Keys Ltd")
    plain.get_by_role("button", name="Add user").click()
    expect(plain.locator("#username-error")).to_be_visible()
    expect(plain.get_by_label("Company optional")).to_have_value("Keys Ltd")

    plain.get_by_label("User name").fill("ina")
    plain.get_by_role("button", name="Add user").click()

    expect(plain.get_by_role("heading", name="ina")).to_be_visible()
    assert stage.calls.read_now(SYSTEM, users.find, "ina").company == "Keys Ltd"


def test_search_leads_to_users(plain: Page) -> None:
    plain.locator("#find-q").fill("us")
    plain.keyboard.press("Enter")

    expect(plain.get_by_role("heading", name="Users", exact=True)).to_be_visible()


def test_theme_and_menu(plain: Page) -> None:
    plain.get_by_role("button", name="Dark").click()
    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")

    plain.get_by_role("button", name="Your account").click()
    plain.get_by_role("button", name="Sign out").click()

    expect(plain.get_by_role("heading", name="Sign in")).to_be_visible()


def test_import(stage: Cast, plain: Page, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("username,name\nina,Ina\n")
    plain.goto("/imports/new")
    plain.locator("#file").set_input_files(file)
    plain.get_by_role("button", name="Look at what would happen").click()
    reload_until(plain, "planned")

    plain.get_by_role("button", name="Apply 1 change").click()

    reload_until(plain, "applied")
    assert stage.calls.read_now(SYSTEM, users.find, "ina").name == "Ina"


def reload_until(page: Page, state: str) -> None:
    """Do by hand what the script does each second."""
    for _ in range(60):
        if page.locator("#import").get_attribute("data-state") == state:
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError(f"the import did not become {state}")
