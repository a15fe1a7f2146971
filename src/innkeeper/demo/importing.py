"""Brings two departments in by a CSV file, as their administrator did it: plan, look, apply."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from innkeeper.actions import import_applying, import_planning, imports, users
from innkeeper.actions.call import Call
from innkeeper.demo.accounts import values_of
from innkeeper.demo.people import PRODUCTION, SALES, START
from innkeeper.demo.stage import Stage
from innkeeper.domain.plans import ImportOptions, Plan, PlanState
from innkeeper.sources.csvfile import open_users
from innkeeper.sources.csvwriting import write_rows

NAME = "production-and-sales.csv"
BY_FILE = tuple(person for person in (*PRODUCTION, *SALES) if person.joined == START)
# One row that cannot be taken, so that there is something to mend.
MISTAKE = {"username": "test.account", "name": "Delete me", "groups": "Testers"}
APART = {"ssh_keys": "; "}


def plan(stage: Stage) -> None:
    """Plan the import, in the late morning of the first day."""
    stage.at(stage.on(START, 11, 5), lambda call: _run(stage, call))


def _run(stage: Stage, call: Call) -> None:
    ada = stage.acting(call, "ada")
    plan = imports.begin(ada, NAME, ImportOptions())
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / NAME
        path.write_text(_file(stage))
        _read(stage, call, plan, path)
    _apply(call, imports.apply(ada, plan.id))
    for person in BY_FILE:
        stage.users[person.username] = users.find(ada, person.username).id


def _read(stage: Stage, call: Call, plan: Plan, path: Path) -> None:
    with open_users(path) as file:
        rows = list(enumerate(file.rows, 1))
        names = import_planning.Names()
        desired = import_planning.read_rows(file.columns, rows, names, call.site.time_zone)
    world = import_planning.look_up(call, desired)
    hashes = {row.number: stage.passwords.get(row.username, stage.passwords[""]).hash for row in desired}
    failed = import_planning.failures(desired, world, plan)
    changes = import_planning.compare_rows(desired, world, plan, hashes, failed)
    import_planning.keep(call, plan.id, file.columns.header, changes)
    import_planning.finish(call, plan.id)


def _apply(call: Call, plan: Plan) -> None:
    while plan.state is PlanState.APPLYING:
        plan = import_applying.apply_chunk(call, plan.id, limit=500)


def _file(stage: Stage) -> str:
    wanted = [_cells(values_of(stage, person)) for person in BY_FILE] + [MISTAKE]
    header = list(dict.fromkeys(name for row in wanted for name in row))
    return write_rows([header, *([row.get(name, "") for name in header] for row in wanted)])


def _cells(values: Mapping[str, object]) -> dict[str, str]:
    shown = {**values, "password": "only its hash matters here"} if "password" in values else values
    return {name: _cell(name, value) for name, value in shown.items() if value}


def _cell(name: str, value: object) -> str:
    return APART.get(name, ", ").join(value) if isinstance(value, list) else str(value)
