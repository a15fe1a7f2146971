"""Users created and read by REST, 16 clients at once, beside bare SQLite that commits the very same rows.

The server is a process of its own. The bare side writes user and event in one durable transaction each.
"""

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from innkeeper.store.database import PRAGMAS, Database
from innkeeper.store.migrations import migrate
from tests.servers import Node

CLIENTS = 16
CREATES = 1500
ROUNDS = 3
Ask = Callable[[int], bytes]


def run() -> list[tuple[str, float, str]]:
    """Three rounds of both sides in turn; medians."""
    created, read, bare = [], [], []
    with tempfile.TemporaryDirectory() as directory:
        node = Node(Path(directory) / "data")
        key = node.init()
        node.start()
        try:
            for turn in range(ROUNDS):
                rate, ids = _creates(node, key, turn)
                created.append(rate)
                read.append(_reads(node, key, ids))
                bare.append(_bare(node.data / "innkeeper.db", Path(directory) / f"bare{turn}.db"))
        finally:
            node.stop()
    creates, reads, baseline = (statistics.median(rates) for rates in (created, read, bare))
    return [
        ("REST: create a user", creates, f"/s, {CLIENTS} clients"),
        ("bare: one transaction each", baseline, "/s, one connection"),
        ("REST: part of the bare rate", creates / baseline, ""),
        ("REST: show a user", reads, f"/s, {CLIENTS} clients"),
    ]


def _creates(node: Node, key: str, turn: int) -> tuple[float, list[str]]:
    def ask(number: int) -> bytes:
        name = f"user{turn}-{number}"
        values = {"username": name, "name": f"Name {number}", "email": f"{name}@example.com", "company": "C"}
        return _request("POST", "/api/v1/users", key, json.dumps(values).encode())

    seconds, answers = asyncio.run(_storm(node, ask))
    return CREATES / seconds, [json.loads(answer)["id"] for answer in answers]


def _reads(node: Node, key: str, ids: list[str]) -> float:
    seconds, _ = asyncio.run(
        _storm(node, lambda number: _request("GET", f"/api/v1/users/{ids[number]}", key))
    )
    return CREATES / seconds


async def _storm(node: Node, ask: Ask) -> tuple[float, list[bytes]]:
    """Every client asks, waits for the answer, and asks again, until all is asked."""
    numbers = iter(range(CREATES))
    answers: list[bytes] = []
    host, port = node.http.removeprefix("http://").rsplit(":", 1)
    began = time.perf_counter()
    await asyncio.gather(*(_client(host, int(port), numbers, ask, answers) for _ in range(CLIENTS)))
    return time.perf_counter() - began, answers


async def _client(host: str, port: int, numbers: Iterator[int], ask: Ask, answers: list[bytes]) -> None:
    """A plain keep-alive connection, so that little of the machine goes to the client."""
    reader, writer = await asyncio.open_connection(host, port)
    for number in numbers:
        writer.write(ask(number))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(head.decode())
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answers.append(await reader.readexactly(length))
    writer.close()


def _request(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: innkeeper\r\nAuthorization: Bearer {key}\r\n"
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{head}{kind}\r\n".encode() + body


def _bare(source: Path, target: Path) -> float:
    """The newest users and the events of their making, again, one durable transaction each."""
    database = Database(f"sqlite:///{target}")
    migrate(database.engine)
    database.close()
    reader = sqlite3.connect(source)
    users = reader.execute("SELECT * FROM users ORDER BY rowid DESC LIMIT ?", (CREATES,)).fetchall()
    query = "SELECT * FROM events WHERE kind = 'user.created' ORDER BY position DESC LIMIT ?"
    events = reader.execute(query, (CREATES,)).fetchall()
    writer = sqlite3.connect(target, isolation_level=None)
    for pragma in PRAGMAS:
        writer.execute(pragma)
    into_users, into_events = (
        _insert(table, rows[0]) for table, rows in (("users", users), ("events", events))
    )
    began = time.perf_counter()
    for user, event in zip(users, events, strict=True):
        writer.execute("BEGIN IMMEDIATE")
        writer.execute(into_users, user)
        writer.execute(into_events, event)
        writer.execute("COMMIT")
    return CREATES / (time.perf_counter() - began)


def _insert(table: str, row: tuple[object, ...]) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})"


if __name__ == "__main__":
    for what, value, remark in run():
        print(f"{what:<40} {value:>12,.2f}  {remark}")
