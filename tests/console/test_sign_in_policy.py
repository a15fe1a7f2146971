"""The sign-in policy: every setting on one page, and whom a change affects before it is saved."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import events, settings, users
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.settings import SiteSettings
from innkeeper.interfaces.console.pages import settings as general
from innkeeper.interfaces.console.pages import sign_in_policy
from tests.console.conftest import signed_in
from tests.console.markup import Element, read
from tests.console.stage import SYSTEM, Cast

PATH = "/sign-in-policy"


def typed(page: Element) -> dict[str, Any]:
    """What a browser would send of this form, untouched."""
    form = page.one("form", action=PATH)
    sent: dict[str, Any] = {
        box["name"]: box.attributes.get("value", "")
        for box in form.all("input")
        if box.attributes.get("type") not in ("checkbox", None) or "input" in box.attributes.get("class", "")
    }
    for box in form.all("input", type="checkbox"):
        if "checked" in box.attributes:
            sent.setdefault(box["name"], []).append(box["value"])
    for area in form.all("textarea"):
        sent[area["name"]] = area.text
    for choice in form.all("select"):
        sent[choice["name"]] = next(o["value"] for o in choice.all("option") if "selected" in o.attributes)
    return sent


def site_of(stage: Cast) -> SiteSettings:
    return stage.calls.read_now(SYSTEM, settings.show)


def test_every_setting_is_on_one_of_the_two_pages() -> None:
    shown = [*sign_in_policy.FIELDS, *general.FIELDS]

    assert sorted(shown) == sorted({field.name for field in fields(SiteSettings)} - {"require_2fa_ends_at"})


def test_form_that_was_not_touched_changes_nothing(stage: Cast, ada: TestClient) -> None:
    before = site_of(stage)

    answer = ada.post(PATH, data=typed(read(ada.get(PATH).text)))

    changes = stage.calls.read_now(SYSTEM, events.page, EventQuery(kinds=("settings.",))).items
    assert answer.headers["Location"] == PATH
    assert site_of(stage) == before
    assert [event.after for event in changes] == [{"site_name": "Harbor & Finch"}]


def test_harmless_change_is_saved_at_once(stage: Cast, ada: TestClient) -> None:
    sent = typed(read(ada.get(PATH).text)) | {"lockout_minutes": "30", "password_minimum_strength": "3"}

    answer = ada.post(PATH, data=sent)

    assert answer.status_code == 303
    assert (site_of(stage).lockout_minutes, site_of(stage).password_minimum_strength) == (30, 3)


def test_change_that_affects_people_is_saved_only_after_that_was_seen(stage: Cast, ada: TestClient) -> None:
    sent = typed(read(ada.get(PATH).text)) | {"require_2fa": "yes"}

    told = read(ada.post(PATH, data=sent).text)

    assert "6 people have no second factor yet and must set one up." in told.one(id="policy-effects").text
    assert "Save, knowing that" in told.text
    assert not site_of(stage).require_2fa
    answer = ada.post(PATH, data=typed(told))
    assert answer.status_code == 303
    assert site_of(stage).require_2fa


def test_what_was_seen_is_told_again_when_it_has_grown(stage: Cast, ada: TestClient) -> None:
    told = read(ada.post(PATH, data=typed(read(ada.get(PATH).text)) | {"require_2fa": "yes"}).text)
    stage.do(users.create, {"username": "ina", "name": "Ina", "password": stage.password})

    again = read(ada.post(PATH, data=typed(told)).text)

    assert "7 people have no second factor yet" in again.one(id="policy-effects").text
    assert not site_of(stage).require_2fa


def test_one_can_look_without_saving(stage: Cast, ada: TestClient) -> None:
    sent = typed(read(ada.get(PATH).text)) | {"look": "yes", "lockout_minutes": "31"}

    answer = ada.post(PATH, data=sent)

    assert "Nobody is affected at once." in answer.text
    assert read(answer.text).one("input", name="lockout_minutes")["value"] == "31"
    assert site_of(stage).lockout_minutes == 15


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lockout_attempts", "0"),
        ("password_minimum_length", ""),
        ("passkey_models", "yubikey"),
        ("ssh_key_unused_days", "x"),
    ],
)
def test_wrong_value_is_marked_and_kept(stage: Cast, ada: TestClient, name: str, value: str) -> None:
    answer = ada.post(PATH, data=typed(read(ada.get(PATH).text)) | {name: value})

    box = read(answer.text).one(id=name)
    assert answer.status_code == 422
    assert box["aria-invalid"] == "true"
    assert value in (box.attributes.get("value"), box.text)
    assert site_of(stage) == SiteSettings(site_name="Harbor & Finch")


def test_nobody_shuts_the_door_behind_themselves(stage: Cast, ada: TestClient) -> None:
    told = read(ada.post(PATH, data=typed(read(ada.get(PATH).text)) | {"protocols": ["sftp"]}).text)
    assert "came in through Web" in told.one(id="policy-effects").text

    answer = ada.post(PATH, data=typed(told))

    assert answer.status_code == 422
    assert "web" in site_of(stage).protocols


def test_mandate_that_was_switched_off_says_when_it_really_ends(stage: Cast, ada: TestClient) -> None:
    stage.do(settings.edit, {"require_2fa": True})
    stage.do(settings.edit, {"require_2fa": False})

    told = read(ada.get(PATH).text).one(id="two-factor").one("div", class_="notice").text
    assert "It holds until" in told
    assert "Mar 3, 2026" in told

    stage.now += timedelta(hours=25)
    with signed_in(stage, "ada") as later:
        assert "It holds until" not in later.get(PATH).text


def test_page_asks_for_a_fresh_proof_before_anything_is_typed(stage: Cast, ada: TestClient) -> None:
    stage.now += timedelta(minutes=11)

    assert ada.get(PATH).headers["Location"] == "/prove?next=%2Fsign-in-policy"
    assert ada.post(PATH, data={}).status_code in (303, 422)


def test_who_may_only_look_is_not_asked_and_cannot_save(stage: Cast) -> None:
    rita = {"username": "rita", "password": stage.password, "roles": ["read_only_administrator"]}
    stage.do(users.create, rita)
    with signed_in(stage, "rita") as client:
        stage.now += timedelta(minutes=11)
        page = client.get(PATH)

        assert page.status_code == 200
        assert "You may look at these, but not change them." in page.text
        assert client.post(PATH, data=typed(read(page.text)) | {"lockout_minutes": "30"}).status_code == 422
        assert site_of(stage).lockout_minutes == 15


def test_others_do_not_get_there(bob: TestClient, charlie: TestClient) -> None:
    assert (bob.get(PATH).status_code, charlie.get(PATH).status_code) == (403, 403)
    assert charlie.post(PATH, data={"lockout_minutes": "30"}).status_code == 403
