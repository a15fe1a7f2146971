"""Notifications through the API: made, shown, changed, refused, taken away."""

import httpx
import pytest

from innkeeper.actions import grants
from innkeeper.actions.calls import Calls
from innkeeper.domain.users import User
from innkeeper.domain.words import Level, SubjectKind
from tests.conftest import SYSTEM

PATH = "/api/v1/notifications"


@pytest.fixture
def inbox(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, grants.add, "/in", SubjectKind.USER, bob.id, Level.LIST)


async def test_a_user_tends_their_own(as_bob: httpx.AsyncClient, bob: User, inbox: None) -> None:
    wanted = {"subject_kind": "user", "subject_id": bob.id, "path": "/in", "verbs": ["delete", "upload"]}
    made = await as_bob.post(PATH, json=wanted)
    known = made.json()
    at = f"{PATH}/{known['id']}"

    assert (made.status_code, known["verbs"], known["frequency"]) == (201, ["upload", "delete"], "hourly")
    assert made.headers["Location"] == at
    assert (await as_bob.get(at)).json() == known
    assert (await as_bob.get(PATH, params={"path": "/in"})).json()["items"] == [known]
    assert (await as_bob.post(PATH, json=wanted)).status_code == 409

    edited = await as_bob.patch(at, json={"frequency": "daily"})

    assert (edited.json()["frequency"], edited.json()["verbs"]) == ("daily", ["upload", "delete"])
    assert (await as_bob.delete(at)).status_code == 204
    assert (await as_bob.get(at)).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"verbs": []}, {"verbs": ["share"]}, {"frequency": "weekly"}, {"path": "in"}]
)
async def test_what_cannot_be_is_refused(
    as_bob: httpx.AsyncClient, bob: User, inbox: None, wrong: dict[str, object]
) -> None:
    wanted = {"subject_kind": "user", "subject_id": bob.id, "path": "/in", **wrong}

    assert (await as_bob.post(PATH, json=wanted)).status_code == 422


async def test_a_folder_out_of_sight_is_refused(as_bob: httpx.AsyncClient, bob: User, inbox: None) -> None:
    wanted = {"subject_kind": "user", "subject_id": bob.id, "path": "/secret"}

    assert (await as_bob.post(PATH, json=wanted)).status_code == 422


async def test_refusing_ones_own_takes_it_away(as_bob: httpx.AsyncClient, bob: User, inbox: None) -> None:
    made = await as_bob.post(PATH, json={"subject_kind": "user", "subject_id": bob.id, "path": "/in"})

    assert (await as_bob.post(f"{PATH}/{made.json()['id']}/refuse")).status_code == 204
    assert (await as_bob.get(PATH)).json()["items"] == []
