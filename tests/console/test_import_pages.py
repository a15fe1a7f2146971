"""Imports through the console: send, look, apply, report."""

import time
from collections.abc import Callable

import httpx
from starlette.testclient import TestClient

from innkeeper.actions import imports, users
from innkeeper.domain.plans import PlanState
from innkeeper.domain.words import PlanId
from tests.console.markup import Element, read
from tests.console.stage import SYSTEM, Cast

FILE = """username,name,email,groups
bob,Robert Byron,bob@example.com,Sales
ina,Ina Ivory,ina@example.com,Sales
jim,Jim Jones,nowhere,Sales
"""


def send(client: TestClient, text: str, **options: str) -> httpx.Response:
    files = {"file": ("people.csv", text.encode(), "text/csv")}
    answer: httpx.Response = client.post(
        "/imports", data={"mode": "create_and_update", **options}, files=files
    )
    return answer


def wait(stage: Cast, address: str, *states: PlanState) -> PlanId:
    plan_id = PlanId(address.rsplit("/", 1)[-1])
    until(lambda: stage.calls.read_now(SYSTEM, imports.show, plan_id).state in states)
    return plan_id


def until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it took more than ten seconds")


def tiles(page: Element) -> dict[str, str]:
    return {tile.one("span").text: tile.one("b").text for tile in page.one("nav", class_="tiles").all("a")}


def test_file_is_looked_at_before_anything_happens(stage: Cast, ada: TestClient) -> None:
    answer = send(ada, FILE)
    wait(stage, answer.headers["Location"], PlanState.PLANNED)

    page = read(ada.get(answer.headers["Location"]).text)

    assert tiles(page) == {"New": "1", "Changed": "1", "Unchanged": "0", "Conflicts": "0", "Wrong": "1"}
    assert "jim" in page.one("tbody").text
    assert stage.calls.read_now(SYSTEM, users.show, stage.bob.id).name == "Bob Byron"
    changed = read(ada.get(answer.headers["Location"] + "?verdict=changed").text)
    assert "Bob Byron" in [element.text for element in changed.all("del")]


def test_apply_does_it_and_failed_rows_come_back_with_reasons(stage: Cast, ada: TestClient) -> None:
    address = send(ada, FILE).headers["Location"]
    wait(stage, address, PlanState.PLANNED)

    assert ada.post(f"{address}/apply").headers["Location"] == address
    wait(stage, address, PlanState.APPLIED)

    assert stage.calls.read_now(SYSTEM, users.show, stage.bob.id).name == "Robert Byron"
    assert stage.calls.read_now(SYSTEM, users.find, "ina")
    failed = ada.get(f"{address}/failed.csv")
    assert "attachment" in failed.headers["Content-Disposition"]
    assert [
        failed.text.splitlines()[0],
        failed.text.splitlines()[1][:3],
    ] == ["username,name,email,groups,reason", "jim"]


def test_running_import_asks_for_itself_again(stage: Cast, ada: TestClient) -> None:
    from innkeeper.domain.plans import ImportOptions

    plan = stage.do(imports.begin, "people.csv", ImportOptions())

    region = read(ada.get(f"/imports/{plan.id}").text).one("div", id="import")

    assert ("1000", f"/imports/{plan.id}") == (region["data-poll"], region["data-src"])


def test_file_that_cannot_be_read_says_why(stage: Cast, ada: TestClient) -> None:
    address = send(ada, "username,shoe_size\nina,42\n").headers["Location"]
    wait(stage, address, PlanState.FAILED)

    page = ada.get(address).text
    assert "The file cannot be taken." in page
    assert "shoe_size" in page


def test_large_suspension_waits_for_the_number(stage: Cast, ada: TestClient) -> None:
    for number in range(20):
        stage.do(users.create, {"username": f"extra{number:02}"})
    rows = "".join(f"extra{number:02},yes\n" for number in range(10))
    address = send(ada, f"username,disabled\n{rows}").headers["Location"]
    wait(stage, address, PlanState.PLANNED)

    refused = ada.post(f"{address}/apply", data={"confirm_count": "9"})
    assert refused.status_code == 422
    assert read(refused.text).one("input", name="confirm_count")["aria-invalid"] == "true"

    assert ada.post(f"{address}/apply", data={"confirm_count": "10"}).status_code == 303
    wait(stage, address, PlanState.APPLIED)


def test_stop_leaves_things_as_they_are(stage: Cast, ada: TestClient) -> None:
    address = send(ada, FILE).headers["Location"]
    wait(stage, address, PlanState.PLANNED)

    ada.post(f"{address}/stop")

    assert "Stopped" in ada.get(address).text
    assert ada.post(f"{address}/apply").status_code == 422


def test_form_without_a_file_is_marked(ada: TestClient) -> None:
    answer = ada.post("/imports", data={"mode": "create"}, files={"other": b""})

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.one("input", name="file")["aria-invalid"] == "true"
    assert "selected" in page.one("option", value="create").attributes


def test_template_has_a_column_for_every_field(ada: TestClient) -> None:
    header = ada.get("/imports/template.csv").text.splitlines()[0].split(",")

    assert {"username", "groups", "grants", "ssh_keys", "protocols", "access_expires_at"} <= set(header)


def test_only_administrators_import(bob: TestClient) -> None:
    assert bob.get("/imports").status_code == 403
    assert send(bob, FILE).status_code == 403
