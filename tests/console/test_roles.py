"""Whoever looks: no link leads into a wall, and no page breaks."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from innkeeper.actions import users
from tests.console.conftest import signed_in
from tests.console.markup import Element, read
from tests.console.stage import Cast

IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
VALUE = re.compile(r"=[^&]*")


@pytest.fixture(scope="module")
def many_roles(still_stage: Cast) -> Cast:
    """The cast with someone who may look at everything and change nothing."""
    stage = still_stage
    values = {"username": "rita", "password": stage.password, "roles": ["read_only_administrator"]}
    stage.do(users.create, values)
    return stage


@pytest.mark.parametrize(("username", "pages"), [("ada", 35), ("rita", 18), ("bob", 15), ("charlie", 5)])
def test_no_link_leads_into_a_wall(many_roles: Cast, username: str, pages: int) -> None:
    with signed_in(many_roles, username) as client:
        seen = dict(walk(client))

    assert {address: status for address, status in seen.items() if status not in (200, 303)} == {}
    assert len(seen) >= pages


def test_reader_is_offered_nothing_that_changes_others(many_roles: Cast) -> None:
    with signed_in(many_roles, "rita") as client:
        for path in (
            f"/users/{many_roles.bob.id}",
            f"/groups/{many_roles.sales.id}",
            "/settings",
            "/sign-in-policy",
            "/imports",
        ):
            main = read(client.get(path).text).one("main")
            assert [form["action"] for form in main.all("form") if is_change(form.attributes)] == []
            assert not re.search(r"/(edit|suspend|delete|new|password)\b", " ".join(links(main.all("a"))))


def is_change(form: dict[str, str]) -> bool:
    # The pages of settings show their form switched off, and without a button.
    return form.get("method") == "post" and form["action"] not in ("/settings", "/sign-in-policy")


def links(elements: list[Element]) -> list[str]:
    return [element.attributes.get("href", "") for element in elements]


def walk(client: TestClient) -> Iterator[tuple[str, int]]:
    """Every kind of address that links lead to, with the status of its answer."""
    waiting, known = ["/", "/account"], set()
    while waiting:
        address = waiting.pop(0)
        kind = VALUE.sub("=", IDENTIFIER.sub("ID", address))
        if kind not in known:
            known.add(kind)
            answer = client.get(address)
            yield address, answer.status_code
            found = read(answer.text).all("a") if "html" in answer.headers.get("Content-Type", "") else []
            waiting += [link["href"] for link in found if link.attributes.get("href", "").startswith("/")]
