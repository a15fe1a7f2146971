"""Activity and settings."""

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import settings, users
from innkeeper.domain.events import Kind
from innkeeper.interfaces.console.stories import SENTENCES
from tests.console.markup import read
from tests.console.stage import SYSTEM, Cast


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_event_has_a_sentence(kind: Kind) -> None:
    assert kind.value in SENTENCES


def test_activity_tells_who_did_what_with_before_and_after(stage: Cast, ada: TestClient) -> None:
    ada.post(
        f"/users/{stage.bob.id}/edit",
        data={"username": "bob", "name": "Robert", "authentication_method": "password"},
    )

    story = read(ada.get("/activity").text).one("ul", class_="events").all("li")[0]
    assert "ada changed the user bob" in story.text
    assert "Bob Byron" in [element.text for element in story.all("del")]
    assert "Robert" in [element.text for element in story.all("ins")]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("?kind=login.&q=hal", "Someone failed to sign in as hal"),
        ("?q=198.51.100.7", "Someone failed to sign in as hal"),
        ("?kind=grant.", "The system granted"),
        ("?kind=group.", "The system added the group Sales"),
    ],
)
def test_filters_narrow_the_log(ada: TestClient, address: str, expected: str) -> None:
    stories = read(ada.get(f"/activity{address}").text).one("ul", class_="events").all("li")

    assert stories
    assert all(expected in story.text or "was locked" in story.text for story in stories)


def test_dates_narrow_the_log(ada: TestClient) -> None:
    assert "Nothing yet." in ada.get("/activity?until=2026-03-01").text
    assert "Nothing yet." not in ada.get("/activity?from=2026-03-02").text
    assert ada.get("/activity?from=yesterday").status_code == 200


def test_long_log_has_pages(stage: Cast, ada: TestClient) -> None:
    for number in range(60):
        stage.do(users.edit, stage.bob.id, {"name": f"Bob {number}"})

    first = read(ada.get(f"/activity?user={stage.bob.id}").text)
    step = next(link for link in first.all("a") if link.text == "Next")

    assert len(first.one("ul", class_="events").all("li")) == 50
    assert read(ada.get(step["href"]).text).one("ul", class_="events").all("li")


def test_settings_are_saved_and_take_effect(stage: Cast, ada: TestClient) -> None:
    page = read(ada.get("/settings").text)
    typed = {
        element["name"]: element.attributes.get("value", "") for element in page.all("input", class_="input")
    }

    chosen = {"site_name": "Finch", "language": "en", "time_zone": "Europe/Berlin"}
    answer = ada.post("/settings", data={**typed, **chosen})

    site = stage.calls.read_now(SYSTEM, settings.show)
    assert answer.headers["Location"] == "/settings"
    assert (site.site_name, site.time_zone) == ("Finch", "Europe/Berlin")
    assert "Finch" in ada.get("/settings").text


def test_wrong_setting_is_marked(ada: TestClient) -> None:
    typed = {"site_name": "Finch", "language": "en", "time_zone": "UTC", "brake_percent": "0"}
    answer = ada.post("/settings", data=typed)

    assert answer.status_code == 422
    assert read(answer.text).one("input", name="brake_percent")["aria-invalid"] == "true"
