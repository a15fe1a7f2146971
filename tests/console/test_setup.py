"""First run: the link that the server printed makes the first administrator, once."""

from innkeeper.actions import settings, setup, users
from innkeeper.domain.words import Role
from tests.console.conftest import visitor
from tests.console.markup import read
from tests.console.stage import PASSWORD, SYSTEM, Stage

FORM = {
    "username": "grace",
    "name": "Grace Hopper",
    "email": "grace@example.com",
    "password": PASSWORD,
    "site_name": "Harbor & Finch",
    "language": "de",
    "time_zone": "Europe/Berlin",
}


def test_link_makes_administrator_and_site_and_signs_in(empty_stage: Stage) -> None:
    token = empty_stage.do(setup.make_link)
    with visitor(empty_stage) as client:
        assert client.get(f"/setup/{token}").status_code == 200

        answer = client.post(f"/setup/{token}", data=FORM)

        assert answer.headers["Location"] == "/"
        assert "Harbor &amp; Finch" in client.get("/").text
    grace = empty_stage.calls.read_now(SYSTEM, users.find, "grace")
    assert grace.roles == (Role.SITE_ADMINISTRATOR,)
    assert empty_stage.calls.read_now(SYSTEM, settings.show).language == "de"


def test_link_works_once(empty_stage: Stage) -> None:
    token = empty_stage.do(setup.make_link)
    with visitor(empty_stage) as client:
        client.post(f"/setup/{token}", data=FORM)

        assert client.get(f"/setup/{token}").status_code == 404
        assert client.post(f"/setup/{token}", data=FORM | {"username": "mallory"}).status_code == 404


def test_wrong_link_shows_nothing(empty_stage: Stage) -> None:
    empty_stage.do(setup.make_link)
    with visitor(empty_stage) as client:
        answer = client.get("/setup/guessed")

    assert answer.status_code == 404
    assert "no longer valid" in answer.text


def test_weak_password_comes_back_with_all_that_was_typed(empty_stage: Stage) -> None:
    token = empty_stage.do(setup.make_link)
    with visitor(empty_stage) as client:
        answer = client.post(f"/setup/{token}", data=FORM | {"password": "short"})

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.one("input", name="password")["aria-invalid"] == "true"
    assert page.one("input", name="name")["value"] == "Grace Hopper"
    assert "short" not in answer.text
