"""The page of open connections: who, through which door, and the end of it."""

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import connections, events, ssh_keys
from innkeeper.actions.actors import Caller
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.sessions import Connection
from tests.console.stage import Cast
from tests.rest import connect

AT_SFTP = Caller("sftp", "203.0.113.9", "OpenSSH_9.2", system_name="door")


@pytest.fixture
def link(stage: Cast) -> Connection:
    """Bob at SFTP."""
    key = stage.do(ssh_keys.page, user_id=stage.bob.id).items[0]
    found: Connection = stage.calls.write_now(AT_SFTP, connect, "bob", key.id)
    return found


def kinds(stage: Cast) -> set[str]:
    page = stage.do(events.page, EventQuery(limit=50))
    return {event.kind.value for event in page.items}


def test_an_open_connection_is_shown_with_its_door_and_address(ada: TestClient, link: Connection) -> None:
    page = ada.get("/connections").text

    assert "bob" in page
    assert "SFTP" in page
    assert f"/connections/{link.id}/end" in page


def test_the_list_is_narrowed_by_door_and_address(ada: TestClient, link: Connection) -> None:
    assert link.id in ada.get("/connections?door=sftp").text
    assert link.id not in ada.get("/connections?door=webdav").text
    assert link.id not in ada.get("/connections?address=198.51.100.7").text


def test_one_is_ended(stage: Cast, ada: TestClient, link: Connection) -> None:
    answer = ada.post(f"/connections/{link.id}/end")

    assert answer.status_code == 303
    assert "connection.end_asked" in kinds(stage)


def test_all_that_are_shown_are_ended_and_no_other(stage: Cast, ada: TestClient, link: Connection) -> None:
    assert "End all of these connections?" in ada.get("/connections/end?door=sftp").text

    ada.post("/connections/end?door=webdav")
    assert "connection.end_asked" not in kinds(stage)
    ada.post("/connections/end?door=sftp")
    assert "connection.end_asked" in kinds(stage)


def test_a_plain_user_sees_their_own_alone(stage: Cast, bob: TestClient, link: Connection) -> None:
    assert link.id in bob.get("/connections").text
    assert stage.do(connections.page).items[0].user_id == stage.bob.id
