"""The list of users: views, filters, order, pages; and the dashboard."""

from collections.abc import Iterable

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import users
from tests.console.markup import Element, read
from tests.console.stage import Cast


def names(page: Element) -> list[str]:
    return [element.text for element in page.all("a", class_="open")]


def views(page: Element) -> dict[str, int]:
    found = page.one("nav", class_="views").all("a")
    return {element.text.rsplit(" ", 1)[0]: int(element.one("b").text) for element in found}


def test_list_shows_everyone_but_the_deleted_with_counts(ada: TestClient) -> None:
    page = read(ada.get("/users").text)

    expected = [
        "Ada Lovelace",
        "Bob Byron",
        "Charlie Babbage",
        "Dora Dent",
        "Emil Ende",
        "Fay Frost",
        "Hal Hasty",
    ]
    assert expected == names(page)
    counts = views(page)
    assert (counts["All"], counts["Active"], counts["Invited"], counts["Expiring soon"]) == (7, 4, 1, 1)
    assert (counts["Locked"], counts["Suspended"], counts["Ended"], counts["Recycle bin"]) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("?view=locked", ["Hal Hasty"]),
        ("?view=expiring", ["Emil Ende"]),
        ("?view=deleted", ["Gus Gone"]),
        ("?q=engines", ["Charlie Babbage"]),
        ("?method=email_signup", ["Dora Dent"]),
        ("?role=site_administrator", ["Ada Lovelace"]),
        ("?tag=press", ["Bob Byron"]),
        ("?status=locked&status=suspended", ["Fay Frost", "Hal Hasty"]),
        ("?q=b&sort=-name", ["Charlie Babbage", "Bob Byron"]),
        ("?q=zzzz", []),
        ("?view=nonsense&sort=nonsense&status=nonsense&source=ldap", []),
    ],
)
def test_address_narrows_the_list(ada: TestClient, address: str, expected: Iterable[str]) -> None:
    assert list(expected) == names(read(ada.get(f"/users{address}").text))


def test_filter_by_group(stage: Cast, ada: TestClient) -> None:
    assert names(read(ada.get(f"/users?group={stage.sales.id}").text)) == ["Bob Byron"]


def test_suspension_says_why(ada: TestClient) -> None:
    assert "Contract ended" in read(ada.get("/users?view=suspended").text).one("tbody").text


def test_chosen_filters_can_be_taken_away_one_by_one(ada: TestClient) -> None:
    page = read(ada.get("/users?q=o&source=manual&method=password").text)

    links = [element["href"] for element in page.one("div", class_="active").all("a", class_="tag")]
    assert [link.replace("&", "&amp;") for link in links] == [
        "/users?q=o&amp;method=password",
        "/users?q=o&amp;source=manual",
    ]


def test_fragment_has_the_list_alone_and_its_clean_address(ada: TestClient) -> None:
    answer = ada.get("/users?view=all&q=bob&sort=name&source=", headers={"X-Fragment": "#region"})

    page = read(answer.text)
    assert page.all("html") == []
    assert page.one("section", id="region")["data-announce"] == "1 user"
    assert answer.headers["X-Url"] == "/users?q=bob"


def test_long_list_has_pages_that_lead_through_all_of_it(stage: Cast, ada: TestClient) -> None:
    for number in range(60):
        stage.do(users.create, {"username": f"extra{number:02}"})

    first = read(ada.get("/users?q=extra").text)
    step = next(link for link in first.all("a") if link.text == "Next")
    second = read(ada.get(step["href"]).text)

    assert len(names(first)) == 50
    assert [f"extra{number}" for number in range(50, 60)] == names(second)


def test_wrong_page_mark_is_not_found(ada: TestClient) -> None:
    assert ada.get("/users?cursor=%00bad").status_code == 404


def test_open_in_the_address_opens_the_drawer(stage: Cast, ada: TestClient) -> None:
    page = read(ada.get(f"/users?open={stage.bob.id}&tab=security").text)

    drawer = page.one("dialog", id="drawer")
    assert drawer.one("h2", id="d-name").text == "Bob Byron"
    assert "SHA256:" in drawer.text
    assert read(ada.get("/users?open=nobody").text).one("div", id="drawer-body").all() == []


def test_dashboard_counts_and_names_who_needs_a_look(ada: TestClient) -> None:
    page = read(ada.get("/").text)

    tiles = {link.one("span").text: link.one("b").text for link in page.one("nav", class_="tiles").all("a")}
    assert tiles == {
        "Active": "4",
        "Invited": "1",
        "Expiring in 7 days": "1",
        "Locked": "1",
        "Suspended": "1",
        "Ended": "0",
    }
    needs = page.one("ul", class_="needs").text
    assert "Hal Hasty" in needs
    assert "Emil Ende" in needs


def test_chart_says_in_words_what_it_draws(ada: TestClient) -> None:
    page = read(ada.get("/").text)

    described = page.one("svg", class_="chart")["aria-labelledby"]
    assert page.one(id=described).text
    assert page.one("details", class_="astable").all("tr")


def test_group_administrator_sees_their_members_only(bob: TestClient) -> None:
    assert names(read(bob.get("/users").text)) == ["Bob Byron"]


def test_people_without_a_role_have_their_account_and_files_only(charlie: TestClient) -> None:
    assert charlie.get("/").headers["Location"] == "/account"
    side = read(charlie.get("/account").text).one("nav", id="side")
    assert [link["href"] for link in side.one("div", class_="foot").all("a")] == ["/account"]
    assert [link["href"] for link in side.one("div", class_="nav").all("a")] == ["/files"]
