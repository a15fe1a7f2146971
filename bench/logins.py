"""Logging in: beside the bare hash, beside OpenSSH's own server, and what 200 at once do to the console.

Log-ins by password take what Argon2id takes; everything else of ours has to fit into a quarter of that.
"""

import asyncio
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.login_storm import AT_ONCE, USERS, Storm
from bench.ssh_servers import Server, client_options, make_keys, openssh, ours
from innkeeper.actions import users
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.kit.passwords import make_password, verify
from innkeeper.kit.vault import Vault, new_key
from innkeeper.store.database import Database, sqlite_url
from innkeeper.store.migrations import migrate
from tests.servers import PASSWORD, Node, ok

ROUNDS = 60
SSH_ROUNDS = 25
PAGES = ("/", "/users", "/groups", "/account")
MAKER = Caller("bench", system_name="bench")


def run() -> list[tuple[str, float, str]]:
    return [*_desk(), *_ssh(), *_crowd()]


def _desk() -> list[tuple[str, float, str]]:
    """A whole log-in by password, from the name to the stored session, in turns with the bare hash."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder)))
        migrate(database.engine)
        calls = Calls(database, vault=Vault(new_key()))
        stored = make_password(PASSWORD)
        calls.write_now(MAKER, users.create, {"username": "bob", "password": stored})
        bare, whole = asyncio.run(_in_turns(calls, lambda: verify(stored.hash, PASSWORD)))
        calls.hasher.close()
        database.close()
    took, worked = whole.took / bare.took, whole.cpu / bare.cpu
    return [
        ("password: bare Argon2id", bare.took * 1000, "ms, lower quartile"),
        ("password: whole log-in at the desk", whole.took * 1000, "ms, lower quartile"),
        ("password: whole log-in against the bare hash", took, "ratio, at most 1.25"),
        ("password: the same in processor time", worked, "ratio, whatever else runs here"),
    ]


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of processor time."""

    took: float
    cpu: float


async def _in_turns(calls: Calls, check: Callable[[], bool]) -> tuple[Cost, Cost]:
    desk = Desk(calls, "bench", Activity(calls), KnownPaths())
    loop = asyncio.get_running_loop()
    bare, whole = [], []
    for _ in range(ROUNDS):
        began = _clocks()
        await loop.run_in_executor(None, check)
        bare.append(_since(began))
        began = _clocks()
        attempt = await desk.begin("bob", interface="sftp", address="192.0.2.7", client="bench")
        is_right = await desk.prove_password(attempt, PASSWORD)
        admission = await desk.finish(attempt) if is_right else None
        whole.append(_since(began))
        assert admission is not None
        await desk.leave(admission.connection_id, reason="done", bytes_in=0, bytes_out=0)
    return _undisturbed(bare), _undisturbed(whole)


def _clocks() -> Cost:
    return Cost(time.perf_counter(), time.process_time())


def _since(began: Cost) -> Cost:
    now = _clocks()
    return Cost(now.took - began.took, now.cpu - began.cpu)


def _undisturbed(costs: list[Cost]) -> Cost:
    """The lower quartiles: what else the machine does disturbs a chain of threads more than one thread."""
    took = statistics.quantiles((cost.took for cost in costs), n=4)[0]
    return Cost(took, statistics.quantiles((cost.cpu for cost in costs), n=4)[0])


def _ssh() -> list[tuple[str, float, str]]:
    """`sftp` by key, from the start of the program to its end, against both servers in turns."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = Path(folder)
        make_keys(work)
        servers = [stack.enter_context(ours(work)), stack.enter_context(openssh(work))]
        took: dict[str, list[float]] = {server.name: [] for server in servers}
        for _ in range(SSH_ROUNDS):
            for server in servers:
                took[server.name].append(_log_in(server, work))
    medians = {name: statistics.median(times) for name, times in took.items()}
    return [
        *((f"key: sftp in and out, {name}", median * 1000, "ms, median") for name, median in medians.items()),
        ("key: against OpenSSH", medians["ours"] / medians["OpenSSH"], "ratio, at most 1.5"),
    ]


def _log_in(server: Server, work: Path) -> float:
    # The same key exchange for both: each would agree with the client on another one.
    options = [*client_options(work), "-o", "KexAlgorithms=curve25519-sha256", "-c", "aes128-gcm@openssh.com"]
    where = ["-P", str(server.port), f"{server.username}@127.0.0.1"]
    began = time.perf_counter()
    subprocess.run(
        ["sftp", *options, "-b", "-", *where], input="bye\n", text=True, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def _crowd() -> list[tuple[str, float, str]]:
    """Pages of the console, one after the other, while nobody and while everybody logs in."""
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder) / "data")
        api_key = node.init()
        node.start()
        try:
            _furnish(node, api_key)
            rows.append(("pages: 95th percentile, nobody logs in", _pages(node, None), "ms"))
            for door in ("console", "sftp"):
                with Storm(door, node.http, node.sftp_port) as storm:
                    p95 = _pages(node, storm)
                rows += [
                    (f"{door}: {AT_ONCE} log-ins at once, done after", storm.took, "s"),
                    (f"{door}: of them let in", storm.let_in, ""),
                    (f"{door}: pages meanwhile, 95th percentile", p95, "ms, at most 300"),
                ]
        finally:
            node.stop()
    return rows


def _furnish(node: Node, api_key: str) -> None:
    with node.client(api_key) as api:
        for number in range(USERS):
            user = {"username": f"user{number}", "password": PASSWORD, "grants": ["/:full"]}
            ok(api.post("/users", json=user))


def _pages(node: Node, storm: Storm | None) -> float:
    """The 95th percentile of the waits, in milliseconds."""
    waits: list[float] = []
    with httpx.Client(base_url=node.http, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60) as browser:
        answer = browser.post("/sign-in", data={"username": "ada", "password": PASSWORD})
        assert answer.status_code in (302, 303), answer.status_code
        is_over = threading.Event()
        if storm is None:
            threading.Timer(3, is_over.set).start()
        else:
            storm.begin(is_over.set)
        while not is_over.is_set():
            for page in PAGES:
                began = time.perf_counter()
                assert browser.get(page).status_code == 200
                waits.append((time.perf_counter() - began) * 1000)
    return sorted(waits)[int(len(waits) * 0.95)]


if __name__ == "__main__":
    for row in run():
        print(row)
