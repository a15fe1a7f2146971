"""Add, edit, clone, suspend, delete: what the forms do, and that nothing typed is lost."""

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import portraits, settings, users
from innkeeper.domain.words import AuthenticationMethod, Status
from tests.console.markup import Element, read
from tests.console.stage import KEY, PASSWORD, SYSTEM, Cast

NEW = {
    "username": "ina",
    "name": "Ina Ivory",
    "email": "ina@example.com",
    "company": "Keys Ltd",
    "tags": "press, partner",
    "notes": "Met in May",
    "authentication_method": "password_and_ssh_key",
    "password": "yellow kitchen door",
    "require_password_change": "yes",
    "password_validity_days": "90",
    "ssh_keys": KEY.replace("bob@laptop", "ina@desk"),
    "access_expires_at": "2027-03-31",
    "groups": ["Sales"],
    "grant_path_1": "/projects/a",
    "grant_level_1": "readwrite",
    "own_protocols": "yes",
    "protocols": ["sftp", "web"],
    "allowed_ips": "203.0.113.0/24\n2001:db8::1",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "user_root": "/projects",
    "user_home": "/projects/a",
}

EDITED = {
    "username": "bob",
    "name": "Robert Byron",
    "email": "robert@example.com",
    "notes": "Prefers mail",
    "header_text": "Files older than a year go",
    "tags": "",
    "language": "de",
    "time_zone": "Europe/Vienna",
    "authentication_method": "password",
    "user_root": "/",
    "user_home": "/",
    "primary_group": "Sales",
    "require_login_by": "2026-05-31",
}


def found(stage: Cast, username: str) -> portraits.Portrait:
    return stage.calls.read_now(SYSTEM, portraits.named, username).items[0]


def errors(page: Element) -> dict[str, str]:
    """The message under each field that is marked as wrong."""
    marked = page.all(aria_invalid="true")
    return {element["name"]: page.one(id=element["aria-describedby"].split()[0]).text for element in marked}


def test_add_user_sets_everything_at_once(stage: Cast, ada: TestClient) -> None:
    answer = ada.post("/users/new", data=NEW)

    portrait = found(stage, "ina")
    user = portrait.user
    assert answer.headers["Location"] == f"/users/{user.id}"
    assert (user.name, user.company, user.tags) == ("Ina Ivory", "Keys Ltd", ("press", "partner"))
    assert AuthenticationMethod.PASSWORD_AND_SSH_KEY is user.authentication_method
    assert (user.require_password_change, user.password_validity_days) == (True, 90)
    assert datetime(2027, 4, 1, tzinfo=UTC) == user.access_expires_at
    assert (portrait.groups, portrait.grants) == (("Sales",), ("/projects/a:readwrite",))
    assert len(portrait.ssh_keys) == 1
    assert user.protocols == ("sftp", "web")
    assert user.allowed_ips == ("203.0.113.0/24", "2001:db8::1/128")
    assert (user.user_root, user.user_home) == ("/projects", "/projects/a")


def test_added_user_is_announced_on_the_next_page_once(ada: TestClient) -> None:
    answer = ada.post("/users/new", data={"username": "ina"})

    assert "ina was added." in read(ada.get(answer.headers["Location"]).text).one(id="toasts").text
    assert "ina was added." not in ada.get("/users").text


def test_wrong_fields_are_marked_and_nothing_typed_is_lost(stage: Cast, ada: TestClient) -> None:
    wrong = NEW | {
        "username": "ina ivory",
        "email": "nowhere",
        "access_expires_at": "31.3.2027",
        "allowed_ips": "home",
    }

    answer = ada.post("/users/new", data=wrong)

    page = read(answer.text)
    assert answer.status_code == 422
    assert {"username", "email", "access_expires_at", "allowed_ips"} == set(errors(page))
    assert page.one("input", name="access_expires_at")["value"] == "31.3.2027"
    assert page.one("input", name="company")["value"] == "Keys Ltd"
    assert page.one("textarea", name="notes").text == "Met in May"
    assert "checked" in page.one("input", name="groups", value="Sales").attributes
    assert "checked" in page.one("input", name="protocols", value="web").attributes
    assert "yellow kitchen door" not in answer.text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("username", "ADA", "Someone else has this user name already."),
        ("username", "", "A user name has 1 to 128 characters"),
        ("password", "short", "At least 10 characters."),
        ("ssh_keys", "ssh-ed25519 nonsense", "One OpenSSH public key a line"),
        ("password_validity_days", "soon", "A whole number of days"),
        ("grant_path_1", "projects", "One folder a line"),
    ],
)
def test_field_says_what_would_be_right(ada: TestClient, field: str, value: str, message: str) -> None:
    answer = ada.post("/users/new", data=NEW | {field: value})

    assert errors(read(answer.text))[field].startswith(message)


def test_message_is_in_the_readers_language(stage: Cast, ada: TestClient) -> None:
    stage.do(users.edit, stage.ada.id, {"language": "de"})

    answer = ada.post("/users/new", data={"username": "a b"})

    assert errors(read(answer.text))["username"].startswith("Ein Benutzername hat 1 bis 128 Zeichen")


def test_edit_shows_and_saves_every_field(stage: Cast, ada: TestClient) -> None:
    page = read(ada.get(f"/users/{stage.bob.id}/edit").text)
    assert page.one("input", name="email")["value"] == "bob@example.com"
    version = page.one("input", name="version")["value"]

    answer = ada.post(
        f"/users/{stage.bob.id}/edit",
        data={"version": version, **EDITED},
    )

    user = found(stage, "bob").user
    assert answer.headers["Location"] == f"/users/{user.id}"
    assert (user.name, user.email, user.notes) == ("Robert Byron", "robert@example.com", "Prefers mail")
    assert (user.header_text, user.tags, user.language) == ("Files older than a year go", (), "de")
    assert ("Europe/Vienna", stage.sales.id) == (user.time_zone, user.primary_group)
    assert datetime(2026, 6, 1, tzinfo=UTC) == user.require_login_by


def test_date_that_nobody_touched_keeps_its_time_of_day(stage: Cast, ada: TestClient) -> None:
    stage.do(users.edit, stage.bob.id, {"access_expires_at": "2027-01-15T18:30:00+00:00"})
    page = read(ada.get(f"/users/{stage.bob.id}/edit").text)
    typed = {
        element["name"]: element.attributes.get("value", "") for element in page.all("input", type="date")
    }

    ada.post(
        f"/users/{stage.bob.id}/edit",
        data={"username": "bob", "name": "B", "authentication_method": "password", **typed},
    )

    assert datetime(2027, 1, 15, 18, 30, tzinfo=UTC) == found(stage, "bob").user.access_expires_at


def test_someone_elses_faster_change_is_not_overwritten(stage: Cast, ada: TestClient) -> None:
    version = str(stage.calls.read_now(SYSTEM, users.show, stage.bob.id).version)
    stage.do(users.edit, stage.bob.id, {"name": "Faster"})

    answer = ada.post(
        f"/users/{stage.bob.id}/edit",
        data={"version": version, "username": "bob", "name": "Slower", "authentication_method": "password"},
    )

    assert answer.status_code == 422
    assert "Someone else changed this" in answer.text
    assert found(stage, "bob").user.name == "Faster"


def test_clone_brings_access_but_no_secrets(stage: Cast, ada: TestClient) -> None:
    answer = ada.post(f"/users/{stage.bob.id}/clone", data={"username": "bobby", "name": "Bobby"})

    clone = found(stage, "bobby")
    assert answer.status_code == 303
    assert (clone.groups, clone.ssh_keys, clone.user.email) == (("Sales",), (), "")


def test_suspend_asks_and_keeps_the_reason(stage: Cast, ada: TestClient) -> None:
    page = read(ada.get(f"/users/{stage.bob.id}/suspend").text)
    assert page.one("h1").text == "Suspend Bob Byron?"

    ada.post(f"/users/{stage.bob.id}/suspend", data={"reason": "On leave"})

    user = found(stage, "bob").user
    assert (user.status(stage.now), user.suspend_reason) == (Status.SUSPENDED, "On leave")


def test_confirmation_in_a_dialog_leads_back_to_the_page_below(stage: Cast, ada: TestClient) -> None:
    headers = {
        "X-Fragment": "#confirm-form",
        "Referer": f"http://testserver/users?view=active&open={stage.bob.id}",
    }

    answer = ada.post(f"/users/{stage.bob.id}/suspend", data={"reason": ""}, headers=headers)

    assert answer.status_code == 204
    assert f"/users?view=active&open={stage.bob.id}" == answer.headers["X-Location"]


def test_reactivate(stage: Cast, ada: TestClient) -> None:
    fay = found(stage, "fay").user

    ada.post(f"/users/{fay.id}/reactivate")

    assert Status.ACTIVE is found(stage, "fay").user.status(stage.now)


def test_unlock(stage: Cast, ada: TestClient) -> None:
    hal = found(stage, "hal").user
    assert "Unlock" in ada.get(f"/users/{hal.id}").text

    ada.post(f"/users/{hal.id}/unlock")

    assert Status.ACTIVE is found(stage, "hal").user.status(stage.now)


def test_delete_wants_the_name_typed(stage: Cast, ada: TestClient) -> None:
    refused = ada.post(f"/users/{stage.bob.id}/delete", data={"typed": "rob"})
    assert refused.status_code == 422
    assert Status.ACTIVE is found(stage, "bob").user.status(stage.now)

    ada.post(f"/users/{stage.bob.id}/delete", data={"typed": "bob"})

    assert Status.DELETED is stage.calls.read_now(SYSTEM, users.show, stage.bob.id).status(stage.now)


def test_restore(stage: Cast, ada: TestClient) -> None:
    stage.do(users.delete, stage.bob.id)
    assert "Restore" in ada.get(f"/users/{stage.bob.id}").text

    ada.post(f"/users/{stage.bob.id}/restore")

    assert Status.ACTIVE is found(stage, "bob").user.status(stage.now)


def test_last_administrator_stays(stage: Cast, ada: TestClient) -> None:
    answer = ada.post(f"/users/{stage.ada.id}/suspend", data={"reason": ""})

    assert answer.status_code == 422
    assert Status.ACTIVE is found(stage, "ada").user.status(stage.now)


def test_reset_password_may_demand_a_change(stage: Cast, ada: TestClient) -> None:
    before = found(stage, "bob").user.password_hash

    short = ada.post(f"/users/{stage.bob.id}/password", data={"password": "short"})
    ada.post(
        f"/users/{stage.bob.id}/password",
        data={"password": "staple tractor nine", "require_password_change": "yes"},
    )

    user = found(stage, "bob").user
    assert short.status_code == 422
    assert before != user.password_hash
    assert user.require_password_change


def test_action_without_the_right_changes_nothing(stage: Cast, charlie: TestClient) -> None:
    for path, data in (
        ("suspend", {"reason": ""}),
        ("delete", {"typed": "bob"}),
        ("password", {"password": PASSWORD}),
    ):
        assert charlie.post(f"/users/{stage.bob.id}/{path}", data=data).status_code in (403, 404)

    assert Status.ACTIVE is found(stage, "bob").user.status(stage.now)


def test_buttons_without_the_right_are_not_there(stage: Cast, charlie: TestClient) -> None:
    account = read(charlie.get("/account").text)

    assert account.all("div", class_="uacts") == []


def test_dates_end_in_the_zone_of_the_site(stage: Cast, ada: TestClient) -> None:
    stage.do(settings.edit, {"time_zone": "Europe/Berlin"})

    ada.post("/users/new", data={"username": "ina", "access_expires_at": "2027-03-31"})

    assert datetime(2027, 3, 31, 22, tzinfo=UTC) == found(stage, "ina").user.access_expires_at
