"""Many log-ins at once, from a process of their own, so that they share nothing with what is measured."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlencode

import asyncssh

from tests.servers import PASSWORD

AT_ONCE = 200
USERS = 20
# A gate lets in so many strangers from one address.
PER_ADDRESS = 10


class Storm:
    """The process. It gets ready, waits for the word, and says when it is done."""

    def __init__(self, door: str, http: str, sftp_port: int) -> None:
        self.took = 0.0
        self.let_in = 0
        command = [sys.executable, "-m", "bench.login_storm", door, http, str(sftp_port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Storm":
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def begin(self, done: Callable[[], None]) -> None:
        """Let it loose; `done` is called from a thread."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        threading.Thread(target=self._wait, args=(done,)).start()

    def _wait(self, done: Callable[[], None]) -> None:
        assert self._process.stdout is not None
        outcome = json.loads(self._process.stdout.readline())
        self.took, self.let_in = outcome["took"], outcome["let_in"]
        done()


async def _console(number: int, host: str, port: int) -> bool:
    """The sign-in form, as small as a browser can send it."""
    reader, writer = await asyncio.open_connection(host, port, local_addr=(_address(number), 0))
    body = urlencode({"username": f"user{number % USERS}", "password": PASSWORD})
    lines = [
        "POST /sign-in HTTP/1.1",
        f"Host: {host}:{port}",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    answer = await reader.read()
    writer.close()
    return answer.startswith(b"HTTP/1.1 303")


async def _sftp(number: int, host: str, port: int) -> bool:
    try:
        connection = await asyncssh.connect(
            host,
            port,
            local_addr=(_address(number), 0),
            username=f"user{number % USERS}",
            password=PASSWORD,
            preferred_auth="password",
            known_hosts=None,
            config=None,
            client_keys=None,
            agent_path=None,
            kex_algs=["curve25519-sha256"],
            login_timeout=120,
        )
    except (asyncssh.Error, OSError):
        return False
    connection.abort()
    return True


def _address(number: int) -> str:
    return f"127.0.0.{2 + number // PER_ADDRESS}"


async def _all(door: str, host: str, port: int) -> int:
    enter = _console if door == "console" else _sftp
    return sum(await asyncio.gather(*(enter(number, host, port) for number in range(AT_ONCE))))


def main() -> None:
    door, http, sftp_port = sys.argv[1:]
    host, _, port = http.removeprefix("http://").rpartition(":")
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    let_in = asyncio.run(_all(door, host, int(port) if door == "console" else int(sftp_port)))
    print(json.dumps({"took": time.perf_counter() - began, "let_in": let_in}), flush=True)


if __name__ == "__main__":
    main()
