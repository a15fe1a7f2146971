"""Keys, sessions and one's own account."""

import re

from starlette.testclient import TestClient

from innkeeper.actions import api_keys, sessions, ssh_keys, users
from innkeeper.actions.actors import Caller
from tests.console.conftest import signed_in
from tests.console.markup import read
from tests.console.stage import KEY, PASSWORD, SYSTEM, Cast

OTHER_KEY = KEY.replace("JWmUJkrL", "KWmUJkrL")


def test_add_key_shows_its_fingerprint(stage: Cast, ada: TestClient) -> None:
    ada.post(f"/users/{stage.charlie.id}/ssh-keys", data={"public_key": OTHER_KEY, "label": "Desk"})

    key = stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.charlie.id).items[0]
    page = ada.get(f"/users/{stage.charlie.id}?tab=security").text
    assert "Desk" in page
    assert key.fingerprint in page.replace("&#43;", "+")
    assert "never used" in page


def test_bad_key_comes_back_with_a_message(stage: Cast, ada: TestClient) -> None:
    answer = ada.post(f"/users/{stage.charlie.id}/ssh-keys", data={"public_key": "nonsense", "label": "Desk"})

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.one("textarea", name="public_key").text == "nonsense"
    assert page.one("textarea", name="public_key")["aria-invalid"] == "true"


def test_remove_key(stage: Cast, ada: TestClient) -> None:
    key = stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.bob.id).items[0]
    assert key.fingerprint in ada.get(f"/users/{stage.bob.id}/ssh-keys/{key.id}/remove").text.replace(
        "&#43;", "+"
    )

    ada.post(f"/users/{stage.bob.id}/ssh-keys/{key.id}/remove")

    assert not stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.bob.id).items


def test_api_key_is_shown_once_and_works(stage: Cast, charlie: TestClient) -> None:
    answer = charlie.post(
        "/account/api-keys", data={"name": "Backup", "is_read_only": "yes", "expires_at": "2027-01-01"}
    )

    token = read(answer.text).one("code", id="api-key-secret").text
    assert (
        stage.calls.read_now(Caller("api", api_key=token), users.show, stage.charlie.id).username == "charlie"
    )
    later = charlie.get("/account?tab=security").text
    assert token not in later
    assert token[:10] in later


def test_revoked_api_key_is_gone(stage: Cast, charlie: TestClient) -> None:
    charlie.post("/account/api-keys", data={"name": "Backup"})
    key = stage.calls.read_now(SYSTEM, api_keys.page, user_id=stage.charlie.id).items[0]

    charlie.post(f"/account/api-keys/{key.id}/revoke")

    assert not stage.calls.read_now(SYSTEM, api_keys.page, user_id=stage.charlie.id).items


def test_own_keys_can_be_added_and_others_not(stage: Cast, charlie: TestClient) -> None:
    assert charlie.post("/account/ssh-keys", data={"public_key": OTHER_KEY}).status_code == 303
    assert charlie.post(f"/users/{stage.bob.id}/ssh-keys", data={"public_key": OTHER_KEY}).status_code in (
        403,
        404,
    )


def test_session_of_another_device_can_be_ended(stage: Cast, charlie: TestClient) -> None:
    other = signed_in(stage, "charlie")
    page = charlie.get("/account?tab=connections").text
    ends = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
    assert len(ends) == 1

    charlie.post(ends[0])

    assert other.get("/account").headers["Location"].startswith("/sign-in")
    assert charlie.get("/account").status_code == 200


def test_administrator_ends_every_session(stage: Cast, ada: TestClient, charlie: TestClient) -> None:
    ada.post(f"/users/{stage.charlie.id}/sessions/end")

    assert charlie.get("/account").status_code == 303
    assert not stage.calls.read_now(SYSTEM, sessions.page, user_id=stage.charlie.id).items


def test_own_profile_can_be_edited(stage: Cast, charlie: TestClient) -> None:
    charlie.post("/account/edit", data={"name": "Charles", "language": "de", "time_zone": "Europe/Berlin"})

    user = stage.calls.read_now(SYSTEM, users.show, stage.charlie.id)
    assert (user.name, user.language, user.time_zone) == ("Charles", "de", "Europe/Berlin")


def test_own_password_needs_the_old_one_and_ends_other_sessions(stage: Cast, charlie: TestClient) -> None:
    other = signed_in(stage, "charlie")
    wrong = charlie.post(
        "/account/password", data={"old_password": "wrong", "password": "a quite different engine"}
    )
    assert wrong.status_code == 422

    charlie.post("/account/password", data={"old_password": PASSWORD, "password": "a quite different engine"})

    assert charlie.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_api_key_page_never_shows_another_users_keys(stage: Cast, charlie: TestClient) -> None:
    key = stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.bob.id).items[0]

    assert charlie.get(f"/account/ssh-keys/{key.id}/remove").status_code == 404
    assert charlie.post(f"/account/ssh-keys/{key.id}/remove").status_code == 404
