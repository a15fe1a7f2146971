"""A running SFTP door over a directory, in a thread of its own, and the ways to reach it."""

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from innkeeper.files.live import Live
from innkeeper.files.root import Root
from innkeeper.interfaces.sftp import DoorSettings, House, SftpServer, start
from innkeeper.kit.gate import Gate, Limits
from tests.sftp_desk import Desk, Person

T = TypeVar("T")
PATIENT = Limits(burst=10_000, failures_until_ban=1000, first_delay=0.01, longest_delay=0.02)
PASSWORD = "correct horse"


class SftpSite:
    """The door, its desk, and its directory. Ada logs in by key, Bob by password, both may do everything."""

    def __init__(self, folder: Path, keys: Path, limits: Limits = PATIENT, **settings: Any) -> None:
        self.folder = folder
        self.files = folder / "site"
        self.files.mkdir()
        self.key = keys / "client"
        self.desk = Desk()
        self.live = Live()
        self.gate = Gate(limits)
        self.root = Root(self.files)
        self.fingerprint = asyncssh.read_private_key(self.key).get_fingerprint()
        self.ada = self.desk.add(Person("ada", fingerprints=frozenset({self.fingerprint})))
        self.bob = self.desk.add(Person("bob", password=PASSWORD))
        self.house = House(desk=self.desk, root=self.root, live=self.live, gate=self.gate)
        self.settings = DoorSettings(port=0, keys=keys, **settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.server: SftpServer = self.run(start(self.house, self.settings))
        self.port = self.server.port

    def run(self, work: Awaitable[T]) -> T:
        """Do this in the loop of the server."""

        async def waited() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(waited(), self._loop).result(30)

    def close(self) -> None:
        self.run(self.server.stop())
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
        """Programs that ask for a password get it from a script."""
        script = self.folder / "askpass"
        if not script.exists():
            script.write_text(f"#!/bin/sh\necho '{PASSWORD}'\n")
            script.chmod(0o700)
        asking = {"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        return {**os.environ, **asking, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    """Until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
