"""However someone is stopped, their desktop client is out at its very next request, on any node."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.postgresql import Server
from tests.servers import Node, ok

Api = httpx.Client
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PASSWORD = "staple tractor nine"
OWN_PAGES = {"Sec-Fetch-Site": "same-origin"}


class Site:
    """One or two nodes; Ada acts on the first, desktop clients on the last."""

    def __init__(self, nodes: list[Node], api: Api) -> None:
        self.nodes = nodes
        self.api = api
        self._number = 0

    def person(self) -> dict[str, Any]:
        self._number += 1
        values = {"username": f"user{self._number}", "password": PASSWORD}
        user: dict[str, Any] = ok(self.api.post("/users", json=values))
        return user

    def let_in(self, username: str) -> dict[str, str]:
        """The tokens of a client that this user has let in, by the pages that people use."""
        client = {"client_id": "test client"}
        with httpx.Client(base_url=self.nodes[-1].http, headers=OWN_PAGES) as browser:
            begun = ok(browser.post("/oauth/device_authorization", data=client))
            signed_in = browser.post("/sign-in", data={"username": username, "password": PASSWORD})
            assert signed_in.status_code == 303, signed_in.text
            browser.post("/device/approve", data={"user_code": begun["user_code"]})
            form = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"], **client}
            tokens: dict[str, str] = ok(browser.post("/oauth/token", data=form))
        return tokens

    def is_in(self, tokens: dict[str, str]) -> bool:
        with self.nodes[-1].client(tokens["access_token"]) as client:
            return client.get("/me").status_code == 200

    def can_renew(self, tokens: dict[str, str]) -> bool:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        return httpx.post(f"{self.nodes[-1].http}/oauth/token", data=form).is_success


@pytest.fixture(scope="module", params=["sqlite", "two nodes"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("desktop-kill") / "data"
    url = ""
    if request.param != "sqlite":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    key = Node(data, database_url=url).init()
    nodes = [Node(data, database_url=url).start() for _ in range(2 if url else 1)]
    yield Site(nodes, nodes[0].client(key))
    for node in nodes:
        assert node.stop() == 0


def suspend(api: Api, user: dict[str, Any]) -> None:
    ok(api.post(f"/users/{user['id']}/suspend", json={"reason": "left"}))


def suspend_for_a_moment(api: Api, user: dict[str, Any]) -> None:
    suspend(api, user)
    ok(api.post(f"/users/{user['id']}/reactivate"))


def delete(api: Api, user: dict[str, Any]) -> None:
    ok(api.delete(f"/users/{user['id']}"))


def let_expire(api: Api, user: dict[str, Any]) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    ok(api.patch(f"/users/{user['id']}", json={"access_expires_at": soon.isoformat()}))
    time.sleep(1.1)


def shut_the_door(api: Api, user: dict[str, Any]) -> None:
    ok(api.patch(f"/users/{user['id']}", json={"protocols": ["sftp", "web", "api"]}))


def remove_the_address(api: Api, user: dict[str, Any]) -> None:
    ok(api.patch(f"/users/{user['id']}", json={"allowed_ips": ["198.51.100.0/24"]}))


def reset_the_password(api: Api, user: dict[str, Any]) -> None:
    ok(api.post(f"/users/{user['id']}/reset-password", json={"password": "a brand new password"}))


def end_all_sessions(api: Api, user: dict[str, Any]) -> None:
    ok(api.delete(f"/users/{user['id']}/sessions"))


def end_the_desktops(api: Api, user: dict[str, Any]) -> None:
    assert ok(api.delete(f"/users/{user['id']}/sessions", params={"interface": "desktop"})) == {"ended": 1}


def end_the_session(api: Api, user: dict[str, Any]) -> None:
    found = ok(api.get("/sessions", params={"user_id": user["id"], "interface": "desktop"}))["items"]
    ok(api.delete(f"/sessions/{found[0]['id']}"))


WAYS = [
    suspend,
    suspend_for_a_moment,
    delete,
    let_expire,
    shut_the_door,
    remove_the_address,
    reset_the_password,
    end_all_sessions,
    end_the_desktops,
    end_the_session,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_desktop_client_is_out_at_once(site: Site, way: Callable[[Api, dict[str, Any]], None]) -> None:
    user = site.person()
    tokens = site.let_in(user["username"])
    assert site.is_in(tokens)

    way(site.api, user)

    assert not site.is_in(tokens)
    assert not site.can_renew(tokens)
