"""Passwords of four kilobytes and of a megabyte: every form refuses them, and none ends up in an answer."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import setup, users
from innkeeper.domain.queries import UserQuery
from tests.console.conftest import signed_in, visitor
from tests.console.markup import Element, read
from tests.console.stage import SYSTEM, Cast, Stage
from tests.test_password_links import link

FOUR_KILOBYTES, MEGABYTE = "a quite long one " * 256, "x" * 1_048_576
FORMS = (
    "/sign-in",
    "/prove",
    "/account/password",
    "/users/new",
    "/users/{bob}/password",
    "/users/{bob}/clone",
    "/users/{bob}?tab=security",
)


def forms_with_a_password(text: str) -> list[Element]:
    return [form for form in read(text).all("form") if form.all("input", type="password")]


def sent_by(form: Element, password: str) -> dict[str, Any]:
    """What a browser sends of a form in which this was typed for every password."""
    boxes = [*form.all("input"), *form.all("select")]
    known = {box["name"]: box.attributes.get("value", "") for box in boxes if "name" in box.attributes}
    secret = [box["name"] for box in form.all("input", type="password")]
    return known | {"username": "ina", "site_name": "Finch"} | dict.fromkeys(secret, password)


@pytest.mark.parametrize(("typed", "status"), [(FOUR_KILOBYTES, 422), (MEGABYTE, 413)], ids=["4 KB", "1 MB"])
@pytest.mark.parametrize("path", FORMS)
def test_form_refuses_it(stage: Cast, path: str, typed: str, status: int) -> None:
    before = stage.calls.read_now(SYSTEM, users.show, stage.bob.id)
    with visitor(stage) if path == "/sign-in" else signed_in(stage, "ada") as client:
        forms = forms_with_a_password(client.get(path.format(bob=stage.bob.id)).text)
        answers = [client.post(form["action"], data=sent_by(form, typed)) for form in forms]

    assert [answer.status_code for answer in answers] == [status] * len(forms) != []
    assert not any(typed[:100] in answer.text for answer in answers)
    assert stage.calls.read_now(SYSTEM, users.show, stage.bob.id) == before
    assert "ina" not in names(stage)


@pytest.mark.parametrize(("typed", "status"), [(FOUR_KILOBYTES, 422), (MEGABYTE, 413)], ids=["4 KB", "1 MB"])
def test_the_form_of_the_first_administrator_refuses_it(empty_stage: Stage, typed: str, status: int) -> None:
    link = f"/setup/{empty_stage.do(setup.make_link)}"
    with visitor(empty_stage) as client:
        [form] = forms_with_a_password(client.get(link).text)
        answer = client.post(link, data=sent_by(form, typed))

        assert answer.status_code == status
        assert typed[:100] not in answer.text
        assert client.get(link).status_code == 200


@pytest.mark.parametrize(("typed", "status"), [(FOUR_KILOBYTES, 422), (MEGABYTE, 413)], ids=["4 KB", "1 MB"])
def test_the_form_behind_a_link_refuses_it_and_the_link_stays_good(
    stage: Cast, stranger: TestClient, typed: str, status: int
) -> None:
    address = f"/set-password/{link(stage.calls)}"
    [form] = forms_with_a_password(stranger.get(address).text)

    answer = stranger.post(address, data=sent_by(form, typed))

    assert answer.status_code == status
    assert typed[:100] not in answer.text
    assert stranger.get(address).status_code == 200


@pytest.mark.parametrize("name", ["username", "code", "next", "credential", "challenge"])
def test_no_other_field_of_signing_in_breaks_it(stranger: TestClient, name: str) -> None:
    for path in ("/sign-in", "/sign-in/second", "/sign-in/passkey"):
        answer = stranger.post(path, data={"username": "ada", "password": "x", name: FOUR_KILOBYTES})

        assert answer.status_code in (303, 422)


def test_odd_bytes_in_fields_are_refused_as_wrong(stranger: TestClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (
        b"username=ada&password=%00",
        b"username=%00&password=x",
        b"username=%ff%fe&password=%f0%28",
    ):
        assert stranger.post("/sign-in", content=body, headers=form).status_code == 422


def names(stage: Cast) -> set[str]:
    return {user.username for user in stage.calls.read_now(SYSTEM, users.page, UserQuery(limit=200)).items}
