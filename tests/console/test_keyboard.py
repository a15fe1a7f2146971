"""The console without a mouse."""

from playwright.sync_api import Page, expect

from tests.console.browsing import Visitor
from tests.console.stage import Cast


def focused(page: Page) -> str:
    """The id, else the class, of what has the focus."""
    found: str = page.evaluate("document.activeElement.id || document.activeElement.className")
    return found


def test_first_stop_is_the_link_past_the_navigation(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.keyboard.press("Tab")
    assert focused(page) == "skip"

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_search_box_finds_and_opens(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.keyboard.press("/")
    assert focused(page) == "find-q"
    page.keyboard.type("byron", delay=20)
    box = page.locator("#find-q")
    expect(page.locator("#find-list [aria-selected=true]")).to_contain_text("Bob Byron")
    expect(box).to_have_attribute("aria-activedescendant", f"hit-user-{stage.bob.id}")
    expect(page.locator("#live")).to_contain_text("result")

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Bob Byron")).to_be_visible()


def test_two_letters_and_enter_land_on_users(window: Visitor) -> None:
    page = window.sign_in()
    page.keyboard.press("Control+k")
    page.keyboard.type("us")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{window.address}/users")


def test_arrows_move_through_hits_and_escape_closes_then_leaves(window: Visitor) -> None:
    page = window.sign_in()
    page.keyboard.press("/")
    page.keyboard.type("s", delay=20)
    box, chosen = page.locator("#find-q"), page.locator("#find-list [aria-selected=true]")
    expect(page.locator("#find-list [data-query='s']").first).to_be_attached()
    expect(chosen).to_have_count(1)
    first = box.get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") != first
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == first

    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")

    expect(box).not_to_be_focused()


def test_rows_can_be_walked_and_opened(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.cursor .open")).to_have_text("Bob Byron")
    page.keyboard.press("k")
    expect(page.locator("tr.cursor .open")).to_have_text("Ada Lovelace")

    page.keyboard.press("Enter")

    expect(page.locator("#drawer").get_by_role("heading", name="Ada Lovelace")).to_be_focused()


def test_keys_are_listed_and_rest_inside_fields(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")

    page.locator("#filter-q").focus()
    page.keyboard.type("j/?")

    expect(page.locator("#filter-q")).to_have_value("j/?")
    expect(page.locator("#keys")).not_to_be_visible()


def test_focus_stays_inside_a_dialog(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto(f"/users?open={stage.bob.id}")
    expect(page.locator("#drawer")).to_be_visible()

    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )
