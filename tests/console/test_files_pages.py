"""The files of the site in the console: looked at, sent, received, changed, within the reader's rights."""

import io
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import grants
from innkeeper.domain.words import Level, SubjectKind
from tests.console.markup import read
from tests.console.stage import Cast

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def here(stage: Cast) -> Path:
    """A folder in which Charlie may do everything, with one file."""
    stage.do(grants.add, "/desk", SubjectKind.USER, stage.charlie.id, Level.FULL)
    folder = stage.files / "desk"
    folder.mkdir()
    (folder / "note.txt").write_text("<script>alert(1)</script>")
    return folder


def names(page: str) -> list[str]:
    return [link.text for link in read(page).all("a") if "open" in link.attributes.get("class", "")]


def offers(page: str) -> set[str]:
    """What can be done: the verbs that links and forms of the main part lead to."""
    main = read(page).one("main")
    addresses = [link.attributes.get("href", "") for link in main.all("a")]
    addresses += [form.attributes.get("action", "") for form in main.all("form")]
    return {address.split("?")[0] for address in addresses if address.startswith("/files/")}


def test_a_user_sees_their_folders_and_the_way_to_them(charlie: TestClient, here: Path) -> None:
    assert names(charlie.get("/files").text) == ["desk", "sales"]
    assert names(charlie.get("/files?path=/sales").text) == ["2026"]
    assert names(charlie.get("/files?path=/sales/2026").text) == ["plan.txt"]


def test_the_page_offers_what_the_rights_allow(charlie: TestClient, here: Path) -> None:
    top, read_only, own = (charlie.get(f"/files?path={path}").text for path in ("/", "/sales/2026", "/desk"))

    assert offers(top) == set()
    assert offers(read_only) == {"/files/file", "/files/content", "/files/archive"}
    assert offers(own) > {"/files/upload", "/files/folders", "/files/move", "/files/delete"}


def test_a_folder_is_renamed_by_whoever_may_move_it_where_it_lies(charlie: TestClient, here: Path) -> None:
    (here / "inner").mkdir()

    for path, is_offered in (("/desk", False), ("/desk/inner", True)):
        links = [
            link.attributes.get("href") for link in read(charlie.get(f"/files?path={path}").text).all("a")
        ]
        assert (f"/files/move?path={path}" in links) is is_offered


def test_what_is_closed_or_absent_is_not_found(stage: Cast, charlie: TestClient) -> None:
    (stage.files / "secret").mkdir()
    (stage.files / "secret" / "plan.txt").write_text("hidden")

    for path in ("/secret", "/absent"):
        assert charlie.get(f"/files?path={path}").status_code == 404
    for path in ("/secret/plan.txt", "/absent/plan.txt"):
        for verb in ("file", "content", "move", "delete"):
            assert charlie.get(f"/files/{verb}?path={path}").status_code == 404


def test_a_long_folder_comes_in_pages_sorted_and_narrowed(charlie: TestClient, here: Path) -> None:
    for number in range(250):
        (here / f"{number:03}.csv").touch()

    first = charlie.get("/files?path=/desk")
    following = next(
        link["href"] for link in read(first.text).all("a") if "cursor=" in link.attributes.get("href", "")
    )

    assert names(first.text)[:2] == ["000.csv", "001.csv"]
    assert len(names(first.text)) == 200
    assert names(charlie.get(following).text)[-1] == "note.txt"
    assert names(charlie.get("/files?path=/desk&sort=-size").text)[0] == "note.txt"
    assert names(charlie.get("/files?path=/desk&q=NOTE").text) == ["note.txt"]
    assert charlie.get("/files?path=/desk&cursor=zzz").status_code == 404


def test_a_download_is_saved_whole_or_in_part(charlie: TestClient, here: Path) -> None:
    (here / "page.html").write_text("<h1>Hello</h1>")

    whole = charlie.get("/files/content?path=/desk/page.html&inline=1")
    part = charlie.get("/files/content?path=/desk/page.html", headers={"Range": "bytes=4-8"})
    beyond = charlie.get("/files/content?path=/desk/page.html", headers={"Range": "bytes=99-"})
    again = charlie.get(
        "/files/content?path=/desk/page.html", headers={"If-None-Match": whole.headers["ETag"]}
    )

    assert whole.headers["Content-Disposition"] == "attachment; filename*=UTF-8''page.html"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Security-Policy"].startswith("sandbox")
    assert (part.status_code, part.text, beyond.status_code, again.status_code) == (206, "Hello", 416, 304)


def test_images_and_pdf_are_shown_and_drawings_with_programs_are_not(charlie: TestClient, here: Path) -> None:
    for name in ("a.png", "b.pdf", "c.svg"):
        (here / name).write_bytes(PNG)

    shown = {name: charlie.get(f"/files/content?path=/desk/{name}&inline=1") for name in ("a.png", "b.pdf")}
    drawing = charlie.get("/files/content?path=/desk/c.svg&inline=1")

    assert {answer.headers["Content-Disposition"] for answer in shown.values()} == {"inline"}
    assert "script" not in shown["b.pdf"].headers["Content-Security-Policy"]
    assert "default-src 'none'" in shown["a.png"].headers["Content-Security-Policy"]
    assert drawing.headers["Content-Disposition"].startswith("attachment")
    assert (
        "/files/content?path=/desk/a.png"
        in read(charlie.get("/files/file?path=/desk/a.png").text).one("img")["src"]
    )


def test_text_is_shown_as_text(charlie: TestClient, here: Path) -> None:
    page = charlie.get("/files/file?path=/desk/note.txt").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_a_sent_file_takes_its_place_and_replaces_only_when_asked(charlie: TestClient, here: Path) -> None:
    target = "/files/content?path=/desk/new.txt"
    only_new = {"If-None-Match": "*"}

    made = charlie.put(target, content=b"one", headers=only_new)
    refused = charlie.put(target, content=b"two", headers=only_new)
    kept = (here / "new.txt").read_bytes()
    replaced = charlie.put(target, content=b"three")

    assert (made.status_code, refused.status_code, replaced.status_code) == (201, 409, 200)
    assert (kept, (here / "new.txt").read_bytes()) == (b"one", b"three")
    assert refused.text == "Something has this name already."


def test_the_plain_form_takes_several_files(charlie: TestClient, here: Path) -> None:
    files = [("file", ("a.txt", b"A")), ("file", ("C:\\papers\\b.txt", b"B"))]

    first = charlie.post("/files/upload?path=/desk", files=files)
    second = charlie.post("/files/upload?path=/desk", files=[("file", ("a.txt", b"AA"))])
    third = charlie.post(
        "/files/upload?path=/desk", files=[("file", ("a.txt", b"AA"))], data={"replace": "yes"}
    )

    assert (first.status_code, second.status_code, third.status_code) == (303, 409, 303)
    assert ((here / "a.txt").read_bytes(), (here / "b.txt").read_bytes()) == (b"AA", b"B")


def test_nothing_is_put_where_it_may_not_be(stage: Cast, charlie: TestClient) -> None:
    sent = charlie.put("/files/content?path=/sales/2026/mine.txt", content=b"x")
    form = charlie.post("/files/upload?path=/sales/2026", files=[("file", ("mine.txt", b"x"))])
    folder = charlie.post("/files/folders?path=/sales/2026", data={"name": "mine"})
    deleted = charlie.post("/files/delete?path=/sales/2026/plan.txt")
    moved = charlie.post("/files/move?path=/sales/2026/plan.txt", data={"name": "b", "folder": "/sales/2026"})

    statuses = [answer.status_code for answer in (sent, form, folder, deleted, moved)]
    assert statuses == [403, 403, 422, 403, 422]
    assert [found.name for found in (stage.files / "sales" / "2026").iterdir()] == ["plan.txt"]


def test_a_file_from_another_site_is_refused(charlie: TestClient, here: Path) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}

    answer = charlie.put("/files/content?path=/desk/x.txt", content=b"x", headers=foreign)

    assert answer.status_code == 403
    assert not (here / "x.txt").exists()


def test_a_folder_is_made_renamed_and_deleted_with_all_it_holds(charlie: TestClient, here: Path) -> None:
    made = charlie.post("/files/folders?path=/desk", data={"name": "drafts"})
    again = charlie.post("/files/folders?path=/desk", data={"name": "drafts"})
    wrong = charlie.post("/files/folders?path=/desk", data={"name": "a/b"})
    (here / "drafts" / "one.txt").touch()
    moved = charlie.post("/files/move?path=/desk/drafts", data={"name": "final", "folder": "/desk"})
    question = charlie.get("/files/delete?path=/desk/final").text
    deleted = charlie.post("/files/delete?path=/desk/final")

    assert made.headers["Location"] == "/files?path=/desk/drafts"
    assert (again.status_code, wrong.status_code, moved.status_code) == (422, 422, 303)
    assert "Delete final?" in question
    assert deleted.status_code == 303
    assert [found.name for found in here.iterdir()] == ["note.txt"]


def test_a_folder_is_sent_as_one_archive(charlie: TestClient, here: Path) -> None:
    (here / "deep").mkdir()
    (here / "deep" / "two.txt").write_text("two")

    answer = charlie.get("/files/archive?path=/desk")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))

    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''desk.zip"
    assert {"desk/note.txt", "desk/deep/two.txt"} <= set(archive.namelist())
    assert archive.read("desk/deep/two.txt") == b"two"


def test_a_name_that_is_no_text_can_be_reached(charlie: TestClient, here: Path) -> None:
    (here / "caf\udce9.txt").write_text("coffee")

    row = next(link for link in read(charlie.get("/files?path=/desk").text).all("a") if "caf" in link.text)

    assert "%E9" in row["href"]
    assert "coffee" in charlie.get(row["href"]).text
    assert charlie.get("/files/content?path=/desk/caf%E9.txt").text == "coffee"


def test_strangers_are_asked_to_sign_in(stranger: TestClient) -> None:
    for path in ("/files", "/files/content?path=/a", "/files/archive?path=/"):
        assert stranger.get(path).headers["Location"].startswith("/sign-in")
    assert stranger.put("/files/content?path=/a", content=b"x").status_code == 303
