"""The search box: the best page first, people by any of their names, and what people paste."""

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import ssh_keys, users
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast

FRAGMENT = {"X-Fragment": "#find-list"}


def hits(client: TestClient, query: str) -> list[str]:
    page = read(client.get("/search", params={"q": query}, headers=FRAGMENT).text)
    return [element["href"] for element in page.all("a", role="option")]


def test_beginning_of_a_page_name_leads_to_it(ada: TestClient) -> None:
    assert hits(ada, "us")[0] == "/users"
    assert ada.get("/search?q=us").headers["Location"] == "/users"


def test_beginning_of_a_page_name_leads_to_it_in_german_and_english(stage: Cast, ada: TestClient) -> None:
    stage.do(users.edit, stage.ada.id, {"language": "de"})

    assert hits(ada, "kon")[0] == "/users"
    assert hits(ada, "us")[0] == "/users"


@pytest.mark.parametrize("query", ["Byron", "bob@example", "BOB"])
def test_person_is_found_by_any_name(stage: Cast, ada: TestClient, query: str) -> None:
    assert f"/users/{stage.bob.id}" == hits(ada, query)[0]


def test_match_is_marked(ada: TestClient) -> None:
    page = read(ada.get("/search?q=byr", headers=FRAGMENT).text)

    assert page.one("mark").text == "Byr"


def test_groups_folders_and_single_settings_are_found(stage: Cast, ada: TestClient) -> None:
    assert f"/groups/{stage.sales.id}" in hits(ada, "sales")
    assert any(href.startswith("/folders/") for href in hits(ada, "secret"))
    assert "/sign-in-policy#lockout" in hits(ada, "lock-out")


def test_pasted_fingerprint_id_and_address_lead_there(stage: Cast, ada: TestClient) -> None:
    key = stage.calls.read_now(SYSTEM, ssh_keys.page, user_id=stage.bob.id).items[0]

    assert f"/users/{stage.bob.id}?tab=security" == hits(ada, key.fingerprint)[0]
    assert f"/users/{stage.bob.id}" == hits(ada, stage.bob.id)[0]
    assert f"/groups/{stage.sales.id}" == hits(ada, stage.sales.id)[0]
    assert hits(ada, "198.51.100.7")[0] == "/activity?q=198.51.100.7"


def test_nothing_found_is_said_in_words(ada: TestClient) -> None:
    page = read(ada.get("/search?q=zzzz", headers=FRAGMENT).text)

    assert page.text == "Nothing found for “zzzz”."


def test_what_was_typed_is_escaped(ada: TestClient) -> None:
    assert (
        "<script>" not in ada.get("/search", params={"q": "<script>alert(1)</script>"}, headers=FRAGMENT).text
    )


def test_people_find_nobody_but_themselves(stage: Cast, charlie: TestClient) -> None:
    assert [href for href in hits(charlie, "charlie") if "account" in href] == ["/account"]
    assert hits(charlie, "byron") == []
    assert not [href for href in hits(charlie, "s") if href.startswith(("/settings", "/sign-in"))]
