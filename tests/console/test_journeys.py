"""What administrators do, from the first click to the last, in Chromium."""

from pathlib import Path

from playwright.sync_api import expect

from innkeeper.actions import portraits, setup, users
from innkeeper.domain.words import Status
from tests.console.browsing import Visitor, served
from tests.console.stage import KEY, PASSWORD, SYSTEM, Cast, Stage


def test_first_run(chromium: object, empty_stage: Stage) -> None:
    token = empty_stage.do(setup.make_link)
    with served(empty_stage) as address:
        visitor = Visitor(chromium, address)  # type: ignore[arg-type]
        page = visitor.page
        page.goto(f"/setup/{token}")
        page.get_by_label("Name optional", exact=False).first.fill("Grace Hopper")
        page.get_by_label("User name").fill("grace")
        page.locator("#password").fill("short")
        page.get_by_role("button", name="Set up the site").click()
        expect(page.locator("#password-error")).to_be_visible()
        expect(page.locator("#password")).to_be_focused()
        expect(page.get_by_label("User name")).to_have_value("grace")

        page.locator("#password").fill(PASSWORD)
        page.get_by_label("Name of the site").fill("Finch")
        page.get_by_role("button", name="Set up the site").click()

        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
        expect(page.locator("#toasts")).to_contain_text("The site is set up.")
        visitor.context.close()
        assert visitor.complaints == []


def test_add_a_user_and_find_them(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.get_by_role("link", name="Add user").click()
    page.get_by_label("User name").fill("ina ivory")
    page.get_by_label("Name optional").first.fill("Ina Ivory")
    page.get_by_label("Sales").check()
    page.locator("#ssh_keys").fill(KEY.replace("bob@laptop", "ina@desk"))
    page.get_by_role("button", name="Add user").click()
    expect(page.locator("#username-error")).to_contain_text("without spaces")
    expect(page.locator("#username")).to_be_focused()
    expect(page.get_by_label("Sales")).to_be_checked()

    page.get_by_label("User name").fill("ina")
    page.get_by_role("button", name="Add user").click()

    expect(page.get_by_role("heading", name="Ina Ivory")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("Ina Ivory was added.")
    portrait = stage.calls.read_now(SYSTEM, portraits.named, "ina").items[0]
    assert portrait.groups == ("Sales",)
    assert len(portrait.ssh_keys) == 1


def test_look_at_a_user_in_the_drawer_and_suspend_them(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.get_by_role("link", name="Bob Byron").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", name="Bob Byron")).to_be_focused()
    expect(page).to_have_url(f"{window.address}/users?open={stage.bob.id}")
    for tab in ("Security", "Access", "Activity", "Connections"):
        drawer.get_by_role("link", name=tab, exact=True).click()
        expect(drawer.get_by_role("link", name=tab, exact=True)).to_have_attribute("aria-current", "page")
        expect(drawer.get_by_role("link", name=tab, exact=True)).to_be_focused()

    drawer.get_by_role("link", name="Suspend").click()
    dialog = page.locator("#confirm")
    expect(dialog.get_by_role("heading", name="Suspend Bob Byron?")).to_be_focused()
    dialog.get_by_label("Reason").fill("On leave")
    dialog.get_by_role("button", name="Suspend").click()

    expect(page.locator("#toasts")).to_contain_text("Bob Byron is suspended.")
    expect(page.locator("#drawer").get_by_text("On leave").first).to_be_visible()
    assert stage.calls.read_now(SYSTEM, users.show, stage.bob.id).status(stage.now) is Status.SUSPENDED


def test_closing_the_drawer_gives_focus_and_address_back(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users?view=active")
    link = page.get_by_role("link", name="Bob Byron")
    link.click()
    expect(page.locator("#drawer")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("#drawer")).not_to_be_visible()
    expect(link).to_be_focused()
    expect(page).to_have_url(f"{window.address}/users?view=active")


def test_previous_and_next_lead_along_the_list(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users?view=active")
    page.get_by_role("link", name="Bob Byron").click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("link", name="Next user").click()
    expect(drawer.get_by_role("heading", name="Charlie Babbage")).to_be_visible()
    expect(drawer.get_by_role("link", name="Next user")).to_be_focused()

    drawer.get_by_role("link", name="Previous user").click()
    expect(drawer.get_by_role("heading", name="Bob Byron")).to_be_visible()
    drawer.get_by_role("link", name="Previous user").click()

    expect(drawer.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    expect(drawer.get_by_role("link", name="Previous user")).not_to_be_visible()


def test_filter_while_typing_keeps_focus_and_address(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.locator("#filter-q").press_sequentially("byron", delay=30)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(page.locator("#filter-q")).to_be_focused()
    expect(page.locator("#live")).to_have_text("1 user")
    expect(page).to_have_url(f"{window.address}/users?q=byron")

    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Locked").click()
    expect(page.get_by_text("No users match")).to_be_visible()
    expect(page).to_have_url(f"{window.address}/users?q=byron&view=locked")
    page.go_back()
    expect(rows).to_have_count(1)


def test_facet_narrows_at_once(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.get_by_role("button", name="Signs in with").click()
    page.get_by_label("E-mail link").check()

    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="Dora Dent")).to_be_visible()


def test_add_and_remove_a_key_in_the_drawer(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto(f"/users?open={stage.charlie.id}&tab=security")
    drawer = page.locator("#drawer")
    drawer.get_by_text("Add key").first.click()
    drawer.get_by_label("Public key").fill("nonsense")
    drawer.get_by_role("button", name="Add key").click()
    expect(drawer.get_by_label("Public key")).to_have_attribute("aria-invalid", "true")
    expect(drawer.get_by_label("Public key")).to_have_value("nonsense")

    drawer.get_by_label("Public key").fill(KEY.replace("JWmUJkrL", "KWmUJkrL"))
    drawer.get_by_role("button", name="Add key").click()
    expect(page.locator("#toasts")).to_contain_text("The key was added.")
    expect(drawer.get_by_text("SHA256:")).to_be_visible()

    drawer.get_by_role("link", name="Remove key bob@laptop").click()
    page.locator("#confirm").get_by_role("button", name="Remove key").click()
    expect(page.locator("#drawer").get_by_text("No SSH keys.")).to_be_visible()


def test_own_api_key_is_shown_once(window: Visitor) -> None:
    page = window.sign_in("charlie")
    page.goto("/account?tab=security")
    page.get_by_text("Make key").first.click()
    page.locator("#api-key-name").fill("Backup")
    page.get_by_role("button", name="Make key").click()

    secret = page.locator("#api-key-secret")
    expect(secret).to_contain_text("ink_")
    page.reload()
    expect(secret).to_have_count(0)


def test_import_from_the_file_to_the_report(stage: Cast, window: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "username,name,email\nbob,Robert Byron,bob@example.com\nina,Ina,ina@example.com\njim,Jim,nowhere\n"
    )
    page = window.sign_in()
    page.goto("/imports/new")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look at what would happen").click()

    expect(page.get_by_role("button", name="Apply 2 changes")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("jim")
    page.get_by_role("link", name="Changed 1").click()
    expect(page.locator("tbody")).to_contain_text("Robert Byron")
    page.get_by_role("button", name="Apply 2 changes").click()

    expect(page.locator("#import")).to_have_attribute("data-state", "applied")
    with page.expect_download() as download:
        page.get_by_role("link", name="1 failed row").click()
    assert "nowhere" in download.value.path().read_text()
    assert stage.calls.read_now(SYSTEM, users.find, "ina").name == "Ina"


def test_theme_is_kept_without_a_flash(window: Visitor) -> None:
    page = window.sign_in()
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_server_that_fails_is_told_and_nothing_is_lost(window: Visitor) -> None:
    page = window.sign_in()
    page.goto("/users")
    page.route("**/users?*q=*", lambda route: route.abort())
    page.locator("#filter-q").fill("byron")

    expect(page.locator("#toasts")).to_contain_text("Nothing was changed.")
    expect(page.locator("#filter-q")).to_have_value("byron")
    window.complaints.clear()
