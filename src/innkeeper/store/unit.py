"""The unit of work: every change needs a permit, and every unit that changes something needs an event.

Inserts wait until something is read or the unit ends, and then go in one statement a table; so an action
that is called for ten thousand rows costs what a bulk insert costs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Row, Select, Table, Update, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.selectable import CompoundSelect

from innkeeper.domain.errors import Duplicate
from innkeeper.domain.rights import Permit
from innkeeper.store import door_tables, notification_tables, sign_in_tables, tables
from innkeeper.store.bulk import insert_fast

Parameters = Mapping[str, Any]
Query = Select[Any] | CompoundSelect[Any]

# How SQLite and PostgreSQL name a constraint, the field that people know it by, and its column.
UNIQUE = (
    ("users.username_key", "uq_users_username_key", "username", "username"),
    ("groups.name_key", "uq_groups_name_key", "name", "name"),
    ("folders.path", "uq_folders_path", "path", "path"),
    ("ssh_keys.fingerprint", "uq_ssh_keys_user_id_fingerprint", "ssh_keys", "fingerprint"),
    ("factors.credential_id", "uq_factors_credential_id", "credential", "credential_id"),
    ("grants.subject_id", "uq_grants_subject_id_folder_id_level", "grants", "level"),
    ("notifications.subject_id", "uq_notifications_subject_id_path", "path", "path"),
    ("memberships.group_id", "pk_memberships", "groups", "group_id"),
)
# Parents before children, so that foreign keys hold while the buffer is written; the log comes last.
ORDER = (
    tables.settings,
    tables.groups,
    tables.users,
    tables.memberships,
    tables.folders,
    tables.grants,
    tables.ssh_keys,
    tables.api_keys,
    sign_in_tables.factors,
    sign_in_tables.recovery_codes,
    sign_in_tables.password_history,
    sign_in_tables.one_time_tokens,
    sign_in_tables.devices,
    tables.sessions,
    sign_in_tables.device_grants,
    sign_in_tables.session_tokens,
    door_tables.connections,
    door_tables.dav_locks,
    door_tables.dav_properties,
    notification_tables.notifications,
    notification_tables.notification_turns,
    sign_in_tables.mails,
    tables.plans,
    tables.plan_changes,
    tables.events,
)
INSERTS = {table.name: insert(table) for table in ORDER}


class MissingPermitError(Exception):
    """A saver was called without a permit. A defect in our code, never the caller's fault."""


class MissingEventError(Exception):
    """A unit changed something and recorded nothing. A defect in our code, never the caller's fault."""


class Unit:
    """One transaction's view of the database. Actions never commit: whoever made the unit does."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.now = now
        self.memo: dict[object, Any] = {}
        self.events_recorded = 0
        self._connection = connection
        self._pending: dict[str, list[Parameters]] = {}
        self._changes = 0

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    def rows(self, query: Query, parameters: Parameters | None = None) -> Sequence[Row[Any]]:
        """All rows of a query."""
        self.flush()
        return self._connection.execute(query, parameters or {}).all()

    def row(self, query: Query, parameters: Parameters | None = None) -> Row[Any] | None:
        """The first row of a query, or None."""
        self.flush()
        return self._connection.execute(query, parameters or {}).first()

    def scalar(self, query: Query, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, or None."""
        self.flush()
        return self._connection.execute(query, parameters or {}).scalar()

    def insert(self, permit: Permit, table: Table, values: Parameters) -> None:
        """Add a row; it is written before the next read or at the end of the unit."""
        self._count(permit)
        self._pending.setdefault(table.name, []).append(values)

    def change(self, permit: Permit, statement: Update | Delete | Insert, parameters: Any = None) -> int:
        """Run an update or delete at once; answers how many rows it touched."""
        self._count(permit)
        self.flush()
        try:
            return self._connection.execute(statement, parameters or {}).rowcount
        except IntegrityError as error:
            written = {**statement.compile().params, **(parameters or {})}
            row = {name.removeprefix("to_"): value for name, value in written.items()}
            raise explain(error, [row]) from error

    def keep_books(self, statement: Update | Delete | Insert, parameters: Any = None) -> int:
        """A change that is no act of anybody: leases, last use, read positions, progress. Needs no event."""
        self.flush()
        return self._connection.execute(statement, parameters or {}).rowcount

    def keep_books_of_many(self, table: Table, rows: list[Parameters]) -> None:
        """Add many rows of that kind."""
        self.flush()
        self._write(table.name, rows)

    def record(self, values: Parameters) -> None:
        """Add an entry to the event log."""
        self.events_recorded += 1
        self._pending.setdefault("events", []).append(values)

    def finish(self) -> None:
        """Write what waits, and refuse a change that left no trace; raises MissingEventError."""
        self.flush()
        if self._changes and not self.events_recorded:
            raise MissingEventError

    def flush(self) -> None:
        """Write the waiting inserts; raises Duplicate for the first unique value that is taken."""
        if not self._pending:
            return
        pending, self._pending = self._pending, {}
        for table in ORDER:
            rows = pending.get(table.name)
            if rows:
                self._write(table.name, rows)

    def _write(self, name: str, rows: list[Parameters]) -> None:
        try:
            if not insert_fast(self._connection, tables.metadata.tables[name], rows):
                self._connection.execute(INSERTS[name], rows)
        except IntegrityError as error:
            raise explain(error, rows) from error

    def _count(self, permit: Permit) -> None:
        if not isinstance(permit, Permit):
            raise MissingPermitError
        self._changes += 1


def explain(error: IntegrityError, rows: Sequence[Parameters]) -> Exception:
    """The refusal that a broken uniqueness rule means to people; any other broken rule is our own defect."""
    text = str(error.orig)
    for sqlite_name, postgresql_name, field, column in UNIQUE:
        if sqlite_name in text or postgresql_name in text:
            value = str(rows[0].get(column, "")) if len(rows) == 1 else "one of several rows"
            return Duplicate(field, value)
    return error
