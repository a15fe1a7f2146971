"""A new site from its setup link: a user made in the browser comes in by SFTP, and is out when suspended."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from playwright.sync_api import Page, expect

from tests.console.browsing import Visitor
from tests.console.stage import PASSWORD
from tests.servers import Node

USER_PASSWORD = "yellow kitchen door"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "data").start()
    yield node
    assert node.stop() == 0


def test_user_made_in_the_browser_comes_in_by_sftp_until_suspended(chromium: Any, node: Node) -> None:
    visitor = Visitor(chromium, node.http)
    page = visitor.page
    set_up(page, node.setup_link)
    add_ina(page)

    with ThreadPoolExecutor() as threads:
        stay = threads.submit(asyncio.run, stay_connected(node))
        see_connection(page, stay)
        suspended_at = suspend(page)
        ended_at = stay.result(timeout=10)
        again = threads.submit(asyncio.run, come_in(node))

        assert ended_at - suspended_at < 2
        with pytest.raises(asyncssh.PermissionDenied):
            again.result(timeout=20)
    visitor.context.close()
    assert visitor.complaints == []


def set_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("User name").fill("ada")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Set up the site").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def add_ina(page: Page) -> None:
    page.goto("/users/new")
    page.get_by_label("User name").fill("ina")
    page.locator("#password").fill(USER_PASSWORD)
    page.get_by_label("Folder 1").fill("/projects/a")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_role("heading", name="ina")).to_be_visible()


def see_connection(page: Page, stay: "Future[float]") -> None:
    """Look until the connection is on the page."""
    for _ in range(50):
        page.locator("#main").get_by_role("link", name="Connections").click()
        if page.get_by_text("No open connections.").count() == 0 and page.locator(".cardrow").count():
            return
        assert not stay.done() or stay.result()
        page.wait_for_timeout(100)
    raise AssertionError("the connection is not on the page")


def suspend(page: Page) -> float:
    page.get_by_role("link", name="Suspend").click()
    page.locator("#confirm").get_by_role("button", name="Suspend").click()
    at = time.monotonic()
    expect(page.locator("#toasts")).to_contain_text("ina is suspended.")
    return at


async def come_in(node: Node) -> asyncssh.SSHClientConnection:
    return await asyncssh.connect(
        "127.0.0.1",
        node.sftp_port,
        username="ina",
        password=USER_PASSWORD,
        known_hosts=None,
        client_keys=None,
        agent_path=None,
    )


async def stay_connected(node: Node) -> float:
    """Look around, then stay; answers when the server hung up."""
    connection = await come_in(node)
    client = await connection.start_sftp_client()
    await client.listdir("/")
    await connection.wait_closed()
    return time.monotonic()
