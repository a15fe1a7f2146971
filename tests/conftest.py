"""The cast and the stage: Ada, Bob and Charlie, a real database on either engine, a fake clock."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from innkeeper.actions import groups, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.groups import Group
from innkeeper.domain.users import User
from innkeeper.interfaces.rest import build
from innkeeper.kit.passwords import Hasher
from innkeeper.kit.vault import Vault, new_key
from innkeeper.store.database import Database, sqlite_url
from innkeeper.store.migrations import migrate
from tests import postgresql
from tests.browsers import open_browser
from tests.rest import client, token_of

SYSTEM = Caller("test", system_name="test")


class FakeClock:
    """Time stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@pytest.fixture(scope="session")
def hasher() -> Iterator[Hasher]:
    hasher = Hasher(wrong_takes=0)
    yield hasher
    hasher.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    server = postgresql.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return server.new_database()


@pytest.fixture
def database(database_url: str, clock: FakeClock) -> Iterator[Database]:
    database = Database(database_url, clock=clock)
    migrate(database.engine)
    yield database
    database.close()


@pytest.fixture
def calls(database: Database, hasher: Hasher) -> Calls:
    return Calls(database, hasher, Vault(new_key()))


@pytest.fixture
def ada(calls: Calls) -> User:
    values = {"username": "ada", "name": "Ada Lovelace", "email": "ada@example.com"}
    roles = {"roles": ["site_administrator"], "password": "correct horse battery"}
    return calls.write_now(SYSTEM, users.create, {**values, **roles})


@pytest.fixture
def bob(calls: Calls) -> User:
    values = {"username": "bob", "name": "Bob Byron", "email": "bob@example.com"}
    return calls.write_now(SYSTEM, users.create, {**values, "password": "staple tractor nine"})


@pytest.fixture
def charlie(calls: Calls) -> User:
    return calls.write_now(SYSTEM, users.create, {"username": "charlie", "password": "yellow kitchen door"})


@pytest.fixture
async def bobs(calls: Calls, bob: User) -> Caller:
    """Bob's browser, signed in."""
    return await open_browser(calls, "bob", "staple tractor nine")


@pytest.fixture
async def adas(calls: Calls, ada: User) -> Caller:
    """Ada's browser, signed in."""
    return await open_browser(calls, "ada", "correct horse battery")


@pytest.fixture
def staff(calls: Calls) -> Group:
    return calls.write_now(SYSTEM, groups.create, {"name": "Staff"})


@pytest.fixture
def rest(calls: Calls, clock: FakeClock) -> FastAPI:
    return build(calls, clock=clock)


@pytest.fixture
async def as_ada(rest: FastAPI, calls: Calls, ada: User) -> AsyncIterator[httpx.AsyncClient]:
    async with client(rest, token_of(calls, ada)) as opened:
        yield opened


@pytest.fixture
async def as_bob(rest: FastAPI, calls: Calls, bob: User) -> AsyncIterator[httpx.AsyncClient]:
    async with client(rest, token_of(calls, bob)) as opened:
        yield opened
