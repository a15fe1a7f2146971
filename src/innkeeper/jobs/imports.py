"""The two jobs of an import. Both may be started again at any time: they go on where the store says."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path

from innkeeper.actions import import_applying, import_planning, imports, settings
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.import_planning import USED, Names, PasswordWork
from innkeeper.domain.errors import Refused
from innkeeper.domain.plans import NotRunning, Plan, PlanState
from innkeeper.domain.reconcile import Desired
from innkeeper.domain.texts import Text
from innkeeper.domain.words import PlanId
from innkeeper.kit.passwords import WORKERS, renew, verify
from innkeeper.sources.columns import BadFile
from innkeeper.sources.csvfile import Row, UserFile, open_users

CHUNK = 500
READ_CHUNK = 1000
JOB = Caller("import", system_name="imports")

Pause = Callable[[], None]


def plan_import(calls: Calls, plan_id: PlanId, path: Path, pause: Pause) -> None:
    """Read the file, compare, store the changes, remove the file. `pause` may break off between chunks."""
    plan = calls.read_now(JOB, imports.show, plan_id)
    if plan.state is PlanState.PLANNING:
        with suppress(NotRunning):
            _plan(calls, plan, path, pause)
    path.unlink(missing_ok=True)


def apply_import(calls: Calls, plan_id: PlanId, pause: Pause) -> None:
    """Apply chunk by chunk; a chunk in which a row is refused is done again row by row."""
    plan = calls.read_now(JOB, imports.show, plan_id)
    while plan.state is PlanState.APPLYING:
        pause()
        try:
            plan = _apply_chunk(calls, plan)
        except NotRunning:
            return


def _plan(calls: Calls, plan: Plan, path: Path, pause: Pause) -> None:
    try:
        with (
            open_users(path, ignore_unknown_columns=plan.options.ignore_unknown_columns) as file,
            ThreadPoolExecutor(WORKERS, thread_name_prefix="import-passwords") as threads,
        ):
            _read_on(calls, plan, file, threads, pause)
        calls.write_now(JOB, import_planning.finish, plan.id)
    except BadFile as bad:
        calls.write_now(JOB, import_planning.fail, plan.id, bad.text)
    except FileNotFoundError:
        message = Text("the uploaded file is no longer there; start the import again")
        calls.write_now(JOB, import_planning.fail, plan.id, message)


def _read_on(calls: Calls, plan: Plan, file: UserFile, threads: ThreadPoolExecutor, pause: Pause) -> None:
    """Rows that were stored before a crash are read once more, only for the names in them."""
    zone = calls.read_now(JOB, settings.show).time_zone
    names = Names()
    for rows in _chunks(enumerate(file.rows, 1)):
        pause()
        desired = import_planning.read_rows(file.columns, rows, names, zone)
        if rows[-1][0] > plan.rows_read:
            plan = _compare(calls, plan, file, desired, threads)
    if not plan.rows_read:
        raise BadFile("line 2: no row; expected at least one user below the header")


def _compare(
    calls: Calls, plan: Plan, file: UserFile, desired: Sequence[Desired], threads: ThreadPoolExecutor
) -> Plan:
    desired = import_planning.without_breached(desired, calls.hasher.breached)
    world = calls.read_now(JOB, import_planning.look_up, desired)
    failed = import_planning.failures(desired, world, plan)
    work = import_planning.password_work(desired, world, failed)
    hashes = dict(zip((one.number for one in work), threads.map(_renew, work), strict=True))
    failed |= import_planning.used_again(desired, world, hashes)
    changes = import_planning.compare_rows(desired, world, plan, hashes, failed)
    return calls.write_now(JOB, import_planning.keep, plan.id, file.columns.header, changes)


def _renew(work: PasswordWork) -> str | None:
    """The new hash, None for the password that the user has, USED for one that they had before."""
    renewed = renew(work.stored_hash, work.text)
    is_used = renewed is not None and any(verify(stored, work.text) for stored in work.earlier)
    return USED if is_used else renewed


def _chunks(rows: Iterator[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
    while chunk := list(islice(rows, READ_CHUNK)):
        yield chunk


def _apply_chunk(calls: Calls, plan: Plan) -> Plan:
    try:
        return calls.write_now(JOB, import_applying.apply_chunk, plan.id, limit=CHUNK)
    except NotRunning:
        raise
    except Refused:
        return _apply_each(calls, plan)


def _apply_each(calls: Calls, plan: Plan) -> Plan:
    """One unit a row, for as many rows as a chunk has."""
    for _ in range(CHUNK):
        if plan.state is not PlanState.APPLYING:
            break
        plan = _apply_one(calls, plan)
    return plan


def _apply_one(calls: Calls, plan: Plan) -> Plan:
    try:
        return calls.write_now(JOB, import_applying.apply_chunk, plan.id, limit=1)
    except NotRunning:
        raise
    except Refused as refusal:
        number = plan.rows_done + 1
        return calls.write_now(JOB, import_applying.note_refusal, plan.id, number, refusal.text)
