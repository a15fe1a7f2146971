"""Files in Chromium: dropped, watched on their way, looked at and deleted; and the same without scripts."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from innkeeper.actions import grants
from innkeeper.domain.words import Level, SubjectKind
from tests.console.browsing import NARROW, Visitor
from tests.console.stage import Cast
from tests.console.test_looks import overhang, violations

DROPPED = """(texts) => {
  const carried = new DataTransfer();
  for (const [name, text] of Object.entries(texts)) carried.items.add(new File([text], name));
  return carried;
}"""


@pytest.fixture
def here(stage: Cast) -> Path:
    """A folder in which Charlie may do everything."""
    stage.do(grants.add, "/desk", SubjectKind.USER, stage.charlie.id, Level.FULL)
    folder = stage.files / "desk"
    folder.mkdir()
    return folder


def drop(page: Page, texts: dict[str, str]) -> None:
    carried = page.evaluate_handle(DROPPED, texts)
    for kind in ("dragover", "drop"):
        page.dispatch_event("form.upload", kind, {"dataTransfer": carried})


def test_files_are_dropped_replaced_looked_at_and_deleted(here: Path, window: Visitor) -> None:
    page = window.sign_in("charlie")
    page.goto("/files?path=/desk")
    drop(page, {"plan & more.txt": "Sell <b>more</b>.", "second.txt": "2"})
    lines, rows = page.locator(".uploads li"), page.locator("tbody tr")
    expect(lines.filter(has_text="Uploaded")).to_have_count(2)
    expect(rows).to_have_count(2)
    assert (here / "plan & more.txt").read_text() == "Sell <b>more</b>."

    page.locator("#upload-files").set_input_files(
        {"name": "second.txt", "mimeType": "text/plain", "buffer": b"two"}
    )
    third = lines.nth(2)
    expect(third).to_contain_text("Something has this name already.")
    assert (here / "second.txt").read_text() == "2"
    third.get_by_role("button", name="Replace").click()
    expect(third).to_contain_text("Uploaded")
    assert (here / "second.txt").read_text() == "two"
    assert violations(page) == []

    page.get_by_role("link", name="plan & more.txt", exact=True).click()
    expect(page.locator("pre.preview")).to_have_text("Sell <b>more</b>.")
    page.get_by_role("link", name="Delete").click()
    expect(page.locator("#c-title")).to_be_focused()
    page.get_by_role("button", name="Delete").click()

    expect(page.locator("#toasts")).to_contain_text("plan & more.txt was deleted.")
    expect(rows).to_have_count(1)
    window.complaints = [text for text in window.complaints if "status of 409" not in text]


def test_a_folder_is_made_and_a_file_moved_into_it_by_keyboard(here: Path, window: Visitor) -> None:
    (here / "note.txt").touch()
    page = window.sign_in("charlie")
    page.goto("/files?path=/desk")

    page.get_by_role("link", name="New folder").press("Enter")
    page.locator("#confirm").get_by_label("Name").fill("drafts")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="drafts")).to_be_visible()
    page.goto("/files?path=/desk")
    page.get_by_role("link", name="Rename or move note.txt").press("Enter")
    page.locator("#confirm").get_by_label("Folder").fill("/desk/drafts")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("note.txt was moved.")
    assert (here / "drafts" / "note.txt").exists()


def test_without_scripts_and_on_a_phone_files_come_in_and_go(chromium: Any, live: str, here: Path) -> None:
    visitor = Visitor(chromium, live, java_script_enabled=False, viewport=NARROW)
    page = visitor.sign_in("charlie")
    visitor.speak("de")
    page.goto("/files?path=/desk")
    a, b = (FilePayload(name=name, mimeType="text/plain", buffer=b"x") for name in ("a.txt", "b.txt"))
    page.locator("#upload-files").set_input_files([a, b])
    page.get_by_role("button", name="Hochladen", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="a.txt löschen").click()
    page.get_by_role("button", name="Löschen").click()
    expect(page.locator("tbody tr")).to_have_count(1)

    with page.expect_download() as download:
        page.get_by_role("link", name="b.txt herunterladen").click()

    assert download.value.suggested_filename == "b.txt"
    visitor.context.close()
    assert visitor.complaints == []


def test_the_page_fits_a_phone(chromium: Any, live: str, here: Path) -> None:
    (here / ("very-long-name-" * 12)).touch()
    visitor = Visitor(chromium, live, viewport=NARROW)
    page = visitor.sign_in("charlie")

    page.goto("/files?path=/desk")
    drop(page, {"another-long-name-" * 10: "x"})
    expect(page.locator(".uploads li")).to_contain_text("Uploaded")

    assert overhang(page) == 0
    assert violations(page) == []
    visitor.context.close()
    assert visitor.complaints == []
