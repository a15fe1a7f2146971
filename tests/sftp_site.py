"""A site with a database, files and an open SFTP door, in a thread of its own, and the ways to reach it."""

import asyncio
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import asyncssh

from innkeeper.actions import users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.assembly.translator import make_translator
from innkeeper.domain.users import User
from innkeeper.files.live import Live
from innkeeper.files.root import Root
from innkeeper.files.storage import Storage
from innkeeper.interfaces.sftp import DoorSettings, House, SftpServer, start
from innkeeper.kit.clock import utc_now
from innkeeper.kit.gate import Gate, Limits
from innkeeper.kit.passwords import Hasher
from innkeeper.kit.vault import Vault, new_key
from innkeeper.store.database import Database, sqlite_url
from innkeeper.store.migrations import migrate
from innkeeper.subscribers.runner import Runner
from innkeeper.subscribers.sessions import Sessions
from tests.conftest import SYSTEM
from tests.sftp_log import SiteLog

P = ParamSpec("P")
T = TypeVar("T")
PATIENT = Limits(burst=10_000, failures_until_ban=1000, first_delay=0.01, longest_delay=0.02)
PASSWORD = "correct horse"
EVERYWHERE = ["/:full"]
HOME = "https://files.example.com"
# Programs ask by this script. It answers in the order of a file, and says the last line again and again.
ASKPASS = """#!/bin/sh
printf '%s\\n' "$1" >> '{folder}/asked'
head -n 1 '{folder}/answers'
[ "$(wc -l < '{folder}/answers')" -le 1 ] || sed -i 1d '{folder}/answers'
"""


class ShiftedClock:
    """Runs as it should, but can be put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self._ahead

    def advance(self, **how_long: float) -> None:
        self._ahead += timedelta(**how_long)


@dataclass(frozen=True)
class Supplies:
    """What every site of these tests begins with: keys, a hasher, and a directory with a database.

    In it Ada logs in by key, Bob by password, and both may do everything.
    """

    keys: Path
    data: Path
    hasher: Hasher


def furnish(supplies: Supplies) -> None:
    """Make that database: once, because it takes a quarter of a second."""
    with closing(Database(sqlite_url(supplies.data))) as database:
        migrate(database.engine)
        calls = Calls(database, supplies.hasher, Vault(new_key()))
        public_key = asyncssh.read_private_key(supplies.keys / "client").export_public_key().decode()
        for name, proof in (("ada", {"ssh_keys": [public_key]}), ("bob", {"password": PASSWORD})):
            calls.write_now(SYSTEM, users.create, {"username": name, "grants": EVERYWHERE, **proof})


class SftpSite:
    """The parts of a site as far as the door needs them. `desk` may be a kind of desk that dawdles."""

    def __init__(
        self,
        folder: Path,
        supplies: Supplies,
        limits: Limits = PATIENT,
        *,
        hasher: Hasher | None = None,
        desk: type[Desk] = Desk,
        storage: Callable[[Path], Storage] = Root,
        **settings: Any,
    ) -> None:
        self.folder = folder
        self.files = folder / "site"
        self.files.mkdir()
        self.key = supplies.keys / "client"
        self.password = PASSWORD
        self.answers: list[str] = []
        self.clock = ShiftedClock()
        self.live = Live()
        self.gate = Gate(limits)
        self.root = storage(self.files)
        self.known_paths = KnownPaths()
        shutil.copytree(supplies.data, folder / "data")
        self._database = Database(sqlite_url(folder / "data"), clock=self.clock)
        self.calls = Calls(self._database, hasher or supplies.hasher, Vault(new_key()))
        self._activity = Activity(self.calls)
        self._sessions = Sessions(self.calls, self.live, self.known_paths)
        self._runner = Runner(self.calls, [self._sessions])
        self.log = SiteLog(self.calls, lambda: self.run(self._write_activity()))
        self.ada, self.bob = self.user("ada"), self.user("bob")
        counter = desk(self.calls, "test", self._activity, self.known_paths)
        self.house = House(
            desk=counter,
            root=self.root,
            live=self.live,
            gate=self.gate,
            home=HOME,
            translator=make_translator(),
        )
        self.settings = DoorSettings(port=0, keys=supplies.keys, **settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.server: SftpServer = self.run(self._open())
        self.port = self.server.port

    def run(self, work: Awaitable[T]) -> T:
        """Do this in the loop of the server."""

        async def waited() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(waited(), self._loop).result(30)

    def act(self, action: Callable[Concatenate[Call, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what an administrator would do."""
        return self.calls.write_now(SYSTEM, action, *args, **kwargs)

    def user(self, name: str) -> User:
        return self.calls.read_now(SYSTEM, users.find, name)

    def add(self, name: str, **values: Any) -> User:
        """One more user who may do everything."""
        return self.act(users.create, {"username": name, "grants": EVERYWHERE, **values})

    def add_with_both(self, name: str) -> User:
        """One more, who has to show the key and the password."""
        public_key = asyncssh.read_private_key(self.key).export_public_key().decode()
        method = "password_and_ssh_key"
        return self.add(name, password=PASSWORD, ssh_keys=[public_key], authentication_method=method)

    def edit(self, user: User, **values: Any) -> User:
        return self.act(users.edit, user.id, values)

    def close(self) -> None:
        self.run(self._close())
        self._database.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.root.close()

    def connect(self, username: str = "bob", **options: Any) -> Any:
        """A connection of asyncssh's client, to be used with `async with`."""
        if not options:
            options = {"password": PASSWORD}
        plain: dict[str, Any] = {"known_hosts": None, "config": None, "agent_path": None}
        plain |= {"client_keys": None, "client_host_keys": None, "username": username}
        return asyncssh.connect("127.0.0.1", self.port, **(plain | options))

    def ssh_options(self) -> list[str]:
        """What OpenSSH programs need to reach this door without looking at the developer's own set-up."""
        pairs = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "IdentitiesOnly": "yes",
            "IdentityFile": str(self.key),
            "IdentityAgent": "none",
        }
        return ["-F", "none", *(part for key, value in pairs.items() for part in ("-o", f"{key}={value}"))]

    def sftp(self, commands: str, user: str = "ada", *options: str) -> "subprocess.CompletedProcess[str]":
        """Run the sftp program with these commands; without a key it asks for the password."""
        return self.program(
            "sftp", *self.ssh_options(), *options, "-P", str(self.port), f"{user}@127.0.0.1", stdin=commands
        )

    def program(self, *command: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a client program in the directory of this test."""
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
            env=self.environment(),
        )

    def environment(self) -> dict[str, str]:
        """Programs that ask get these answers in turn, or else the password."""
        (self.folder / "answers").write_text("\n".join(self.answers or [self.password]) + "\n")
        (self.folder / "asked").touch()
        script = self.folder / "askpass"
        script.write_text(ASKPASS.format(folder=self.folder))
        script.chmod(0o700)
        asking = {"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        return {**os.environ, **asking, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    @property
    def asked(self) -> list[str]:
        """What programs asked so far, line by line."""
        return (self.folder / "asked").read_text().splitlines()

    async def _open(self) -> SftpServer:
        await self._sessions.start()
        await self._runner.start()
        await self._activity.start()
        return await start(self.house, self.settings)

    async def _close(self) -> None:
        await self.server.stop()
        await self._runner.stop()
        await self._sessions.stop()
        await self._activity.stop()

    async def _write_activity(self) -> None:
        await self._activity.stop()
        await self._activity.start()


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    """Until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
