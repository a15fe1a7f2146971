"""The link in a mail with news: looking asks, sending does, nothing else is opened."""

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import notifications
from innkeeper.actions.call import Call
from innkeeper.domain.notifications import Notification
from innkeeper.domain.words import SubjectKind
from tests.conftest import SYSTEM
from tests.console.stage import Cast


@pytest.fixture
def link(stage: Cast) -> str:
    """Where the mail about Ada's notification leads."""
    made = stage.calls.write_now(SYSTEM, notifications.add, "/in", SubjectKind.USER, stage.ada.id)
    return stage.calls.read_now(SYSTEM, _link, made, stage)


def _link(call: Call, made: Notification, stage: Cast) -> str:
    return notifications.link_of(call, made, stage.ada)


def held(stage: Cast) -> int:
    return len(stage.calls.read_now(SYSTEM, notifications.page).items)


def test_looking_changes_nothing_and_sending_unsubscribes(
    stranger: TestClient, stage: Cast, link: str
) -> None:
    asked = stranger.get(link)
    before = held(stage)
    # What a mail program sends when its own button is pressed: no cookie, no origin (RFC 8058).
    answer = stranger.post(link, data={"List-Unsubscribe": "One-Click"})

    assert (asked.status_code, before) == (200, 1)
    assert "Unsubscribe from this folder?" in asked.text
    assert (answer.status_code, held(stage)) == (200, 0)
    assert stranger.get(link).status_code == 404


def test_a_link_that_was_made_up_opens_nothing(stranger: TestClient) -> None:
    assert stranger.get("/unsubscribe/made-up").status_code == 404
    assert stranger.post("/unsubscribe/made-up").status_code == 404
