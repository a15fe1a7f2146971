"""A console served for browsers, and tabs that remember every complaint of theirs."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from tests.console.stage import PASSWORD, Stage

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 380, "height": 800}


@contextmanager
def served(stage: Stage) -> Iterator[str]:
    """The address of the console while it is served by a thread."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(stage.console, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


class Visitor:
    """One person's browser window; `complaints` is what the console of the browser said."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        known = {"viewport": WIDE, "reduced_motion": "reduce", "locale": "en-GB", "base_url": address}
        self.context: BrowserContext = browser.new_context(**{**known, **options})
        self.context.set_default_timeout(10_000)
        self.address = address
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, username: str = "ada", password: str = PASSWORD) -> Page:
        self.page.goto("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("main button.primary")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.page

    def speak(self, language: str) -> None:
        self.context.add_cookies([{"name": "language", "value": language, "url": self.address}])

    def _hear(self, message: Any) -> None:
        # A form that comes back with its errors is an answer like any other, yet Chromium reports its status.
        if message.type in ("error", "warning") and "status of 422" not in message.text:
            self.complaints.append(message.text)
