"""Groups, folders and grants."""

from datetime import UTC, datetime

from starlette.testclient import TestClient

from innkeeper.actions import folders, grants, groups, memberships
from innkeeper.domain.words import Level
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast


def folder_of(stage: Cast, path: str) -> str:
    found = stage.calls.read_now(SYSTEM, folders.page, text=path).items
    return next(folder.id for folder in found if folder.path == path)


def test_group_page_shows_members_administrators_and_folders(stage: Cast, ada: TestClient) -> None:
    page = read(ada.get(f"/groups/{stage.sales.id}").text)

    assert "Bob Byron" in page.text
    assert "Administrator" in page.text
    assert "/sales" in page.text


def test_make_edit_and_delete_a_group(stage: Cast, ada: TestClient) -> None:
    made = ada.post("/groups/new", data={"name": "Press", "own_protocols": "yes", "protocols": ["web"]})
    group = stage.calls.read_now(SYSTEM, groups.find, "press")
    assert made.headers["Location"] == f"/groups/{group.id}"
    assert group.protocols == ("web",)

    ada.post(f"/groups/{group.id}/edit", data={"version": "1", "name": "Media", "notes": "Papers"})
    edited = stage.calls.read_now(SYSTEM, groups.show, group.id)
    assert (edited.name, edited.notes, edited.protocols) == ("Media", "Papers", None)

    assert ada.post(f"/groups/{group.id}/delete").headers["Location"] == "/groups"
    assert ada.get(f"/groups/{group.id}").status_code == 404


def test_group_name_that_is_taken_is_marked(ada: TestClient) -> None:
    answer = ada.post("/groups/new", data={"name": "SALES"})

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.one(id="name-error").text == "Something else has this name already."


def test_add_member_for_a_while_and_take_out(stage: Cast, ada: TestClient) -> None:
    ada.post(
        f"/groups/{stage.sales.id}/members",
        data={"kind": "user", "member": "charlie", "is_admin": "yes", "ends_at": "2026-06-30"},
    )

    entry = stage.calls.read_now(SYSTEM, memberships.of_user, stage.charlie.id)[0]
    assert (True, datetime(2026, 7, 1, tzinfo=UTC)) == (entry.is_admin, entry.ends_at)
    ada.post(f"/groups/{stage.sales.id}/members/{stage.charlie.id}/remove")
    assert not stage.calls.read_now(SYSTEM, memberships.of_user, stage.charlie.id)


def test_unknown_member_is_marked_and_kept(stage: Cast, ada: TestClient) -> None:
    answer = ada.post(f"/groups/{stage.sales.id}/members", data={"kind": "user", "member": "nobody"})

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.one("input", name="member")["value"] == "nobody"
    assert page.one("input", name="member")["aria-invalid"] == "true"


def test_group_inside_a_group_and_no_circles(stage: Cast, ada: TestClient) -> None:
    team = stage.do(groups.create, {"name": "Team"})
    ada.post(f"/groups/{stage.sales.id}/members", data={"kind": "group", "member": "Team"})
    assert "Team" in ada.get(f"/groups/{stage.sales.id}").text

    answer = ada.post(f"/groups/{team.id}/members", data={"kind": "group", "member": "Sales"})

    assert answer.status_code == 422


def test_join_and_leave_on_the_users_page(stage: Cast, ada: TestClient) -> None:
    ada.post(f"/users/{stage.charlie.id}/groups", data={"group_id": stage.sales.id})
    assert "Sales" in ada.get(f"/users/{stage.charlie.id}?tab=access").text

    ada.post(f"/users/{stage.charlie.id}/groups/{stage.sales.id}/leave")

    assert not stage.calls.read_now(SYSTEM, memberships.of_user, stage.charlie.id)


def test_grant_and_take_away_on_the_users_page(stage: Cast, ada: TestClient) -> None:
    ada.post(
        f"/users/{stage.bob.id}/grants",
        data={"path": "/press", "level": "full", "is_recursive": "yes", "starts_at": "2026-04-01"},
    )
    grant = stage.calls.read_now(SYSTEM, grants.page, subject_id=stage.bob.id).items[0]
    assert (grant.path, grant.level, grant.is_recursive) == ("/press", Level.FULL, True)
    assert datetime(2026, 4, 1, tzinfo=UTC) == grant.starts_at

    ada.post(f"/users/{stage.bob.id}/grants/{grant.id}/remove")

    assert not stage.calls.read_now(SYSTEM, grants.page, subject_id=stage.bob.id).items


def test_try_a_path_says_what_is_allowed(stage: Cast, ada: TestClient) -> None:
    inside = read(ada.get(f"/users/{stage.bob.id}?tab=access&path=/sales/2026").text)
    fenced = read(ada.get(f"/users/{stage.bob.id}?tab=access&path=/sales/secret").text)

    assert "Upload" in [chip.text for chip in inside.all("span", class_="chip")]
    assert "Nothing at all" in [chip.text for chip in fenced.all("span", class_="chip")]


def test_bad_path_to_try_is_a_message(stage: Cast, ada: TestClient) -> None:
    assert ada.get(f"/users/{stage.bob.id}?tab=access&path=/a/../b").status_code in (200, 422)


def test_folder_page_shows_grants_here_and_from_above(stage: Cast, ada: TestClient) -> None:
    page = read(ada.get(f"/folders/{folder_of(stage, '/sales/2026')}").text)

    assert "charlie" in page.text
    assert "Access from folders above" in page.text
    fenced = ada.get(f"/folders/{folder_of(stage, '/sales/secret')}").text
    assert "This folder is fenced." in fenced
    assert "Access from folders above" not in fenced


def test_list_fence_and_forget_a_folder(stage: Cast, ada: TestClient) -> None:
    made = ada.post("/folders/new", data={"path": "/press", "notes": "Papers"})
    folder_id = folder_of(stage, "/press")
    assert made.headers["Location"] == f"/folders/{folder_id}"

    ada.post(f"/folders/{folder_id}/edit", data={"version": "1", "is_fenced": "yes"})
    assert "This folder is fenced." in ada.get(f"/folders/{folder_id}").text

    assert ada.post(f"/folders/{folder_id}/delete").headers["Location"] == "/folders"
    assert ada.get(f"/folders/{folder_id}").status_code == 404


def test_change_a_grant_in_place(stage: Cast, ada: TestClient) -> None:
    grant = stage.calls.read_now(SYSTEM, grants.page, subject_id=stage.charlie.id).items[0]
    page = read(ada.get(f"/folders/{grant.folder_id}/grants/{grant.id}/edit").text)
    assert "selected" in page.one("option", value="read").attributes

    ada.post(
        f"/folders/{grant.folder_id}/grants/{grant.id}/edit", data={"level": "full", "ends_at": "2026-12-31"}
    )

    edited = stage.calls.read_now(SYSTEM, grants.show, grant.id)
    assert (Level.FULL, False, datetime(2027, 1, 1, tzinfo=UTC)) == (
        edited.level,
        edited.is_recursive,
        edited.ends_at,
    )


def test_window_that_ends_before_it_starts_is_marked(stage: Cast, ada: TestClient) -> None:
    answer = ada.post(
        f"/folders/{folder_of(stage, '/sales')}/grants",
        data={
            "kind": "user",
            "subject": "charlie",
            "level": "read",
            "starts_at": "2026-06-01",
            "ends_at": "2026-05-01",
        },
    )

    assert answer.status_code == 422
    assert read(answer.text).one("input", name="ends_at")["aria-invalid"] == "true"


def test_group_administrator_may_not_touch_folders(stage: Cast, bob: TestClient) -> None:
    assert bob.get("/folders").status_code == 403
    assert bob.post("/folders/new", data={"path": "/mine"}).status_code in (403, 422)
    assert "/mine" not in [folder.path for folder in stage.calls.read_now(SYSTEM, folders.page).items]
