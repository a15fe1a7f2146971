"""Every main page in both themes and two widths: axe, sideways scroll, and text that nobody marked."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from innkeeper.actions import api_keys, folders, imports, mails, ssh_keys
from innkeeper.domain.mails import MailKind
from innkeeper.domain.plans import ImportOptions
from tests.console.browsing import NARROW, WIDE, Visitor
from tests.console.stage import SYSTEM, Cast

HERE = Path(__file__).parent
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# Names of the cast and of things, which no language changes.
DATA = re.compile(
    r"Ada|Bob|Charlie|Dora|Emil|Fay|Gus|Hal|ada|bob|example\.com|Sales|Sells|^test$|Contract ended|\(UTC\)|"
    r"Harbor|Laptop|WDJB-MJHT|^sales$|people\.csv|Engines|^press$|English|Deutsch|^(SFTP|FTPS|WebDAV|API|SCIM|LDAP|YAML)$|^/|"
    r"plan\.txt|^2026$|^Sell |^Mozilla/|^\d+ Bytes"
)
FIXED = {
    "dashboard": "/",
    "users": "/users",
    "users that nobody is": "/users?q=zzzz",
    "add user": "/users/new",
    "groups": "/groups",
    "add group": "/groups/new",
    "files": "/files?path=/sales",
    "a file": "/files/file?path=/sales/2026/plan.txt",
    "folders": "/folders",
    "imports": "/imports",
    "import a file": "/imports/new",
    "activity": "/activity",
    "keys": "/keys",
    "API keys": "/keys?kind=api",
    "mails": "/mails",
    "mails that nobody got": "/mails?q=zzzz",
    "settings": "/settings",
    "sign-in policy": "/sign-in-policy",
    "account": "/account",
    "edit account": "/account/edit",
    "two-factor": "/account/two-factor",
    "add an app": "/account/two-factor/codes/app",
    "add e-mail codes": "/account/two-factor/codes/email",
    "add a passkey": "/account/two-factor/keys/passkey",
    "own connections": "/account?tab=connections",
    "connect a device": "/device",
    "search": "/search?q=sales",
    "components": "/_ui",
}
WINDOWS = [("light", "wide"), ("light", "narrow"), ("dark", "wide"), ("dark", "narrow")]
SIZES: dict[str, Any] = {"wide": WIDE, "narrow": NARROW}
UNMARKED = (HERE / "unmarked.js").read_text("utf-8")


@pytest.fixture(scope="module", params=WINDOWS, ids="-".join)
def look(request: pytest.FixtureRequest, chromium: Any, still_live: str) -> Iterator[Visitor]:
    scheme, size = request.param
    visitor = Visitor(chromium, still_live, color_scheme=scheme, viewport=SIZES[size])
    visitor.sign_in()
    yield visitor
    visitor.context.close()


@pytest.fixture(scope="module")
def paths(still_stage: Cast) -> dict[str, str]:
    """Addresses of the main pages by a word for each."""
    found = still_stage.calls.read_now(SYSTEM, folders.page).items
    keys = still_stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=still_stage.bob.id).items
    token = still_stage.do(api_keys.create, still_stage.bob.id, "test", scopes=["users:read"])
    plan = still_stage.do(imports.begin, "people.csv", ImportOptions())
    still_stage.do(mails.queue, MailKind.INVITATION, still_stage.bob, {}, secret={"path": "/set-password/x"})
    mail = still_stage.calls.read_now(SYSTEM, mails.page).items[0].mail
    bob, sales = f"/users/{still_stage.bob.id}", f"/groups/{still_stage.sales.id}"
    moving = {
        "drawer": f"/users?open={still_stage.bob.id}&tab=security",
        "user": bob,
        "user's security": f"{bob}?tab=security",
        "who could come in": f"{bob}/admission?interface=sftp&address=192.0.2.7",
        "edit SSH key": f"{bob}/ssh-keys/{keys[0].id}/edit",
        "edit API key": f"{bob}/api-keys/{token[0].id}/edit",
        "user's access": f"{bob}?tab=access&path=/sales",
        "user's activity": f"{bob}?tab=activity",
        "user's connections": f"{bob}?tab=connections",
        "edit user": f"{bob}/edit",
        "clone user": f"{bob}/clone",
        "suspend": f"{bob}/suspend",
        "reset password": f"{bob}/password",
        "group": sales,
        "folder": next(f"/folders/{folder.id}" for folder in found if folder.path == "/sales/2026"),
        "import": f"/imports/{plan.id}",
        "mail": f"/mails/{mail.id}",
    }
    return FIXED | moving


def test_every_main_page_passes_axe_and_fits(look: Visitor, paths: dict[str, str]) -> None:
    problems = [problem for name, path in paths.items() for problem in examine(look, name, path)]

    assert problems == []
    assert look.complaints == []


def test_open_lists_and_dialogs_pass_axe(look: Visitor) -> None:
    page = look.page
    page.goto("/users")
    page.locator("#find-q").fill("s")
    expect(page.locator("#find-list [role=option]").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Came from").click()
    assert violations(page) == []
    page.goto("/users")
    page.get_by_role("link", name="Bob Byron").click()
    page.locator("#drawer").get_by_role("link", name="Suspend").click()
    expect(page.locator("#c-title")).to_be_visible()
    assert violations(page) == []


def test_form_with_errors_passes_axe(look: Visitor) -> None:
    page = look.page
    page.goto("/users/new")
    page.locator("#username").fill("a b")
    page.locator("#email").fill("a@b")
    page.get_by_role("button", name="Add user").click()
    expect(page.locator("#username-error")).to_be_visible()

    assert violations(page) == []


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_pages_without_a_frame_pass_axe(chromium: Any, still_live: str, size: str) -> None:
    visitor = Visitor(chromium, still_live, viewport=SIZES[size])
    for path in ("/sign-in", "/setup/gone", "/nowhere"):
        visitor.page.goto(path)
        assert violations(visitor.page) == []
        assert overhang(visitor.page) == 0
    visitor.context.close()


def test_narrow_window_has_a_bar_at_the_bottom_and_a_menu(chromium: Any, still_live: str) -> None:
    visitor = Visitor(chromium, still_live, viewport=NARROW)
    page = visitor.sign_in()
    bar = page.get_by_role("navigation", name="Shortcuts")
    bar.get_by_role("link", name="Users").click()
    expect(page).to_have_url(f"{still_live}/users")
    expect(page.locator("#side")).not_to_be_visible()

    bar.get_by_role("button", name="More").click()

    page.locator("#side").get_by_role("link", name="Folders").click()
    expect(page).to_have_url(f"{still_live}/folders")
    visitor.context.close()


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_every_text_is_marked_and_longer_words_fit(
    chromium: Any, still_live: str, paths: dict[str, str], size: str
) -> None:
    visitor = Visitor(chromium, still_live, viewport=SIZES[size])
    visitor.sign_in()
    visitor.speak("xx")
    found = {}
    for name, path in paths.items():
        visitor.page.goto(path)
        unmarked = [text for text in visitor.page.evaluate(UNMARKED) if not DATA.search(text)]
        if unmarked or overhang(visitor.page):
            found[name] = (unmarked, overhang(visitor.page))
    visitor.context.close()

    assert found == {}


def test_german_fits_a_narrow_window(chromium: Any, still_live: str, paths: dict[str, str]) -> None:
    visitor = Visitor(chromium, still_live, viewport=NARROW)
    visitor.sign_in()
    visitor.speak("de")
    wide = []
    for name, path in paths.items():
        visitor.page.goto(path)
        assert visitor.page.locator("html").get_attribute("lang") == "de"
        if overhang(visitor.page):
            wide.append(name)
    visitor.context.close()

    assert wide == []


def test_console_is_usable_without_its_typeface(chromium: Any, still_live: str) -> None:
    visitor = Visitor(chromium, still_live, viewport=NARROW)
    visitor.context.route("**/*.ttf", lambda route: route.abort())
    page = visitor.sign_in()
    page.goto("/users")

    assert overhang(page) == 0
    visitor.context.close()


def examine(look: Visitor, name: str, path: str) -> Iterator[tuple[str, Any]]:
    look.page.goto(path)
    if overhang(look.page):
        yield name, f"{overhang(look.page)} pixels too wide"
    for violation in violations(look.page):
        yield name, violation


def violations(page: Page) -> list[tuple[str, str]]:
    """Each violation with the first element that has it."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [(violation["id"], violation["nodes"][0]["html"][:160]) for violation in found]


def overhang(page: Page) -> int:
    """How many pixels the page can be scrolled sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(width, 0)
