"""The console on a small site: Ada administers, Bob leads Sales, Charlie is on his own; time stands still."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from innkeeper.actions import folders, grants, groups, logins, memberships, setup, ssh_keys, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.groups import Group
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.users import User
from innkeeper.domain.words import Level, PlanId, SubjectKind
from innkeeper.interfaces.console.application import make_console
from innkeeper.jobs.imports import apply_import, plan_import
from innkeeper.kit.passwords import Hasher
from innkeeper.kit.vault import Vault, new_key
from innkeeper.store.database import Database, sqlite_url
from innkeeper.store.migrations import migrate
from tests.file_rooms import make_rooms

PASSWORD = "correct horse battery"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SYSTEM = Caller("test", system_name="test")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWmUJkrLEKYVwFjzMFqjVQzqHkEoLbyq9yYx3cJ9ZrX bob@laptop"


class Work:
    """Does imports in threads, as the jobs of a real site do."""

    def __init__(self, calls: Calls, directory: Path) -> None:
        self.calls = calls
        self.directory = directory

    def accept_upload(self, plan_id: PlanId) -> Path:
        return self.directory / f"{plan_id}.csv"

    def start_import_planning(self, plan_id: PlanId) -> None:
        path = self.accept_upload(plan_id)
        threading.Thread(target=plan_import, args=(self.calls, plan_id, path, _never)).start()

    def start_import_apply(self, plan_id: PlanId) -> None:
        threading.Thread(target=apply_import, args=(self.calls, plan_id, _never)).start()


class Stage:
    """One site with its console; `now` moves only when a test moves it."""

    def __init__(self, directory: Path, hasher: Hasher) -> None:
        self.now = NOW
        self.database = Database(sqlite_url(directory), clock=lambda: self.now)
        migrate(self.database.engine)
        self.calls = Calls(self.database, hasher, Vault(new_key()))
        self.files = directory / "files"
        self.console: Starlette = make_console(
            self.calls,
            imports=Work(self.calls, directory),
            rooms=make_rooms(self.calls, directory),
            clock=lambda: self.now,
            is_development=True,
        )

    def do(self, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run an action as the system."""
        return self.calls.write_now(SYSTEM, action, *args, **kwargs)

    def close(self) -> None:
        self.database.close()


class Cast(Stage):
    """The stage with people, groups and folders on it."""

    ada: User
    bob: User
    charlie: User
    sales: Group
    password: Any

    def fill(self, password: Any) -> None:
        self.password = password
        ada = {"username": "ada", "name": "Ada Lovelace", "email": "ada@example.com", "password": password}
        self.ada = self.do(setup.first_administrator, ada, {"site_name": "Harbor & Finch"})
        self.sales = self.do(groups.create, {"name": "Sales", "notes": "Sells."})
        self.bob = self._add("bob", "Bob Byron", password=password, groups=["Sales"], tags=["press"])
        self.charlie = self._add("charlie", "Charlie Babbage", password=password, company="Engines")
        self._add("dora", "Dora Dent", authentication_method="email_signup")
        self._add("emil", "Emil Ende", access_expires_at=(self.now + timedelta(days=3)).isoformat())
        self.do(memberships.add, self.sales.id, SubjectKind.USER, self.bob.id, is_admin=True)
        self._add_folders()
        self._add_trouble()

    def _add(self, username: str, name: str, **values: Any) -> User:
        known = {"username": username, "name": name, "email": f"{username}@example.com"}
        user: User = self.do(users.create, {**known, **values})
        return user

    def _add_folders(self) -> None:
        fenced = {"path": "/sales/secret", "is_fenced": True, "notes": "Nobody from above."}
        self.do(folders.create, fenced)
        (self.files / "sales" / "2026").mkdir(parents=True)
        (self.files / "sales" / "2026" / "plan.txt").write_text("Sell <b>more</b>.")
        self.do(grants.add, "/sales", SubjectKind.GROUP, self.sales.id, Level.READWRITE)
        self.do(grants.add, "/sales/2026", SubjectKind.USER, self.charlie.id, Level.READ)
        self.do(ssh_keys.add, self.bob.id, KEY, label="Laptop")

    def _add_trouble(self) -> None:
        suspended = self._add("fay", "Fay Frost")
        self.do(users.suspend, suspended.id, reason="Contract ended")
        gone = self._add("gus", "Gus Gone")
        self.do(users.delete, gone.id)
        locked = self._add("hal", "Hal Hasty")
        door = Caller("web", "198.51.100.7")
        for _ in range(10):
            attempt = self.calls.read_now(door, logins.begin, locked.username)
            self.calls.write_now(door, logins.fail, attempt, WhyNot.WRONG_PASSWORD)


def _never() -> None:
    """Nothing asks these imports to pause."""
