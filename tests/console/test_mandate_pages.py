"""Who must have a second factor: set on the forms of users and groups, and told with its reason."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import groups, memberships, settings, users
from innkeeper.domain.words import SubjectKind
from tests.console.conftest import signed_in
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast


def reason(client: TestClient, path: str) -> str:
    return read(client.get(f"{path}?tab=security").text).one(id="mandates").text


@pytest.mark.parametrize(
    ("chosen", "stored", "told"),
    [
        ("yes", True, "Required for this user."),
        ("no", False, "Exempt from every rule."),
        ("", None, "Required for everyone."),
    ],
)
def test_user_form_has_three_states(
    stage: Cast, ada: TestClient, chosen: str, stored: object, told: str
) -> None:
    stage.do(settings.edit, {"require_2fa": True})
    path = f"/users/{stage.charlie.id}"
    typed = {"username": "charlie", "authentication_method": "password", "require_2fa": chosen}

    assert ada.post(f"{path}/edit", data=typed).status_code == 303

    chooser = read(ada.get(f"{path}/edit").text).one("select", id="require_2fa")
    assert stage.calls.read_now(SYSTEM, users.show, stage.charlie.id).require_2fa is stored
    assert [option["value"] for option in chooser.all("option") if "selected" in option.attributes] == [
        chosen
    ]
    assert told == reason(ada, path)


def test_group_form_makes_its_members_need_one(stage: Cast, ada: TestClient) -> None:
    sales = f"/groups/{stage.sales.id}"
    assert ada.post(f"{sales}/edit", data={"name": "Sales", "require_2fa": "yes"}).status_code == 303

    assert "Members need one" in ada.get(sales).text
    assert "checked" in read(ada.get(f"{sales}/edit").text).one(id="require_2fa").attributes
    assert reason(ada, f"/users/{stage.bob.id}") == "Required by the group Sales."
    assert reason(ada, f"/users/{stage.charlie.id}") == "Not required."
    ada.post(f"{sales}/edit", data={"name": "Sales"})
    assert not stage.calls.read_now(SYSTEM, groups.show, stage.sales.id).require_2fa


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"require_2fa_roles": ["site_administrator"]},
            "Required for everyone with the role Site administrator.",
        ),
        ({"require_2fa": True}, "Required for everyone."),
    ],
)
def test_rules_of_the_site_are_named(stage: Cast, ada: TestClient, values: dict[str, Any], told: str) -> None:
    stage.do(settings.edit, values)

    assert told in reason(ada, "/account")


def test_end_of_a_rule_and_the_date_to_set_one_up_by_are_told(stage: Cast) -> None:
    stage.do(settings.edit, {"require_2fa": True})
    with signed_in(stage, "charlie") as charlie:
        stage.do(settings.edit, {"require_2fa": False})
        told = reason(charlie, "/account")

    assert "Required for everyone until Mar 3, 2026" in told
    assert "To be set up until Mar 9, 2026" in told


def test_group_administrator_sees_the_reason_but_no_other_groups_name(stage: Cast, bob: TestClient) -> None:
    board = stage.do(groups.create, {"name": "Board", "require_2fa": True})
    stage.do(memberships.add, stage.sales.id, SubjectKind.USER, stage.charlie.id)
    stage.do(memberships.add, board.id, SubjectKind.USER, stage.charlie.id)

    assert reason(bob, f"/users/{stage.charlie.id}") == "Required by a group."
    form = bob.get(f"/users/{stage.charlie.id}/edit")
    assert form.status_code == 200
    assert read(form.text).all(id="require_2fa") == []
    sent = {"username": "charlie", "authentication_method": "password", "require_2fa": "no"}
    bob.post(f"/users/{stage.charlie.id}/edit", data=sent)
    assert stage.calls.read_now(SYSTEM, users.show, stage.charlie.id).require_2fa is None
