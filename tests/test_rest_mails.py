"""The e-mail log over the API, the client and the command."""

from typing import Any

import httpx
import pytest

from innkeeper.actions import mail_delivery, mails
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from tests.conftest import SYSTEM
from tests.servers import ok


@pytest.fixture
def failed(calls: Calls, bob: User) -> Mail:
    """A mail that the mail server did not take."""
    calls.write_now(SYSTEM, mails.queue, MailKind.API_KEY_CREATED, bob, {"name": "backup"})
    queued = calls.read_now(SYSTEM, mails.page).items[0].mail
    mail = calls.write_now(SYSTEM, mail_delivery.claim, queued.id)
    assert isinstance(mail, Mail)
    refused = Text("the mail server answered: %(answer)s", {"answer": "550 no such user"})
    calls.write_now(SYSTEM, mail_delivery.note_failure, mail, refused, is_permanent=True)
    return mail


@pytest.fixture
def invitation(calls: Calls, bob: User) -> Mail:
    secret = {"path": "/set-password/s3cret"}
    calls.write_now(SYSTEM, mails.queue, MailKind.INVITATION, bob, {}, secret=secret)
    return calls.read_now(SYSTEM, mails.page).items[0].mail


async def listed(api: httpx.AsyncClient, **asked: Any) -> list[str]:
    return [mail["id"] for mail in ok(await api.get("/api/v1/mails", params=asked))["items"]]


async def test_mails_are_listed_and_narrowed(
    as_ada: httpx.AsyncClient, ada: User, bob: User, failed: Mail, invitation: Mail
) -> None:
    theirs = {"user_id": bob.id}

    assert await listed(as_ada, **theirs) == [invitation.id, failed.id]
    assert await listed(as_ada, **theirs, state=["failed", "unsent"]) == [failed.id]
    assert await listed(as_ada, user_id="nobody") == []
    assert await listed(as_ada, text="BOB@", state="queued") == [invitation.id]
    assert await listed(as_ada, text="%") == []
    assert (await as_ada.get("/api/v1/mails", params={"state": "lost"})).status_code == 422


async def test_mail_tells_what_became_of_it(as_ada: httpx.AsyncClient, failed: Mail) -> None:
    shown = ok(await as_ada.get(f"/api/v1/mails/{failed.id}"))

    assert (shown["kind"], shown["to"], shown["state"]) == ("api_key_created", "bob@example.com", "failed")
    assert shown["subject"] == "An API key was made at Innkeeper"
    assert shown["error"] == "the mail server answered: 550 no such user"
    assert (shown["tries"], shown["due_at"], shown["sent_at"]) == (1, None, None)
    assert "backup" in shown["text"]


async def test_secret_is_never_answered(as_ada: httpx.AsyncClient, invitation: Mail) -> None:
    shown = await as_ada.get(f"/api/v1/mails/{invitation.id}")

    assert "••••••" in shown.json()["text"]
    assert "s3cret" not in shown.text + (await as_ada.get("/api/v1/mails")).text


async def test_mail_is_sent_again(as_ada: httpx.AsyncClient, failed: Mail) -> None:
    again = ok(await as_ada.post(f"/api/v1/mails/{failed.id}/send-again"))

    assert again["id"] != failed.id
    assert (again["state"], again["to"]) == ("queued", "bob@example.com")


async def test_what_cannot_be_sent_again_is_refused(
    as_ada: httpx.AsyncClient, calls: Calls, invitation: Mail
) -> None:
    calls.write_now(SYSTEM, mail_delivery.note_unsent, invitation)

    refused = await as_ada.post(f"/api/v1/mails/{invitation.id}/send-again")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_now")
    assert (await as_ada.post("/api/v1/mails/nobody/send-again")).status_code == 404


async def test_user_sees_no_mails(as_bob: httpx.AsyncClient, failed: Mail) -> None:
    assert (await as_bob.get("/api/v1/mails")).status_code == 403
    assert (await as_bob.get(f"/api/v1/mails/{failed.id}")).status_code == 403
    assert (await as_bob.post(f"/api/v1/mails/{failed.id}/send-again")).status_code == 403
