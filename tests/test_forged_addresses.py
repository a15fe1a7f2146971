"""`X-Forwarded-For` at a real server: believed from the proxies that the settings name, from nobody else."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import PASSWORD, Node, ok

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
CLIENT, FORGED = "203.0.113.9", "198.51.100.1"


class Served:
    """A running server, Ada's key to it, and visitors from any loopback address."""

    def __init__(self, node: Node, key: str) -> None:
        self.node = node
        self.key = key

    def visitor(self, address: str = HERE) -> httpx.Client:
        transport = httpx.HTTPTransport(local_address=address)
        return httpx.Client(base_url=self.node.http, transport=transport, timeout=30)

    def sign_in(self, headers: dict[str, str], address: str = HERE) -> httpx.Response:
        """With the right password: wrong ones would be answered later and later."""
        form = {"username": "ada", "password": PASSWORD}
        with self.visitor(address) as client:
            return client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin", **headers})

    def seen_from(self) -> str:
        """The address in the log of the newest sign-in."""
        with self.node.client(self.key) as api:
            newest = ok(api.get("/events", params={"kind": "login.succeeded", "limit": 1}))["items"][0]
        address: str = newest["address"]
        return address

    def bound_key(self, address: str) -> str:
        """An API key of Ada's that counts from this address alone."""
        with self.node.client(self.key) as api:
            ada = ok(api.get("/me"))["id"]
            made = ok(api.post("/api-keys", json={"user_id": ada, "name": "bound", "allowed_ips": [address]}))
        token: str = made["token"]
        return token


def serve(directory: Path, **settings: str) -> Iterator[Served]:
    node = Node(directory / "data", settings=settings)
    key = node.init()
    yield Served(node.start(), key)
    assert node.stop() == 0


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that trusts no proxy."""
    yield from serve(tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server behind a proxy on the same machine."""
    yield from serve(tmp_path_factory.mktemp("behind"), trusted_proxies=HERE)


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "Client-IP"]
)
def test_without_a_proxy_no_header_changes_the_address(alone: Served, name: str) -> None:
    alone.sign_in({name: f"for={FORGED}" if name == "Forwarded" else FORGED})

    assert alone.seen_from() == HERE


def test_without_a_proxy_nobody_is_made_secure_by_a_header(alone: Served) -> None:
    answer = alone.sign_in({"X-Forwarded-Proto": "https", "X-Forwarded-For": FORGED})

    assert answer.status_code == 303
    assert {cookie.name for cookie in answer.cookies.jar} >= {"session"}
    assert alone.seen_from() == HERE


@pytest.mark.parametrize(
    "value", [CLIENT, f"{FORGED}, {CLIENT}", f"{FORGED},{HERE}, {CLIENT}", f"{FORGED}, {CLIENT}, {HERE}"]
)
def test_a_trusted_proxy_is_believed_only_in_what_it_has_added(behind: Served, value: str) -> None:
    behind.sign_in({"X-Forwarded-For": value})

    assert behind.seen_from() == CLIENT


def test_who_comes_past_the_proxy_is_not_believed(behind: Served) -> None:
    behind.sign_in({"X-Forwarded-For": FORGED}, ELSEWHERE)

    assert behind.seen_from() == ELSEWHERE


@pytest.mark.parametrize("value", ["", ",", "unknown", "not an address", f"{CLIENT}\t,", "[::1", "9" * 5000])
def test_nonsense_breaks_nothing(behind: Served, value: str) -> None:
    assert behind.sign_in({"X-Forwarded-For": value}).status_code == 303
    assert behind.seen_from() != FORGED


def test_ipv6_addresses_are_taken_over(behind: Served) -> None:
    behind.sign_in({"X-Forwarded-For": "2001:db8::7"})

    assert behind.seen_from() == "2001:db8::7"


def test_an_api_key_for_one_address_cannot_be_used_from_another_by_a_header(alone: Served) -> None:
    bearer = {"Authorization": f"Bearer {alone.bound_key(FORGED)}", "X-Forwarded-For": FORGED}
    with alone.visitor() as client:
        assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_through_a_trusted_proxy_such_a_key_works_from_its_address_alone(behind: Served) -> None:
    bearer = {"Authorization": f"Bearer {behind.bound_key(CLIENT)}"}
    with behind.visitor() as client:
        inside = client.get("/api/v1/me", headers=bearer | {"X-Forwarded-For": CLIENT})
        forged = client.get("/api/v1/me", headers=bearer | {"X-Forwarded-For": f"{CLIENT}, {FORGED}"})

    assert (inside.status_code, forged.status_code) == (200, 401)
