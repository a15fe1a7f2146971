"""Pages on which passwords are chosen, asked for by mail, and set by administrators."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import password_links, settings, users
from innkeeper.domain.users import User
from innkeeper.interfaces.console.pages import forgot
from innkeeper.kit.passwords import is_outdated, make_password
from tests.console.conftest import signed_in, visitor
from tests.console.markup import read
from tests.console.stage import PASSWORD, SYSTEM, Cast
from tests.test_password_hashes import MADE
from tests.test_password_hashes import PASSWORD as OTHERS
from tests.test_password_links import has_password, link, links

NEW = "mauve lantern ferry 7"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgot, "ANSWERED_AFTER", 0)


@pytest.fixture
def dora(stage: Cast) -> User:
    """Invited when the stage was set."""
    found: User = stage.calls.read_now(SYSTEM, users.find, "dora")
    return found


def now_of(stage: Cast, user: User) -> User:
    return stage.calls.read_now(SYSTEM, users.show, user.id)


def broken(text: str) -> list[str]:
    return [rule.text.removesuffix(" not met") for rule in read(text).all("li", class_="bad")]


def test_the_sign_in_page_leads_to_the_link_unless_the_site_does_without(
    stage: Cast, stranger: TestClient
) -> None:
    assert "/forgot" in stranger.get("/sign-in").text
    stage.do(settings.edit, {"password_reset_by_mail": False})

    assert "/forgot" not in stranger.get("/sign-in").text
    assert stranger.get("/forgot").status_code == 404
    assert stranger.post("/forgot", data={"name": "bob"}).status_code == 404
    assert links(stage.calls)[1:] == []


@pytest.mark.parametrize(
    "name", ["bob", "bob@example.com", "nobody", "fay", "gus", "emil", "\x00", "x" * 5000, "<b>bob</b>"]
)
def test_asking_tells_nobody_whether_there_is_somebody(
    stage: Cast, stranger: TestClient, quick: None, name: str
) -> None:
    answer = stranger.post("/forgot", data={"name": name})
    page = stranger.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, "/forgot/sent")
    assert "Set-Cookie" not in answer.headers
    assert "a link is on its way" in page.text
    assert name[:100] not in page.text


def test_an_empty_form_comes_back(stranger: TestClient) -> None:
    answer = stranger.post("/forgot", data={"name": " "})

    assert answer.status_code == 422
    assert "Type a user name or an address." in answer.text


def test_one_address_cannot_ask_for_ever(stage: Cast, stranger: TestClient, quick: None) -> None:
    answers = [
        stranger.post("/forgot", data={"name": f"nobody {number}"}).status_code for number in range(120)
    ]

    assert answers[:50] == [303] * 50
    assert answers[-1] == 422


def test_known_and_unknown_names_take_the_same_time(stage: Cast, stranger: TestClient) -> None:
    took: dict[str, list[float]] = {"bob": [], "nobody": [], "fay": []}
    for _ in range(5):
        for name, times in took.items():
            begun = time.perf_counter()
            stranger.post("/forgot", data={"name": name})
            times.append(time.perf_counter() - begun)

    shortest = [min(times) for times in took.values()]
    assert min(shortest) >= forgot.ANSWERED_AFTER
    assert max(shortest) - min(shortest) < 0.05


def test_a_link_leads_to_a_new_password_and_to_sign_in(
    stage: Cast, stranger: TestClient, quick: None
) -> None:
    with signed_in(stage, "bob") as elsewhere:
        stage.now += timedelta(minutes=1)
        stranger.post("/forgot", data={"name": "bob"})
        address = f"/set-password/{link(stage.calls)}"

        page = stranger.get(address)
        answer = stranger.post(address, data={"password": NEW})

        assert page.status_code == 200
        assert read(page.text).one("input", id="username")["value"] == "bob"
        assert "At least 10 characters" in page.text
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
        assert has_password(stage.calls, stage.bob, NEW)
        assert elsewhere.get("/account").status_code == 303
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, data={"password": "another lantern ferry 8"}).status_code == 404
    entered = stranger.post("/sign-in", data={"username": "bob", "password": NEW})
    assert entered.status_code == 303


def test_a_link_opens_no_session_by_itself(stage: Cast, stranger: TestClient, dora: User) -> None:
    answer = stranger.post(f"/set-password/{link(stage.calls)}", data={"password": NEW})

    assert "session" not in answer.headers.get("Set-Cookie", "")
    assert stranger.get("/account").headers["Location"].startswith("/sign-in")


def test_broken_rules_are_marked_with_the_strength_and_nothing_typed_comes_back(
    stage: Cast, stranger: TestClient, dora: User
) -> None:
    answer = stranger.post(f"/set-password/{link(stage.calls)}", data={"password": "dent1"})

    page = read(answer.text)
    assert answer.status_code == 422
    assert "Welcome, Dora Dent" in page.text
    assert broken(answer.text) == [
        "At least 10 characters",
        "Hard to guess, like a few words that have nothing to do with each other",
        "Without the name, the address or the company of its user",
    ]
    assert page.one("meter")["value"] == "1"
    assert "The last try was easy to guess." in page.text
    assert "dent1" not in answer.text


@pytest.mark.parametrize("text", ["", "x" * 5000, "a\nb and some more", "\x00" * 20])
def test_what_is_no_password_is_refused(stage: Cast, stranger: TestClient, dora: User, text: str) -> None:
    answer = stranger.post(f"/set-password/{link(stage.calls)}", data={"password": text})

    assert answer.status_code == 422
    assert now_of(stage, dora).password_hash is None


@pytest.mark.parametrize("token", ["x", "A" * 43, "x" * 3000, "%00", "..%2f..%2faccount"])
def test_a_forged_link_says_that_it_does_not_work(stranger: TestClient, token: str) -> None:
    shown, sent = (
        stranger.get(f"/set-password/{token}"),
        stranger.post(f"/set-password/{token}", data={"password": NEW}),
    )

    assert (shown.status_code, sent.status_code) == (404, 404)


def test_a_link_cannot_be_used_from_another_site(stage: Cast, dora: User) -> None:
    with TestClient(stage.console, headers={"Sec-Fetch-Site": "cross-site"}) as elsewhere:
        answer = elsewhere.post(f"/set-password/{link(stage.calls)}", data={"password": NEW})

    assert answer.status_code == 403
    assert now_of(stage, dora).password_hash is None


def test_a_suspended_user_cannot_use_their_link(stage: Cast, stranger: TestClient, dora: User) -> None:
    stage.do(users.suspend, dora.id)

    answer = stranger.post(f"/set-password/{link(stage.calls)}", data={"password": NEW})

    assert answer.status_code == 404
    assert "This link does not work any more" in answer.text
    assert "/forgot" in answer.text


def test_the_link_is_told_to_nobody_else(stage: Cast, stranger: TestClient, dora: User) -> None:
    page = stranger.get(f"/set-password/{link(stage.calls)}")

    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"


def test_pages_speak_german(stage: Cast, stranger: TestClient, dora: User) -> None:
    german = {"Accept-Language": "de"}

    page = stranger.get(f"/set-password/{link(stage.calls)}", headers=german).text
    asked = stranger.get("/forgot", headers=german).text

    assert "Willkommen, Dora Dent" in page
    assert "Mindestens 10 Zeichen" in page
    assert "Passwort vergessen?" in asked


def test_an_administrator_has_a_password_made_and_sees_it_once(stage: Cast, ada: TestClient) -> None:
    answer = ada.post(f"/users/{stage.bob.id}/password/made", data={"require_password_change": "yes"})

    secret = read(answer.text).one("code", id="made-password").text
    assert answer.status_code == 200
    assert has_password(stage.calls, stage.bob, secret)
    assert now_of(stage, stage.bob).require_password_change
    assert secret not in ada.get(f"/users/{stage.bob.id}?tab=security").text


def test_an_administrator_sends_a_link(stage: Cast, ada: TestClient) -> None:
    page = ada.get(f"/users/{stage.bob.id}/password")
    answer = ada.post(f"/users/{stage.bob.id}/password/link", data={"password": ""})

    assert "Send them a link instead" in page.text
    assert answer.status_code == 303
    assert has_password(stage.calls, stage.bob, PASSWORD)
    with visitor(stage) as client:
        client.post(f"/set-password/{link(stage.calls)}", data={"password": NEW})
    assert has_password(stage.calls, stage.bob, NEW)


def test_no_link_is_offered_where_none_would_work(stage: Cast, ada: TestClient) -> None:
    stage.do(users.edit, stage.bob.id, {"email": ""})

    assert "Send them a link instead" not in ada.get(f"/users/{stage.bob.id}/password").text
    assert ada.post(f"/users/{stage.bob.id}/password/link").status_code == 409


def test_an_administrator_invites_again(stage: Cast, ada: TestClient, dora: User) -> None:
    before = link(stage.calls)
    page = ada.get(f"/users/{dora.id}?tab=security")

    answer = ada.post(f"/users/{dora.id}/invite")

    assert "Invite again" in page.text
    assert "Invite again" not in ada.get(f"/users/{stage.bob.id}?tab=security").text
    assert (answer.status_code, len(links(stage.calls))) == (303, 2)
    with visitor(stage) as client:
        assert client.get(f"/set-password/{before}").status_code == 404
        assert client.get(f"/set-password/{link(stage.calls)}").status_code == 200


@pytest.mark.parametrize("path", ["password", "password/made", "password/link", "invite"])
def test_passwords_need_a_fresh_proof(stage: Cast, ada: TestClient, dora: User, path: str) -> None:
    stage.now += timedelta(minutes=11)

    answer = ada.post(f"/users/{dora.id}/{path}", data={"password": NEW})

    assert answer.headers["Location"].startswith("/prove?")
    assert now_of(stage, dora).password_hash is None
    assert len(links(stage.calls)) == 1


@pytest.mark.parametrize("path", ["password", "password/made", "password/link", "invite"])
def test_users_do_nothing_to_each_others_passwords(
    stage: Cast, charlie: TestClient, dora: User, path: str
) -> None:
    assert charlie.post(f"/users/{dora.id}/{path}", data={"password": NEW}).status_code == 404
    assert now_of(stage, dora).password_hash is None


def change(client: TestClient, old: str = PASSWORD, new: str = NEW) -> Any:
    return client.post("/account/password", data={"old_password": old, "password": new})


def test_ones_own_password_is_changed_with_the_old_one(stage: Cast, bob: TestClient) -> None:
    stage.now += timedelta(minutes=30)

    wrong = change(bob, old="not this one")
    answer = change(bob)

    assert wrong.status_code == 422
    assert "This is not the password that you have now." in wrong.text
    assert answer.headers["Location"] == "/account?tab=security"
    assert has_password(stage.calls, stage.bob, NEW)
    assert bob.get("/account").status_code == 200


def test_the_old_password_does_not_come_again(stage: Cast, bob: TestClient) -> None:
    change(bob)

    answer = change(bob, old=NEW, new=PASSWORD)

    assert answer.status_code == 422
    assert broken(answer.text) == ["Another one than the last 5"]


def test_guessing_the_old_password_is_counted_and_logged(stage: Cast, bob: TestClient) -> None:
    for _ in range(2):
        change(bob, old="guess")

    assert now_of(stage, stage.bob).failed_logins == 2


def test_a_password_that_must_be_changed_is_asked_for_first(stage: Cast, bob: TestClient) -> None:
    stage.do(users.edit, stage.bob.id, {"require_password_change": True})

    assert bob.get("/").headers["Location"] == "/account/password"
    assert "You have to choose a new password" in bob.get("/account/password").text
    assert change(bob).status_code == 303
    assert bob.get("/account").status_code == 200


def test_the_days_left_are_told(stage: Cast, bob: TestClient) -> None:
    stage.do(settings.edit, {"password_validity_days": 30})
    stage.now += timedelta(minutes=5)

    assert "good for 30 days more" in bob.get("/account/password").text


@pytest.fixture
def overdue(stage: Cast) -> Iterator[Callable[[], TestClient]]:
    stage.do(users.edit, stage.bob.id, {"password_validity_days": 1})
    stage.now += timedelta(days=2)
    yield lambda: signed_in(stage, "bob")


def test_an_overdue_password_is_changed_at_sign_in(stage: Cast, overdue: Callable[[], TestClient]) -> None:
    with overdue() as client:
        assert client.get("/account").headers["Location"] == "/account/password"
        assert change(client).status_code == 303
        assert client.get("/account").status_code == 200


def test_a_link_asked_for_works_beside_an_open_session_of_somebody_else(
    stage: Cast, ada: TestClient, quick: None
) -> None:
    ada.post("/forgot", data={"name": "bob"})

    answer = ada.post(f"/set-password/{link(stage.calls)}", data={"password": NEW})

    assert answer.status_code == 303
    assert has_password(stage.calls, stage.bob, NEW)
    assert has_password(stage.calls, stage.ada, PASSWORD)


def test_set_password_hash_stays_what_it_was_when_the_form_is_only_looked_at(
    stage: Cast, stranger: TestClient, dora: User
) -> None:
    address = f"/set-password/{link(stage.calls)}"
    for _ in range(3):
        assert stranger.get(address).status_code == 200

    stage.calls.write_now(SYSTEM, password_links.set_password, address.rpartition("/")[2], make_password(NEW))

    assert has_password(stage.calls, dora, NEW)


def test_a_new_user_comes_with_a_hash_from_elsewhere(stage: Cast, ada: TestClient) -> None:
    foreign = "$2b$04$awM5kkQb4fgt4PjKaj5TdeFVhFmgg4AEd9ayVfK1cCK2GPMHaxVJK"
    values = {"username": "iris", "imported_password_hash": foreign}

    wrong = ada.post("/users/new", data={**values, "authentication_method": "password"})
    made = ada.post("/users/new", data={**values, "authentication_method": "password_with_imported_hash"})

    assert wrong.status_code == 422
    assert "This only goes with the method" in wrong.text
    assert foreign not in wrong.text
    assert made.status_code == 303
    iris = stage.calls.read_now(SYSTEM, users.find, "iris")
    assert has_password(stage.calls, iris, "once in another place")


def test_a_new_user_is_told_every_rule_that_their_password_breaks(stage: Cast, ada: TestClient) -> None:
    answer = ada.post("/users/new", data={"username": "ina", "password": "short"})

    message = read(answer.text).one("p", id="password-error").text
    assert answer.status_code == 422
    assert message.startswith("At least 10 characters. Too easy to guess.")


def test_a_new_user_who_signs_up_by_mail_needs_an_address(stage: Cast, ada: TestClient) -> None:
    values = {"username": "ina", "authentication_method": "email_signup"}

    answer = ada.post("/users/new", data=values)
    invited = ada.post("/users/new", data={**values, "email": "ina@example.com"})

    assert "An address is needed" in read(answer.text).one("p", id="email-error").text
    assert invited.status_code == 303
    with visitor(stage) as client:
        assert "Welcome, ina" in client.get(f"/set-password/{link(stage.calls)}").text


@pytest.mark.parametrize(
    "form", ["bcrypt-2a", "argon2d", "pbkdf2-sha1", "sha256-crypt", "ssha", "md5-django"]
)
def test_a_password_from_elsewhere_signs_in_and_is_hashed_anew(
    stage: Cast, stranger: TestClient, form: str
) -> None:
    values = {"username": "iris", "authentication_method": "password_with_imported_hash"}
    iris = stage.do(users.create, {**values, "imported_password_hash": MADE[form]})

    wrong = stranger.post("/sign-in", data={"username": "iris", "password": "wrong"})
    right = stranger.post("/sign-in", data={"username": "iris", "password": OTHERS})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert stranger.get("/account").status_code == 200
    assert not is_outdated(now_of(stage, iris).password_hash or "")
    assert has_password(stage.calls, iris, OTHERS)


@pytest.mark.parametrize("text", ["x" * 1025, "x" * 500_000, "a\x00b", ""])
def test_what_cannot_be_a_password_is_simply_wrong_at_sign_in(stranger: TestClient, text: str) -> None:
    answer = stranger.post("/sign-in", data={"username": "ada", "password": text})

    assert answer.status_code == 422
    assert "That did not work." in answer.text


def test_a_password_typed_apart_opens_what_was_stored_together(stage: Cast, stranger: TestClient) -> None:
    stage.do(users.create, {"username": "zoe", "password": "Zoë’s café\u00a0東京 7"})

    answer = stranger.post("/sign-in", data={"username": "zoe", "password": "Zoe\u0308’s cafe\u0301 東京 7"})

    assert answer.status_code == 303
