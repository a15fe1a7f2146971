"""The demo site: believable, complete, and only on an empty one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from innkeeper.actions import events, folders, grants, groups, ssh_keys, users
from innkeeper.actions.access import of_user
from innkeeper.actions.actors import Caller, belonging
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.demo import DemoAccounts, fill
from innkeeper.domain.access import Ability, Access
from innkeeper.domain.errors import NotNow
from innkeeper.domain.events import Kind, Recorded
from innkeeper.domain.queries import EventQuery, UserQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import Status
from innkeeper.kit.passwords import verify
from innkeeper.kit.vault import Vault, new_key
from innkeeper.store.database import Database, sqlite_url
from tests import postgresql

SYSTEM = Caller("test", system_name="test")
NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@dataclass
class Filled:
    url: str
    directory: Path
    accounts: DemoAccounts
    calls: Calls
    log: list[Recorded]

    def people(self) -> list[User]:
        return list(
            self.calls.read_now(SYSTEM, users.page, UserQuery(limit=500, statuses=tuple(Status))).items
        )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    directory = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        url = sqlite_url(directory)
    else:
        server: postgresql.Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    accounts = fill(url, directory, NOW, Vault(new_key()))
    database = Database(url, clock=lambda: NOW)
    calls = Calls(database)
    yield Filled(url, directory, accounts, calls, _whole_log(calls))
    calls.hasher.close()
    database.close()


def _whole_log(calls: Calls) -> list[Recorded]:
    found: list[Recorded] = []
    cursor: str | None = None
    while True:
        page = calls.read_now(SYSTEM, events.page, EventQuery(limit=500, cursor=cursor))
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found[::-1]


def test_there_are_people_groups_and_folders(site: Filled) -> None:
    places = site.calls.read_now(SYSTEM, folders.page, limit=100).items

    assert 55 <= len(site.people()) <= 75
    assert len(site.calls.read_now(SYSTEM, groups.page).items) == 8
    assert len(places) == 20
    assert len(site.calls.read_now(SYSTEM, grants.page, limit=500).items) >= 40
    assert len(site.calls.read_now(SYSTEM, ssh_keys.page, limit=500).items) >= 20


def test_users_are_in_every_status(site: Filled) -> None:
    counted = Counter(user.status(NOW) for user in site.people())
    soon = [user for user in site.people() if _ends_within_a_month(user)]

    assert set(Status) == set(counted)
    assert counted[Status.ACTIVE] > sum(counted.values()) / 2
    assert all(user.suspend_reason for user in site.people() if user.status(NOW) is Status.SUSPENDED)
    assert len(soon) >= 2


def _ends_within_a_month(user: User) -> bool:
    expires = user.access_expires_at
    return expires is not None and NOW < expires < NOW + timedelta(days=30)


def test_the_log_tells_three_months_in_order(site: Filled) -> None:
    kinds = Counter(event.kind for event in site.log)
    moments = [event.at for event in site.log]

    assert sorted(moments) == moments
    assert NOW - timedelta(days=92) < moments[0] < NOW - timedelta(days=90)
    assert NOW - timedelta(days=1) < moments[-1] < NOW
    assert Kind.SITE_SET_UP in kinds
    for kind in (Kind.LOGIN_SUCCEEDED, Kind.FILE_UPLOADED, Kind.FILE_DOWNLOADED, Kind.CONNECTION_ENDED):
        assert kinds[kind] > 300
    for kind in (
        Kind.LOGIN_FAILED,
        Kind.USER_SUSPENDED,
        Kind.USER_EDITED,
        Kind.GRANT_ADDED,
        Kind.FILE_DELETED,
    ):
        assert kinds[kind] >= 5
    assert {"web", "sftp", "api", "import"} <= {event.interface for event in site.log}
    assert Kind.IMPORT_FINISHED in kinds


def test_files_exist_with_the_sizes_that_the_log_tells(site: Filled) -> None:
    root = site.directory / "files"
    told: dict[str, object] = {}
    for event in site.log:
        if event.kind is Kind.FILE_UPLOADED:
            told[event.target.name] = event.data["size"]
        elif event.kind is Kind.FILE_DELETED:
            told.pop(event.target.name, None)
    places = site.calls.read_now(SYSTEM, folders.page, limit=100).items

    assert told == {path: (root / path[1:]).stat().st_size for path in told}
    assert all((root / place.path[1:]).is_dir() for place in places)
    assert {".pdf", ".png", ".csv", ".txt"} <= {path.suffix for path in root.rglob("*")}


def test_nobody_did_what_they_may_not(site: Filled) -> None:
    needed = {Kind.FILE_UPLOADED: Ability.CREATE | Ability.MODIFY, Kind.FILE_DOWNLOADED: Ability.READ}
    allowed = site.calls.read_now(SYSTEM, _abilities, site.log)

    for event, abilities in zip(site.log, allowed, strict=True):
        if event.kind in needed and event.at > NOW - timedelta(days=2):
            assert abilities & needed[event.kind], f"{event.actor_name} {event.kind} {event.target.name}"


def _abilities(call: Call, log: list[Recorded]) -> list[Ability]:
    people = users.page(call, UserQuery(limit=500, statuses=tuple(Status))).items
    granted: dict[str, Access] = {
        user.id: of_user(call.unit, user, belonging(call.unit, user.id)) for user in people
    }
    return [
        granted[event.user_id].file_abilities(event.target.name)
        if event.user_id in granted and event.target.kind == "file"
        else Ability(0)
        for event in log
    ]


def test_the_two_who_are_named_may_sign_in(site: Filled) -> None:
    ada = site.calls.read_now(SYSTEM, users.find, site.accounts.administrator)
    bob = site.calls.read_now(SYSTEM, users.find, site.accounts.user)

    assert ada.is_site_administrator
    assert not bob.roles
    assert verify(ada.password_hash or "", site.accounts.administrator_password)
    assert verify(bob.password_hash or "", site.accounts.user_password)
    assert site.accounts.administrator_password not in repr(site.accounts)


def test_a_second_filling_is_refused(site: Filled) -> None:
    with pytest.raises(NotNow):
        fill(site.url, site.directory, NOW, Vault(new_key()))


def test_the_story_is_the_same_every_time(site: Filled, tmp_path: Path) -> None:
    fill(sqlite_url(tmp_path), tmp_path, NOW, Vault(new_key()))
    database = Database(sqlite_url(tmp_path), clock=lambda: NOW)
    again = _whole_log(Calls(database))
    database.close()

    assert [(e.at, e.kind, e.actor_name) for e in site.log] == [(e.at, e.kind, e.actor_name) for e in again]
