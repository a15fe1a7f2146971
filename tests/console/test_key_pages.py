"""Keys in the console: generated and shown once, edited, listed for the whole site; and who could come in."""

import re
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from playwright.sync_api import expect
from starlette.testclient import TestClient

from innkeeper.actions import api_keys, groups, settings, ssh_keys, users
from innkeeper.domain.credentials import ApiKey, SshKey
from tests.console.browsing import Visitor
from tests.console.conftest import signed_in
from tests.console.markup import read
from tests.console.stage import KEY, SYSTEM, Cast

OTHER_KEY = KEY.replace("JWmUJkrL", "KWmUJkrL")


def bobs_key(stage: Cast) -> SshKey:
    return stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.bob.id).items[0]


def api_key(stage: Cast, **values: object) -> ApiKey:
    made: tuple[ApiKey, str] = stage.do(api_keys.create, stage.bob.id, "Nightly", **values)
    return made[0]


def test_a_generated_key_is_shown_once_and_can_be_saved(stage: Cast, charlie: TestClient) -> None:
    wanted = {"kind": "ecdsa", "label": "My desk!", "passphrase": "open sesame", "expires_at": "2027-01-31"}

    answer = charlie.post("/account/ssh-keys/generate", data=wanted)

    page = read(answer.text)
    link = next(a for a in page.all("a") if "download" in a.attributes)
    private_key = b64decode(unquote(link["href"]).partition(",")[2]).decode()
    kept = stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.charlie.id).items[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert link["download"] == "id_ecdsa_My-desk"
    assert private_key.split() == page.one("pre", id="new-private-key").text.split()
    assert load_ssh_private_key(private_key.encode(), b"open sesame")
    assert (kept.label, kept.algorithm) == ("My desk!", "ecdsa-sha2-nistp256")
    assert kept.expires_at is not None
    assert private_key.splitlines()[3] not in charlie.get("/account?tab=security").text


@pytest.mark.parametrize(
    ("wrong", "field"), [({"passphrase": "abcd"}, "passphrase"), ({"expires_at": "soon"}, "expires_at")]
)
def test_a_bad_wish_for_a_key_comes_back(
    stage: Cast, charlie: TestClient, wrong: dict[str, str], field: str
) -> None:
    answer = charlie.post("/account/ssh-keys/generate", data={"kind": "rsa", "label": "Desk", **wrong})

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.one("input", id=f"key-pair-{field}")["aria-invalid"] == "true"
    assert page.one("input", id="key-pair-label")["value"] == "Desk"
    assert 'value="abcd"' not in answer.text
    assert not stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.charlie.id).items


def test_a_kind_of_key_that_nobody_offers_is_refused(charlie: TestClient) -> None:
    assert charlie.post("/account/ssh-keys/generate", data={"kind": "dsa"}).status_code == 422


def test_keys_of_others_are_not_generated(stage: Cast, charlie: TestClient) -> None:
    answer = charlie.post(f"/users/{stage.bob.id}/ssh-keys/generate", data={"kind": "ed25519"})

    assert answer.status_code == 404
    assert "PRIVATE KEY" not in answer.text


def test_label_and_end_of_an_ssh_key_are_edited(stage: Cast, ada: TestClient) -> None:
    key, base = bobs_key(stage), f"/users/{stage.bob.id}/ssh-keys/{bobs_key(stage).id}/edit"
    assert read(ada.get(base).text).one("input", id="label")["value"] == "Laptop"

    ada.post(base, data={"label": "Desk", "expires_at": "2027-01-31"})
    edited = bobs_key(stage)
    again = read(ada.get(base).text)
    ada.post(base, data={"label": "Desk", "expires_at": ""})

    assert (edited.label, edited.id) == ("Desk", key.id)
    assert edited.expires_at is not None
    assert again.one("input", id="expires_at")["value"] == "2027-01-31"
    assert bobs_key(stage).expires_at is None


def test_an_end_in_the_middle_of_a_day_stays_when_only_the_label_is_edited(
    stage: Cast, ada: TestClient
) -> None:
    end = stage.now + timedelta(days=3, hours=5)
    stage.do(ssh_keys.edit, bobs_key(stage).id, {"expires_at": end})
    base = f"/users/{stage.bob.id}/ssh-keys/{bobs_key(stage).id}/edit"
    shown = read(ada.get(base).text).one("input", id="expires_at")["value"]

    ada.post(base, data={"label": "Desk", "expires_at": shown})

    assert bobs_key(stage).expires_at == end


def test_a_bad_date_for_an_ssh_key_comes_back(stage: Cast, ada: TestClient) -> None:
    base = f"/users/{stage.bob.id}/ssh-keys/{bobs_key(stage).id}/edit"

    answer = ada.post(base, data={"label": "Desk", "expires_at": "31.1."})

    assert answer.status_code == 422
    assert read(answer.text).one("input", id="label")["value"] == "Desk"


def test_an_api_key_is_edited(stage: Cast, ada: TestClient) -> None:
    key = api_key(stage, scopes=["users:read"], allowed_ips=["192.0.2.0/24"])
    base = f"/users/{stage.bob.id}/api-keys/{key.id}/edit"
    form = read(ada.get(base).text)
    chosen = [box["value"] for box in form.all("input", name="scopes") if "checked" in box.attributes]

    ada.post(base, data={"name": "Weekly", "scopes": ["events:read", "groups:read"], "allowed_ips": ""})
    bad = ada.post(base, data={"name": "", "allowed_ips": "here"})

    edited = stage.calls.read_now(SYSTEM, api_keys.show, key.id)
    assert chosen == ["users:read"]
    assert form.one("input", id="allowed_ips")["value"] == "192.0.2.0/24"
    assert (edited.name, edited.scopes, edited.allowed_ips) == ("Weekly", ("groups:read", "events:read"), ())
    assert bad.status_code == 422
    assert read(bad.text).one("input", id="allowed_ips")["aria-invalid"] == "true"


def test_the_tab_tells_kind_limits_and_when_the_rules_remove_a_key(stage: Cast, ada: TestClient) -> None:
    stage.do(settings.edit, {"ssh_key_unused_days": 10, "api_key_maximum_days": 20})
    api_key(stage, scopes=["users:read"], is_read_only=True)
    stage.do(ssh_keys.add, stage.charlie.id, KEY)

    page = ada.get(f"/users/{stage.bob.id}?tab=security").text

    assert "will be removed on Mar 12, 2026 unless it is used" in page
    assert "will be removed on Mar 22, 2026" in page
    assert "1 other user has it" in page
    assert "users:read" in page
    assert "Ed25519" in page


def test_who_shares_a_key_is_not_told_to_its_owner(stage: Cast) -> None:
    stage.do(ssh_keys.add, stage.charlie.id, KEY)
    with signed_in(stage, "charlie") as charlie:
        page = charlie.get("/account?tab=security").text

    assert "SHA256:" in page
    assert "other user" not in page


def test_the_list_holds_every_key_and_its_views(stage: Cast, ada: TestClient) -> None:
    stage.do(ssh_keys.add, stage.charlie.id, OTHER_KEY, label="Desk")
    stage.now += timedelta(days=100)
    key = api_key(stage, expires_at=stage.now + timedelta(days=3))
    with signed_in(stage, "ada") as later:
        everything = later.get("/keys").text
        unused = later.get("/keys?view=unused&q=charlie").text
        nothing = later.get("/keys?view=old").text
        ending = later.get("/keys?kind=api&view=expiring").text

    assert "Laptop" in everything and "Desk" in everything
    assert "Desk" in unused and "Laptop" not in unused
    assert "No keys match" in nothing
    assert key.prefix in ending


def test_unknown_kinds_and_views_of_the_list_count_as_absent(ada: TestClient) -> None:
    answer = ada.get("/keys?kind=pgp&view=pink")

    assert answer.status_code == 200
    assert "Laptop" in answer.text


def test_the_list_is_for_those_who_look_after_users(
    stage: Cast, bob: TestClient, charlie: TestClient
) -> None:
    stage.do(ssh_keys.add, stage.charlie.id, OTHER_KEY, label="Desk")

    assert "Desk" not in bob.get("/keys").text
    assert "Shared" not in bob.get("/keys").text
    assert 'href="/keys"' in bob.get("/").text
    assert 'href="/keys"' not in charlie.get("/account").text


def ask(client: TestClient, stage: Cast, door: str, address: str) -> str:
    answer = client.get(f"/users/{stage.bob.id}/admission", params={"interface": door, "address": address})
    return re.sub(r"\s+", " ", read(answer.text).one("section", id="admission").text)


def test_who_could_come_in_is_answered_in_a_sentence(stage: Cast, ada: TestClient) -> None:
    stage.do(groups.edit, stage.sales.id, {"allowed_ips": ["192.0.2.0/24"]})

    assert "Yes. Bob Byron could come in by SFTP from 192.0.2.7 now." in ask(ada, stage, "sftp", "192.0.2.7")
    no = ask(ada, stage, "sftp", "203.0.113.1")
    assert "No. Bob Byron could not come in by SFTP from 203.0.113.1 now: this address is not allowed." in no
    assert "What decided: the list of the group Sales." in no
    stage.do(users.edit, stage.bob.id, {"authentication_method": "none"})
    assert "nothing that this user signs in with works there" in ask(ada, stage, "web", "192.0.2.7")


def test_a_bad_question_about_coming_in_comes_back(stage: Cast, ada: TestClient) -> None:
    answer = ada.get(f"/users/{stage.bob.id}/admission?interface=sftp&address=nowhere")

    assert answer.status_code == 422
    assert read(answer.text).one("input", id="admission-address")["value"] == "nowhere"


def test_the_question_about_coming_in_is_not_on_ones_own_page(charlie: TestClient) -> None:
    assert "Could they come in?" not in charlie.get("/account?tab=security").text


def test_generate_save_and_edit_a_key_in_a_browser(stage: Cast, window: Visitor, tmp_path: Path) -> None:
    page = window.sign_in("charlie")
    page.goto("/account?tab=security")
    page.get_by_text("Generate key").first.click()
    page.locator("#key-pair-label").fill("Desk")
    page.locator("#key-pair-passphrase").fill("abc")
    page.get_by_role("button", name="Generate key").click()
    expect(page.locator("#key-pair-passphrase")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#key-pair-label")).to_have_value("Desk")

    page.locator("#key-pair-passphrase").fill("")
    page.get_by_role("button", name="Generate key").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    saved = download.value.path().read_text()
    page.get_by_role("link", name="Edit key Desk").click()
    page.locator("#confirm").get_by_label("Label").fill("Laptop")
    page.locator("#confirm").get_by_role("button", name="Save changes").click()

    expect(page.locator("#toasts")).to_contain_text("The changes were saved.")
    expect(page.locator("#user")).to_contain_text("Laptop")
    expect(page.locator("#new-private-key")).to_have_count(0)
    assert download.value.suggested_filename == "id_ed25519_Desk"
    assert saved.endswith("-----END OPENSSH " + "PRIVATE KEY-----\n")


def test_ask_the_door_in_the_drawer(stage: Cast, window: Visitor) -> None:
    page = window.sign_in()
    page.goto(f"/users?open={stage.bob.id}&tab=security")
    drawer = page.locator("#drawer")
    drawer.get_by_label("From the address").fill("192.0.2.7")
    drawer.get_by_role("button", name="Ask the door").click()

    expect(drawer.get_by_role("status")).to_contain_text("Yes. Bob Byron could come in")


def test_filter_the_list_of_keys_in_a_browser(window: Visitor) -> None:
    page = window.sign_in()
    page.get_by_role("link", name="Keys", exact=True).click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.locator("#filter-q").press_sequentially("nobody", delay=20)
    expect(page.get_by_text("No keys match")).to_be_visible()

    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="API keys").click()

    expect(page.get_by_text("No keys yet")).to_be_visible()
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(1)
