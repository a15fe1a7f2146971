"""The e-mail log: what was sent to whom, how it looks, and sending it again."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import mail_delivery, mails
from innkeeper.domain.mails import Mail, MailKind, MailState
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from innkeeper.interfaces.console.application import make_console
from innkeeper.interfaces.console.mail_labels import KINDS, STATES
from tests.console.browsing import Visitor
from tests.console.conftest import signed_in
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast

REFUSED = Text("the mail server answered: %(answer)s", {"answer": "550 no such user"})


def queue(stage: Cast, user: User, kind: MailKind = MailKind.NEW_DEVICE, **secret: str) -> Mail:
    stage.do(mails.queue, kind, user, {"address": "198.51.100.9"}, secret=secret)
    return stage.calls.read_now(SYSTEM, mails.page).items[0].mail


def fail(stage: Cast, mail: Mail) -> None:
    claimed = stage.do(mail_delivery.claim, mail.id)
    stage.do(mail_delivery.note_failure, claimed, REFUSED, is_permanent=True)


def subjects(page: str) -> list[str]:
    return [link.text for link in read(page).all("a", class_="open")]


@pytest.mark.parametrize("kind", list(MailKind))
def test_every_kind_has_a_name(kind: MailKind) -> None:
    assert kind in KINDS


@pytest.mark.parametrize("state", list(MailState))
def test_every_state_has_a_name(state: MailState) -> None:
    assert state in STATES


def test_log_tells_who_got_what_and_what_became_of_it(stage: Cast, ada: TestClient) -> None:
    fail(stage, queue(stage, stage.bob))

    page = ada.get("/mails").text
    row = read(page).one("table", class_="table").all("tr")[1]

    assert "New sign-in to Harbor & Finch" in row.text
    assert "bob@example.com" in row.text
    assert "Failed" in row.text
    assert "550 no such user" in row.text


def test_log_is_narrowed_by_state_user_and_address(stage: Cast, ada: TestClient) -> None:
    fail(stage, queue(stage, stage.bob))
    queue(stage, stage.charlie, MailKind.API_KEY_CREATED)

    assert subjects(ada.get("/mails?state=failed").text) == ["New sign-in to Harbor & Finch"]
    assert subjects(ada.get("/mails?q=CHARLIE@").text) == ["An API key was made at Harbor & Finch"]
    theirs = subjects(ada.get(f"/mails?user={stage.bob.id}").text)
    assert "New sign-in to Harbor & Finch" in theirs
    assert "An API key was made at Harbor & Finch" not in theirs
    assert "No mails match" in ada.get("/mails?state=sending").text
    assert ada.get("/mails?state=lost").status_code == 200


def test_long_log_has_pages(stage: Cast, ada: TestClient) -> None:
    for _ in range(60):
        queue(stage, stage.charlie)

    first = read(ada.get(f"/mails?user={stage.charlie.id}").text)
    step = next(link for link in first.all("a") if link.text == "Next")

    assert len(first.all("a", class_="open")) == 50
    assert len(subjects(ada.get(step["href"]).text)) == 10


def test_mail_is_shown_without_its_secret(stage: Cast, ada: TestClient) -> None:
    mail = queue(stage, stage.bob, MailKind.INVITATION, path="/set-password/s3cret")

    page, letter = ada.get(f"/mails/{mail.id}"), ada.get(f"/mails/{mail.id}/letter")

    for answer in (page, letter):
        assert answer.status_code == 200
        assert "s3cret" not in answer.text
        assert "••••••" in answer.text
    assert "Choose your password for Harbor &amp; Finch" in letter.text


def test_letter_may_do_nothing_but_look(stage: Cast, ada: TestClient) -> None:
    policy = ada.get(f"/mails/{queue(stage, stage.bob).id}/letter").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_failed_mail_is_sent_again(stage: Cast, ada: TestClient) -> None:
    mail = queue(stage, stage.bob)
    fail(stage, mail)

    answer = ada.post(f"/mails/{mail.id}/send-again")

    newest = stage.calls.read_now(SYSTEM, mails.page).items[0].mail
    assert answer.headers["Location"] == f"/mails/{newest.id}"
    assert (newest.state, newest.kind) == (MailState.QUEUED, MailKind.NEW_DEVICE)
    assert newest.id != mail.id


def test_mail_whose_link_is_gone_is_not_offered_again(stage: Cast, ada: TestClient) -> None:
    mail = queue(stage, stage.bob, MailKind.INVITATION, path="/set-password/s3cret")
    fail(stage, mail)

    assert "/send-again" not in ada.get(f"/mails/{mail.id}").text
    assert ada.post(f"/mails/{mail.id}/send-again").status_code == 409


def test_only_administrators_see_the_log(stage: Cast, bob: TestClient) -> None:
    mail = queue(stage, stage.bob)

    for path in ("/mails", f"/mails/{mail.id}", f"/mails/{mail.id}/letter"):
        assert bob.get(path).status_code == 403
    assert bob.post(f"/mails/{mail.id}/send-again").status_code == 403
    assert 'href="/mails"' not in bob.get("/").text


def test_reader_is_not_offered_to_send(stage: Cast) -> None:
    stage._add("rita", "Rita Reader", password=stage.password, roles=["read_only_administrator"])
    mail = queue(stage, stage.bob)

    with signed_in(stage, "rita") as rita:
        assert rita.get(f"/mails/{mail.id}").status_code == 200
        assert "/send-again" not in rita.get(f"/mails/{mail.id}").text


def test_unknown_mail_is_missing(ada: TestClient) -> None:
    assert ada.get("/mails/nobody").status_code == 404


@pytest.mark.parametrize("path", ["/mails", "/settings"])
def test_missing_mail_server_is_told(stage: Cast, path: str) -> None:
    with signed_in(stage, "ada") as without:
        assert "There is no mail server." in without.get(path).text

    stage.console = make_console(stage.calls, clock=lambda: stage.now, sends_mail=True)
    with signed_in(stage, "ada") as with_server:
        assert "There is no mail server." not in with_server.get(path).text


def test_log_is_walked_with_the_keyboard_and_narrowed_while_typing(stage: Cast, window: Visitor) -> None:
    queue(stage, stage.charlie)
    page = window.sign_in()
    page.goto("/mails")
    rows: Any = page.locator("tbody tr")

    page.locator("#filter-q").fill("charlie@")
    page.wait_for_url("**/mails?q=charlie*")
    page.get_by_role("link", name="New sign-in to Harbor & Finch").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/mails/{stage.calls.read_now(SYSTEM, mails.page).items[0].mail.id}")

    assert page.locator("pre.letter").inner_text().startswith("Hello Charlie Babbage,")
    assert rows.count() == 0
