"""Real `innkeeper serve` processes, and a plain HTTP client for them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

NONE: Mapping[str, str] = {}
PASSWORD = "correct horse battery"
COMMAND = [sys.executable, "-m", "innkeeper"]


class Node:
    """One server process on free loopback ports."""

    def __init__(
        self,
        data: Path,
        *,
        database_url: str = "",
        settings: Mapping[str, str] = NONE,
        with_ftps: bool = False,
    ) -> None:
        self.data = data
        self.settings = settings
        self.database_url = database_url
        self.http = ""
        self.sftp_port = 0
        self.with_ftps = with_ftps
        self.ftps_port = 0
        self.implicit_port = 0
        self.setup_link = ""
        self.process: subprocess.Popen[str]
        self._client: httpx.Client | None = None

    @property
    def arguments(self) -> list[str]:
        url = ["--database-url", self.database_url] if self.database_url else []
        return ["--data", str(self.data), *url]

    def init(self) -> str:
        """Set the site up; answers Ada's API key."""
        command = [*COMMAND, "init", *self.arguments, "--username", "ada", "--email", "ada@example.com"]
        done = subprocess.run(
            [*command, "--password-stdin", "--api-key"],
            input=PASSWORD + "\n",
            capture_output=True,
            text=True,
            check=True,
            env=environment(),
        )
        key: str = json.loads(done.stdout)["api_key"]
        return key

    def start(self) -> "Node":
        """Start serving, and wait for the lines that say where."""
        self.http, self.sftp_port, self.ftps_port, self.implicit_port = "", 0, 0, 0
        doors = ["--http", "127.0.0.1:0", "--sftp", "127.0.0.1:0"]
        if self.with_ftps:
            doors += ["--ftps", "127.0.0.1:0", "--ftps-implicit", "127.0.0.1:0"]
        log = (self.data.parent / f"{self.data.name}-{time.monotonic_ns()}.log").open("w")
        self.process = subprocess.Popen(
            [*COMMAND, "serve", *self.arguments, *doors],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(**self.settings),
        )
        self._read_lines(Path(log.name))
        return self

    def stop(self) -> int:
        """SIGTERM; answers the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)

    def kill(self) -> None:
        """SIGKILL, as if the power went."""
        self.process.kill()
        self.process.wait(timeout=15)

    def client(self, api_key: str) -> httpx.Client:
        """A client of the API in the name of this key's owner."""
        headers = {"Authorization": f"Bearer {api_key}"}
        return httpx.Client(base_url=f"{self.http}/api/v1", headers=headers, timeout=60)

    def _read_lines(self, log: Path) -> None:
        assert self.process.stdout is not None
        while not (self.http and self.sftp_port and (self.implicit_port or not self.with_ftps)):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server did not start: {log.read_text()[-3000:]}")
            if found := re.search(r"answers at (http://\S+)", line):
                self.http = found[1]
            if found := re.search(r"Set up this site, once, at (http://\S+)", line):
                self.setup_link = found[1]
            if found := re.search(r"SFTP listens on port (\d+)", line):
                self.sftp_port = int(found[1])
            if found := re.search(r"FTPS listens on port (\d+)", line):
                self.ftps_port = int(found[1])
            if found := re.search(r"FTPS \(implicit TLS\) listens on port (\d+)", line):
                self.implicit_port = int(found[1])


def environment(**settings: str) -> dict[str, str]:
    """This environment with these settings, and without others that would reach the server from outside."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("INNKEEPER_")}
    return given | {f"INNKEEPER_{name.upper()}": value for name, value in settings.items()}


def ok(response: httpx.Response) -> Any:
    """The answer's JSON, or a failure that shows what was said."""
    assert response.is_success, f"{response.request.url}: {response.status_code} {response.text[:1000]}"
    return response.json() if response.content else None
