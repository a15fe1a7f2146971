"""The planning of an import, step by step, as the job calls it: read, look up, compare, keep."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from innkeeper.actions.call import Call
from innkeeper.domain.fields import WantedGrant, username_key
from innkeeper.domain.folders import Grant
from innkeeper.domain.groups import Group
from innkeeper.domain.plans import Change, Counts, Plan, PlanState
from innkeeper.domain.reconcile import (
    Desired,
    Known,
    World,
    compare,
    hold_against,
    repeated,
    understand,
    used_before,
)
from innkeeper.domain.rights import Right, Scope
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from innkeeper.domain.words import PlanId
from innkeeper.kit.breached_passwords import BreachedPasswords
from innkeeper.kit.passwords import normalise
from innkeeper.sources.columns import Columns
from innkeeper.sources.csvfile import Row
from innkeeper.store import credentials, folders, groups, password_history, plans, users
from innkeeper.store.unit import Unit

# Stands for the hash of a password that may not come again.
USED = ""


@dataclass(frozen=True, slots=True)
class PasswordWork:
    """A password of the file that must be hashed, or found to be the one that the user has."""

    number: int
    stored_hash: str | None
    text: str
    earlier: tuple[str, ...] = ()


class Names:
    """The users that the file has named so far, and where; some 100 bytes for each."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}

    def first(self, username: str, row: int) -> int:
        """The row that named this user first; it may be this very one."""
        return self._rows.setdefault(hash(username_key(username)), row)


def read_rows(columns: Columns, rows: Iterable[tuple[int, Row]], names: Names, zone: str) -> list[Desired]:
    """Rows, numbered, as desired users, checked field by field. Asks no database."""
    return [_read_row(columns, number, row, names, zone) for number, row in rows]


def without_breached(desired: Sequence[Desired], breached: BreachedPasswords | None) -> list[Desired]:
    """The same rows, knowing of their passwords which of them are on the list of breached ones."""
    if breached is None:
        return list(desired)
    return [
        replace(row, is_breached=row.password is not None and breached.holds(normalise(row.password)))
        for row in desired
    ]


def look_up(call: Call, desired: Sequence[Desired]) -> World:
    """The users and groups that these rows name, as they are now."""
    call.permit_for_site(Right.IMPORT_RUN)
    world = world_of(call, [row.username for row in desired], _group_names(desired))
    limit = call.site.password_history - 1
    if limit <= 0 or not any(row.password for row in desired):
        return world
    ids = [known.user.id for known in world.users.values()]
    return replace(world, earlier=password_history.of_users(call.unit, ids, limit))


def world_of(call: Call, usernames: Iterable[str], group_names: Iterable[str]) -> World:
    """Users of these names with all that is theirs, and which of the groups exist."""
    everyone = call.scope(Right.USER_READ)
    found = users.by_usernames(call.unit, everyone, usernames)
    named = groups.named(call.unit, call.scope(Right.GROUP_READ), group_names)
    return World(
        users=_known(call.unit, everyone, found),
        groups={key: group.name for key, group in named.items()},
        site=call.site,
        now=call.now,
    )


def failures(desired: Sequence[Desired], world: World, plan: Plan) -> dict[int, Change]:
    """The rows that can change nothing, by number: invalid or conflicting."""
    verdicts = ((row.number, hold_against(row, world, plan.options.mode)) for row in desired)
    return {number: failed for number, failed in verdicts if failed is not None}


def password_work(
    desired: Sequence[Desired], world: World, failed: Mapping[int, Change]
) -> list[PasswordWork]:
    """The passwords of the rows that may act."""
    return [_work(row, world) for row in desired if row.password and row.number not in failed]


def used_again(
    desired: Sequence[Desired], world: World, hashes: Mapping[int, str | None]
) -> dict[int, Change]:
    """The rows whose password their user had before, by number: those with the hash USED."""
    return {row.number: used_before(row, world) for row in desired if hashes.get(row.number) == USED}


def compare_rows(
    desired: Sequence[Desired],
    world: World,
    plan: Plan,
    hashes: Mapping[int, str | None],
    failed: Mapping[int, Change],
) -> list[Change]:
    """The change of each row. `hashes`: of new passwords by the row's number; None where it is the same."""
    must_change = plan.options.require_password_change
    return [
        failed.get(row.number)
        or compare(row, world, new_hash=hashes.get(row.number), must_change=must_change)
        for row in desired
    ]


def keep(call: Call, plan_id: PlanId, header: Sequence[str], changes: Sequence[Change]) -> Plan:
    """Store the next rows of a plan and how far the file is read; raises NotNow for a stopped plan.

    Rows that are stored already, by another who works on the same plan, are passed over.
    """
    plan = _planning(call, plan_id)
    fresh = [change for change in changes if change.number > plan.rows_read]
    plans.insert_changes(call.unit, plan_id, fresh)
    grown = replace(
        plan,
        header=tuple(header),
        counts=_counted(plan.counts, fresh),
        rows_read=max([plan.rows_read, *(change.number for change in fresh)]),
    )
    plans.note_progress(call.unit, grown)
    return grown


def finish(call: Call, plan_id: PlanId) -> Plan:
    """The whole file is read: people may look at the plan and apply it."""
    planned = replace(_planning(call, plan_id), state=PlanState.PLANNED, planned_at=call.now)
    plans.note_progress(call.unit, planned)
    return planned


def fail(call: Call, plan_id: PlanId, message: Text) -> Plan:
    """The file cannot be taken. The rows read so far are forgotten, so that nothing is half done."""
    plan = _planning(call, plan_id)
    plans.forget_changes(call.unit, plan_id)
    failed = replace(plan, state=PlanState.FAILED, message=message, counts=Counts(), rows_read=0)
    plans.note_progress(call.unit, failed)
    return failed


def _read_row(columns: Columns, number: int, row: Row, names: Names, zone: str) -> Desired:
    values, problems = columns.values(row.cells)
    username = values.get("username")
    if username:
        first = names.first(username, row.line)
        if first != row.line:
            problems.append(repeated(username, first))
    cells = columns.without_secrets(row.cells)
    return understand(number, row.line, values, problems=problems, cells=cells, zone=zone)


def _group_names(desired: Sequence[Desired]) -> set[str]:
    names = {name for row in desired for name in row.checked.get("groups", ())}
    return names | {row.checked["primary_group"] for row in desired if row.checked.get("primary_group")}


def _known(unit: Unit, scope: Scope, found: Mapping[str, User]) -> dict[str, Known]:
    ids = [user.id for user in found.values()]
    entries = groups.memberships_of(unit, ids)
    primary = {user.primary_group for user in found.values() if user.primary_group}
    named = groups.many(unit, scope, {entry.group_id for entry in entries} | primary)
    inside = _gathered((entry.member_id, named[entry.group_id].name) for entry in entries)
    granted = _gathered((grant.subject_id, _words(grant)) for grant in folders.grants_of(unit, ids))
    keys = _gathered((key.user_id, key.fingerprint) for key in credentials.ssh_keys_of(unit, ids))
    return {
        key: Known(
            user=user,
            groups=tuple(inside.get(user.id, ())),
            grants=tuple(granted.get(user.id, ())),
            ssh_keys=tuple(keys.get(user.id, ())),
            primary_group=_name(named, user.primary_group),
        )
        for key, user in found.items()
    }


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for key, value in pairs:
        gathered.setdefault(key, []).append(value)
    return gathered


def _words(grant: Grant) -> str:
    return str(WantedGrant(grant.path, grant.level, grant.is_recursive))


def _name(named: Mapping[str, Group], group_id: str | None) -> str:
    return named[group_id].name if group_id is not None and group_id in named else ""


def _work(row: Desired, world: World) -> PasswordWork:
    assert row.password is not None
    known = world.users.get(username_key(row.username))
    if known is None:
        return PasswordWork(row.number, None, row.password)
    earlier = tuple(world.earlier.get(known.user.id, ()))
    return PasswordWork(row.number, known.user.password_hash, row.password, earlier)


def _counted(counts: Counts, changes: Sequence[Change]) -> Counts:
    found = Counter(change.verdict.value for change in changes)
    found["suspended"] = sum(change.suspends for change in changes)
    return replace(counts, **{name: getattr(counts, name) + number for name, number in found.items()})


def _planning(call: Call, plan_id: PlanId) -> Plan:
    return plans.one_running(call.unit, plan_id, PlanState.PLANNING)
