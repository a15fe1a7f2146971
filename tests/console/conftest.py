"""A stage for each test that changes things, one for all that only look; browsers where there is Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from innkeeper.kit.passwords import Hasher, Password, make_password
from tests.console.browsing import Visitor, served
from tests.console.stage import PASSWORD, Cast, Stage

OWN_PAGES = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="session")
def password(hasher: Hasher) -> Password:
    """One hash for the whole cast: hashing is slow."""
    return make_password(PASSWORD)


@pytest.fixture
def empty_stage(tmp_path: Path, hasher: Hasher) -> Iterator[Stage]:
    stage = Stage(tmp_path, hasher)
    yield stage
    stage.close()


@pytest.fixture
def stage(tmp_path: Path, hasher: Hasher, password: Password) -> Iterator[Cast]:
    stage = Cast(tmp_path, hasher)
    stage.fill(password)
    yield stage
    stage.close()


@pytest.fixture
def stranger(stage: Cast) -> Iterator[TestClient]:
    with visitor(stage) as client:
        yield client


@pytest.fixture(scope="module")
def still_stage(
    tmp_path_factory: pytest.TempPathFactory, hasher: Hasher, password: Password
) -> Iterator[Cast]:
    """A stage for tests that only look."""
    stage = Cast(tmp_path_factory.mktemp("stage"), hasher)
    stage.fill(password)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def passer_by(still_stage: Cast) -> Iterator[TestClient]:
    with visitor(still_stage) as client:
        yield client


@pytest.fixture
def ada(stage: Cast) -> Iterator[TestClient]:
    with signed_in(stage, "ada") as client:
        yield client


@pytest.fixture
def bob(stage: Cast) -> Iterator[TestClient]:
    with signed_in(stage, "bob") as client:
        yield client


@pytest.fixture
def charlie(stage: Cast) -> Iterator[TestClient]:
    with signed_in(stage, "charlie") as client:
        yield client


def visitor(stage: Stage) -> TestClient:
    """A browser that has not signed in."""
    return TestClient(stage.console, follow_redirects=False, headers=OWN_PAGES)


def signed_in(stage: Stage, username: str) -> TestClient:
    """A browser of this user."""
    client = visitor(stage)
    answer = client.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for one module; Playwright's loop may not outlive it, other tests have loops of their own."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        message = "chromium is not installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    options = ["--disable-dev-shm-usage", "--font-render-hinting=none", "--hide-scrollbars"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture
def live(stage: Cast) -> Iterator[str]:
    """The address of a console of one's own."""
    with served(stage) as address:
        yield address


@pytest.fixture(scope="module")
def still_live(still_stage: Cast) -> Iterator[str]:
    """The address of the console for tests that only look."""
    with served(still_stage) as address:
        yield address


@pytest.fixture
def window(chromium: Any, live: str) -> Iterator[Visitor]:
    """A wide browser window; the test fails if the browser complained about anything."""
    visitor = Visitor(chromium, live)
    yield visitor
    visitor.context.close()
    assert visitor.complaints == []
