"""A CSV import of users, planned and applied, beside bare inserts of the very rows that it wrote.

Each side runs in a process of its own: `python -m bench.imports --rows 100000`.
"""

import argparse
import base64
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from innkeeper.actions import groups, imports
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.plans import ImportOptions
from innkeeper.domain.words import PlanId
from innkeeper.jobs.imports import CHUNK, apply_import, plan_import
from innkeeper.store.database import PRAGMAS, Database, sqlite_url
from innkeeper.store.migrations import migrate

BENCH = Caller("bench", system_name="bench")
TABLES = ("users", "memberships", "grants", "ssh_keys", "events")
GROUPS = 50
FOLDERS = 200


def run(rows: int = 100_000) -> list[tuple[str, float, str]]:
    """Import, then insert the same rows bare, and compare."""
    with tempfile.TemporaryDirectory() as directory:
        _write_csv(Path(directory, "users.csv"), rows)
        ours = _in_process("ours", directory)
        bare = _in_process("bare", directory)
    seconds = ours["plan"] + ours["apply"]
    return [
        ("import: plan", rows / ours["plan"], "rows/s"),
        ("import: apply", rows / ours["apply"], "rows/s"),
        ("import: plan and apply", rows / seconds, "rows/s"),
        ("import: bare executemany of the same rows", rows / bare["insert"], "rows/s"),
        ("import: part of the bare rate", bare["insert"] / seconds, ""),
        ("import: largest memory of the process", ours["memory"], "MB"),
        ("import: second plan of the same file", rows / ours["again"], "rows/s"),
    ]


def _in_process(side: str, directory: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.imports", "--side", side, "--directory", directory]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _write_csv(path: Path, rows: int) -> None:
    head = base64.b64decode("AAAAC3NzaC1lZDI1NTE5AAAAIA==")
    with path.open("w") as file:
        file.write("username,name,email,company,groups,grants,ssh_keys\n")
        for number in range(rows):
            key = base64.b64encode(head + number.to_bytes(32, "little")).decode()
            file.write(
                f"user{number},Name Number {number},user{number}@example.com,Company {number % 500},"
                f"Group {number % GROUPS},/projects/p{number % FOLDERS}:read,ssh-ed25519 {key} user{number}\n"
            )


def _ours(directory: Path) -> dict[str, float]:
    database = Database(sqlite_url(directory))
    migrate(database.engine)
    calls = Calls(database)
    for number in range(GROUPS):
        calls.write_now(BENCH, groups.create, {"name": f"Group {number}"})
    first = _plan(calls, directory)
    began = time.perf_counter()
    calls.write_now(BENCH, imports.apply, first[0])
    apply_import(calls, first[0], lambda: None)
    applied = time.perf_counter() - began
    counts = calls.read_now(BENCH, imports.show, first[0]).counts
    assert counts.applied == counts.rows, counts
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again = _plan(calls, directory)
    assert calls.read_now(BENCH, imports.show, again[0]).counts.unchanged == counts.rows
    database.close()
    return {"plan": first[1], "apply": applied, "memory": memory, "again": again[1]}


def _plan(calls: Calls, directory: Path) -> tuple[PlanId, float]:
    plan = calls.write_now(BENCH, imports.begin, "users.csv", ImportOptions())
    file = directory / f"{plan.id}.csv"
    os.link(directory / "users.csv", file)
    began = time.perf_counter()
    plan_import(calls, plan.id, file, lambda: None)
    return plan.id, time.perf_counter() - began


def _bare(directory: Path) -> dict[str, float]:
    """The same rows in the same chunks, each a transaction as durable as ours, their JSON encoded anew."""
    database = Database(f"sqlite:///{directory / 'bare.db'}")
    migrate(database.engine)
    database.close()
    source = sqlite3.connect(directory / "innkeeper.db")
    target = sqlite3.connect(directory / "bare.db", isolation_level=None)
    for pragma in PRAGMAS:
        target.execute(pragma)
    for table in ("groups", "folders"):
        _insert(target, table, source.execute(f"SELECT * FROM {table}").fetchall())
    return {"insert": sum(_insert_chunk(target, chunk) for chunk in _chunks(source))}


def _chunks(source: sqlite3.Connection) -> Iterator[dict[str, list[tuple[object, ...]]]]:
    (people,) = source.execute("SELECT count(*) FROM users").fetchone()
    number = -(-people // CHUNK)
    cursors = {table: source.execute(f"SELECT * FROM {table} ORDER BY rowid") for table in TABLES}
    sizes = {t: -(-source.execute(f"SELECT count(*) FROM {t}").fetchone()[0] // number) for t in TABLES}
    for _ in range(number):
        yield {table: _decoded(cursors[table].fetchmany(sizes[table]), table) for table in TABLES}


def _decoded(rows: list[tuple[object, ...]], table: str) -> list[tuple[object, ...]]:
    if table not in ("users", "events"):
        return rows
    return [(*row[:-1], json.loads(str(row[-1]))) for row in rows]


def _insert_chunk(target: sqlite3.Connection, chunk: dict[str, list[tuple[object, ...]]]) -> float:
    began = time.perf_counter()
    target.execute("BEGIN IMMEDIATE")
    for table, rows in chunk.items():
        if table in ("users", "events"):
            rows = [(*row[:-1], msgspec.json.encode(row[-1]).decode()) for row in rows]
        _insert(target, table, rows)
    target.execute("COMMIT")
    return time.perf_counter() - began


def _insert(target: sqlite3.Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        places = ",".join("?" * len(rows[0]))
        target.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--side", choices=["ours", "bare"])
    parser.add_argument("--directory", type=Path)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps((_ours if arguments.side == "ours" else _bare)(arguments.directory)))
    else:
        for name, value, unit in run(arguments.rows):
            print(f"{name}: {value:,.2f} {unit}")
