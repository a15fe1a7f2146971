"""Refusals in the reader's language: above forms, under fields, and of each row of an import."""

import csv

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import imports, users
from innkeeper.domain.plans import PlanState
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast
from tests.console.test_import_pages import send, wait
from tests.console.test_user_changes import EDITED, NEW, errors

LAST = "'ada' ist der letzte Site-Verwalter, der sich anmelden kann; ernennen Sie zuerst einen anderen"
BAD = """username,email,password_validity_days,groups
ina,ina@example.com,90,Ghosts
jim,nowhere,soon,Sales
bob,bob@example.com,90,Sales,Sales
gus,gus@example.com,90,Sales
"""
REASONS = {
    "ina": "groups: 'Ghosts' – erwartet: der Name einer Gruppe, die es gibt",
    "jim": (
        "email: 'nowhere' – erwartet: eine Adresse, deren Domain einen Punkt enthält, wie name@example.org; "
        "password_validity_days: 'soon' – erwartet: eine ganze Zahl von Tagen von 1 bis 36500"
    ),
    "bob": "die Zeile hat 5 Zellen – erwartet: 4, so viele wie die Kopfzeile",
    "gus": (
        "das Konto 'gus' liegt im Papierkorb; stellen Sie es wieder her oder nehmen Sie einen anderen Namen"
    ),
}


@pytest.fixture
def german_ada(stage: Cast, ada: TestClient) -> TestClient:
    stage.do(users.edit, stage.ada.id, {"language": "de"})
    return ada


def test_last_administrator_is_kept_in_german(stage: Cast, german_ada: TestClient) -> None:
    edited = {**EDITED, "username": "ada", "access_expires_at": "2027-03-31", "primary_group": ""}

    answer = german_ada.post(f"/users/{stage.ada.id}/edit", data=edited)

    assert answer.status_code == 422
    assert f"Der Server hat dies abgelehnt: {LAST}" in read(answer.text).one(role="alert").text


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("password", "xK9#vQ2mL", "Mindestens 10 Zeichen."),
        ("notes", "x" * 10_001, "Höchstens 10000 Zeichen."),
        ("company", "a\x00b", "Erwartet wird hier: Text ohne NUL-Zeichen."),
    ],
)
def test_field_says_in_german_what_it_takes(
    german_ada: TestClient, name: str, value: str, message: str
) -> None:
    answer = german_ada.post("/users/new", data={**NEW, name: value})

    assert {name: message} == errors(read(answer.text))


def test_phrase_with_gaps_stands_in_a_german_sentence(stage: Cast, german_ada: TestClient) -> None:
    answer = german_ada.post(f"/users/{stage.bob.id}/delete", data={"typed": "bert"})

    assert "Erwartet wird hier: der Benutzername bob." in answer.text


def test_rows_of_an_import_say_in_german_what_is_wrong(stage: Cast, german_ada: TestClient) -> None:
    address = send(german_ada, BAD).headers["Location"]
    plan_id = wait(stage, address, PlanState.PLANNED)

    shown = [
        row.all("td")[-1].text
        for verdict in ("invalid", "conflicting")
        for row in read(german_ada.get(f"{address}?verdict={verdict}").text).one("tbody").all("tr")
    ]
    failed = list(csv.reader(german_ada.get(f"{address}/failed.csv").text.splitlines()))

    assert list(REASONS.values()) == shown
    assert {row[0]: row[-1] for row in failed[1:]} == REASONS
    kept = stage.calls.read_now(SYSTEM, imports.changes, plan_id).items
    assert str(kept[0].reason) == "groups: 'Ghosts' - expected the name of a group that exists"


def test_row_that_is_refused_at_its_turn_says_why_in_german(stage: Cast, german_ada: TestClient) -> None:
    address = send(german_ada, "username,access_expires_at\nada,2027-03-31\n").headers["Location"]
    wait(stage, address, PlanState.PLANNED)

    german_ada.post(f"{address}/apply")
    wait(stage, address, PlanState.APPLIED)

    page = read(german_ada.get(f"{address}?verdict=changed").text)
    assert page.one("tbody").all("td")[-1].text == LAST


def test_file_that_cannot_be_taken_says_so_in_german(stage: Cast, german_ada: TestClient) -> None:
    address = send(german_ada, "username,shoe_size,mail\nina,42,nowhere\n").headers["Location"]
    wait(stage, address, PlanState.FAILED)

    page = read(german_ada.get(address).text)

    assert (
        "Spalte 2: 'shoe_size' – erwartet: der Name eines Kontofelds; "
        "Spalte 3: 'mail' – erwartet: der Name eines Kontofelds (meinten Sie email?)"
    ) in page.one("main").text


def test_import_that_is_over_says_so_in_german(stage: Cast, german_ada: TestClient) -> None:
    address = send(german_ada, BAD).headers["Location"]
    wait(stage, address, PlanState.PLANNED)
    german_ada.post(f"{address}/stop")

    refused = german_ada.post(f"{address}/apply")

    assert "dieser Import ist angehalten; nur ein geplanter kann angewendet werden" in refused.text
