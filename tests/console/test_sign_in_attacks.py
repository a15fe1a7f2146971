"""What attackers try at the pages: planted sessions, forms from elsewhere, ways out to other sites."""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from httpx import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from innkeeper.actions import events, users
from innkeeper.domain.queries import EventQuery
from innkeeper.interfaces.console.application import make_console
from innkeeper.interfaces.console.pages import routes
from innkeeper.kit.gate import Gate, Limits
from tests.console.conftest import signed_in, visitor
from tests.console.markup import read
from tests.console.stage import PASSWORD, SYSTEM, Cast

NOBODY = "0190a8f0-0000-7000-8000-000000000000"
CHARLIE = {"username": "charlie", "password": PASSWORD}
# Each would lead a browser elsewhere if it were taken as it is, or is no address at all.
ELSEWHERE = [
    "https://evil.example/",
    "http://testserver.evil.example/",
    "http://testserver@evil.example/",
    "http://evil.example\\@testserver/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\n//evil.example",
    " //evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://[",
    "http://testserver\uff03@evil.example",
    "/ok\r\nSet-Cookie: session=planted",
    "\x00//evil.example",
]


def session_of(client: TestClient) -> str:
    return next(cookie.value or "" for cookie in client.cookies.jar if cookie.name == "session")


def who_is(stage: Cast, token: str) -> str:
    """Whose account a browser with this cookie sees; empty for a stranger's."""
    with visitor(stage) as client:
        client.cookies.set("session", token)
        answer = client.get("/account")
        return read(answer.text).one(id="d-name").text if answer.status_code == 200 else ""


@pytest.mark.parametrize("name", ["session", "__Host-session"])
def test_cookie_that_was_there_before_is_never_adopted(stage: Cast, stranger: TestClient, name: str) -> None:
    planted = "0" * 43
    answer = stranger.post("/sign-in", data=CHARLIE, headers={"Cookie": f"{name}={planted}"})

    given = [value for value in answer.headers.get_list("Set-Cookie") if value.startswith("session=")]
    assert len(given) == 1
    assert planted not in given[0]
    assert who_is(stage, planted) == ""


def test_session_of_an_attacker_stays_the_attackers(
    stage: Cast, bob: TestClient, stranger: TestClient
) -> None:
    planted = session_of(bob)
    answer = stranger.post("/sign-in", data=CHARLIE, headers={"Cookie": f"session={planted}"})

    own = next(v for v in answer.headers.get_list("Set-Cookie") if v.startswith("session=")).split("=")[1]
    assert who_is(stage, planted) == "Bob Byron"
    assert who_is(stage, own.split(";")[0]) == "Charlie Babbage"


def test_known_browser_of_an_attacker_makes_no_browser_known_to_its_victim(
    stage: Cast, bob: TestClient, stranger: TestClient
) -> None:
    planted = next(cookie.value for cookie in bob.cookies.jar if cookie.name == "device")

    answer = stranger.post("/sign-in", data=CHARLIE, headers={"Cookie": f"device={planted}"})

    given = [value for value in answer.headers.get_list("Set-Cookie") if value.startswith("device=")]
    assert len(given) == 1
    assert str(planted) not in given[0]


def test_every_sign_in_has_a_session_of_its_own(stage: Cast, charlie: TestClient) -> None:
    first = session_of(charlie)

    charlie.post("/sign-in", data=CHARLIE)

    assert session_of(charlie) != first


def test_password_in_an_address_signs_nobody_in(stranger: TestClient) -> None:
    answer = stranger.get("/sign-in", params=CHARLIE)

    assert answer.status_code == 200
    assert PASSWORD not in answer.text
    assert "Set-Cookie" not in answer.headers


def changing_routes() -> list[tuple[str, str]]:
    found = [
        (method, route.path)
        for route in routes()
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"GET", "HEAD"}
    ]
    return sorted(found)


def address_of(path: str) -> str:
    parts = [NOBODY if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.fixture(scope="module")
def still_ada(still_stage: Cast) -> TestClient:
    return signed_in(still_stage, "ada")


@pytest.mark.parametrize(("method", "path"), changing_routes())
@pytest.mark.parametrize(
    "forged",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://testserver"},
        {},
    ],
    ids=["cross-site", "same-site", "origin", "null", "longer", "scheme", "silent"],
)
def test_form_sent_from_elsewhere_is_refused_on_every_route(
    still_stage: Cast, still_ada: TestClient, method: str, path: str, forged: dict[str, str]
) -> None:
    with TestClient(still_stage.console, follow_redirects=False) as client:
        client.cookies.set("session", session_of(still_ada))
        answer = client.request(method, address_of(path), data={"name": "x"}, headers=forged)

    assert answer.status_code == 403
    assert answer.text == "This request came from another site."


def test_many_routes_change_something_and_all_but_the_upload_by_post() -> None:
    both = {path for _, path in changing_routes()}

    assert len(both) > 50
    assert [route for route in changing_routes() if route[0] != "POST"] == [("PUT", "/files/content")]


def location(answer: Response) -> str:
    """Where a browser would go: it drops tabs and line ends, and takes backslashes for slashes."""
    kept = answer.headers["Location"].strip().translate({9: None, 10: None, 13: None})
    return urljoin("http://testserver/", kept.replace("\\", "/"))


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_next_leads_to_another_site(stage: Cast, stranger: TestClient, target: str) -> None:
    signing_in = stranger.post("/sign-in", data={**CHARLIE, "next": target})
    proving = stranger.post("/prove", data={"password": PASSWORD, "next": target})
    choosing = stranger.post("/preferences", data={"theme": "dark", "next": target})

    for answer in (signing_in, proving, choosing):
        assert answer.status_code == 303
        assert urlsplit(location(answer)).netloc == "testserver"
        assert "planted" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_page_links_to_where_next_wants(stage: Cast, charlie: TestClient, target: str) -> None:
    page = read(charlie.get("/prove", params={"next": target}).text)
    links = [link["href"] for link in page.one("main").all("a")]

    assert {urlsplit(urljoin("http://testserver/", link)).netloc for link in links} == {"testserver"}


@pytest.mark.parametrize("referer", ELSEWHERE[:8])
def test_no_referer_leads_to_another_site(stage: Cast, charlie: TestClient, referer: str) -> None:
    headers = {"Referer": referer}
    answer = charlie.post("/preferences", data={"theme": "dark"}, headers=headers)

    assert urlsplit(location(answer)).netloc == "testserver"


def test_waiting_for_a_second_factor_keeps_next_within_the_site(stage: Cast, stranger: TestClient) -> None:
    answer = stranger.get("/sign-in/second", params={"next": "https://evil.example/"})

    assert urlsplit(location(answer)).netloc == "testserver"


EVIL_NAME = "Eve\r\nSet-Cookie: session=planted\r\n\r\n<script>alert(1)</script>"


def test_names_cannot_add_headers(stage: Cast, ada: TestClient) -> None:
    sent = {"username": "charlie", "name": EVIL_NAME, "authentication_method": "password"}
    saved = ada.post(f"/users/{stage.charlie.id}/edit", data=sent)
    suspended = ada.post(f"/users/{stage.charlie.id}/suspend", data={"reason": EVIL_NAME})
    shown = ada.get(f"/users/{stage.charlie.id}")

    for answer in (saved, suspended, shown):
        given = answer.headers.get_list("Set-Cookie")
        assert not any(cookie.startswith("session=") for cookie in given)
        assert "<script>alert" not in answer.text


def test_user_names_with_line_ends_reach_neither_headers_nor_other_lines_of_the_log(
    stage: Cast, stranger: TestClient
) -> None:
    answer = stranger.post("/sign-in", data={"username": EVIL_NAME, "password": "x"})

    newest = stage.calls.read_now(SYSTEM, events.page, EventQuery(limit=1)).items[0]
    assert answer.status_code == 422
    assert not any(cookie.startswith("session=") for cookie in answer.headers.get_list("Set-Cookie"))
    assert (newest.kind, newest.user_id) == ("login.failed", None)
    assert "<script>alert" not in answer.text


def test_client_that_calls_itself_something_long_or_odd_is_only_shortened(
    stage: Cast, stranger: TestClient
) -> None:
    agent = "<b>" + "x" * 5000
    stranger.post("/sign-in", data=CHARLIE, headers={"User-Agent": agent})

    page = stranger.get("/account?tab=connections").text
    assert "<b>x" not in page
    assert "x" * 300 not in page


def test_another_spelling_of_a_name_is_answered_no_sooner(stage: Cast, stranger: TestClient) -> None:
    gate = Gate(Limits(first_delay=0.01, longest_delay=0.02))
    stage.console.state.console = replace(stage.console.state.console, gate=gate)
    for spelling in ("charlie", "CHARLIE", "ｃharlie"):
        stranger.post("/sign-in", data={"username": spelling, "password": "wrong"})

    assert gate.failed("192.0.2.7", "charlie") == 0.02
    assert gate.failed("192.0.2.7", "CHARLIE") == 0.01


def test_right_password_that_leads_nowhere_counts_as_a_guess(stage: Cast, stranger: TestClient) -> None:
    gate = Gate(Limits(first_delay=0, failures_until_ban=3))
    stage.console.state.console = replace(stage.console.state.console, gate=gate)
    stage.do(users.suspend, stage.charlie.id)
    for _ in range(3):
        assert "That did not work." in stranger.post("/sign-in", data=CHARLIE).text

    assert "Too many attempts" in stranger.post("/sign-in", data=CHARLIE).text


def test_host_header_does_not_decide_where_forms_may_come_from(stage: Cast) -> None:
    console = make_console(stage.calls, public_origin="https://files.example.org")
    forged = {"Host": "evil.example", "Origin": "https://evil.example"}
    with TestClient(console, follow_redirects=False) as client:
        assert client.post("/sign-in", data=CHARLIE, headers=forged).status_code == 403
