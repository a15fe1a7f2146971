"""Which language a page gets, and that the German catalogue lacks nothing."""

import re
from io import BytesIO

import pytest
from babel.messages.extract import extract
from starlette.testclient import TestClient

from innkeeper.actions import settings, users
from innkeeper.interfaces.console.assets import HERE
from innkeeper.interfaces.console.languages import Languages, Pseudo, accepted_codes
from tests.console.catalogue import KEYWORDS, every_text, german
from tests.console.markup import read
from tests.console.stage import Cast

Text = str | tuple[str, ...] | list[str] | None
MARKED = re.compile(r"\b_\(\s*'|\bngettext\(")


def test_every_text_is_in_the_german_catalogue() -> None:
    wanted = every_text()
    known = {message.id for message in german() if message.id and all_of(message.string)}

    assert len(wanted) > 750
    assert wanted - known == set()
    assert known - wanted == set()


def all_of(string: Text) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


@pytest.mark.parametrize("path", sorted(HERE.glob("templates/**/*.html")), ids=lambda path: path.name)
def test_extraction_loses_no_text_of_a_template(path: object) -> None:
    """Babel's extractor for Jinja has swallowed errors before: count what it finds."""
    from pathlib import Path

    assert isinstance(path, Path)
    text = path.read_bytes()

    found = list(extract("jinja2", BytesIO(text), keywords=KEYWORDS, options={"silent": "false"}))

    assert len(MARKED.findall(text.decode())) == len(found)


def test_catalogue_keeps_every_placeholder() -> None:
    wrong = [
        message.id
        for message in german()
        if message.id and placeholders(message.id) != placeholders(message.string)
    ]

    assert wrong == []


def placeholders(text: Text) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text if isinstance(text, str) else " ".join(text or ())))


@pytest.mark.parametrize(
    ("user", "cookie", "accepted", "site", "expected"),
    [
        ("de", "en", "en", "en", "de"),
        ("", "de", "en", "en", "de"),
        ("", "", "fr, de;q=0.8, en;q=0.5", "en", "de"),
        ("", "", "fr", "de", "de"),
        ("", "", "", "en", "en"),
        ("fr", "", "", "de", "de"),
    ],
)
def test_language_is_the_users_then_the_browsers_then_the_sites(
    user: str, cookie: str, accepted: str, site: str, expected: str
) -> None:
    assert expected == Languages().choose(user, cookie, site, accepted=accepted)


def test_weights_order_what_the_browser_accepts() -> None:
    assert accepted_codes("en;q=0.3, de-AT, fr;q=0, xx;q=bad") == ["de", "en"]


def test_page_is_in_the_users_own_language(stage: Cast, bob: TestClient) -> None:
    stage.do(users.edit, stage.bob.id, {"language": "de"})

    page = read(bob.get("/account").text)

    assert page.one("html")["lang"] == "de"
    assert "Profil" in page.one("nav", class_="tabs").text


def test_stranger_can_choose_a_language(stranger: TestClient) -> None:
    answer = stranger.post("/preferences", data={"language": "de", "next": "/sign-in"})

    assert answer.headers["Location"] == "/sign-in"
    assert "Anmelden" in stranger.get("/sign-in").text


def test_site_language_counts_for_those_who_chose_none(stage: Cast, stranger: TestClient) -> None:
    stage.do(settings.edit, {"language": "de"})

    assert "Anmelden" in stranger.get("/sign-in").text


def test_times_are_in_the_users_zone(stage: Cast, ada: TestClient) -> None:
    stage.do(users.edit, stage.ada.id, {"time_zone": "Asia/Tokyo"})

    assert "Asia/Tokyo" in ada.get("/account").text


def test_unknown_theme_and_language_are_not_kept(stranger: TestClient) -> None:
    answer = stranger.post("/preferences", data={"language": "../etc", "theme": "pink"})

    assert "language" not in answer.cookies
    assert "theme" not in answer.cookies


def test_pseudo_language_keeps_placeholders_and_grows() -> None:
    text = Pseudo().gettext("%(number)s users of %(site)s")

    assert "%(number)s" in text
    assert "%(site)s" in text
    assert len(text) > len("%(number)s users of %(site)s") * 1.3
