"""Many rows into SQLite at the speed of its driver.

For each row and column SQLAlchemy asks what a value means; here that is asked once a table. An import spends
most of its time in such inserts. PostgreSQL goes the ordinary way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

from innkeeper.store.types import Document, UtcTime, as_json, as_text

FEW = 8
DIALECT = sqlite.dialect()

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Statement:
    """An INSERT for rows with these very names, and what has to be done with some of the values."""

    sql: str
    size: int
    values_of: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    converts: Sequence[tuple[int, Convert]]

    def parameters(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The row's values in order; raises KeyError for a row with other names."""
        if len(row) != self.size:
            raise KeyError(*row)
        values = list(self.values_of(row))
        for place, convert in self.converts:
            values[place] = convert(values[place])
        return tuple(values)


def insert_fast(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert many rows that have the same names, on SQLite; False, and nothing done, for anything else."""
    if len(rows) < FEW or connection.dialect.name != "sqlite":
        return False
    statement = _statement(table, tuple(rows[0]))
    try:
        parameters = [statement.parameters(row) for row in rows]
    except KeyError:
        return False
    connection.exec_driver_sql(statement.sql, parameters)
    return True


@lru_cache(64)
def _statement(table: Table, names: tuple[str, ...]) -> _Statement:
    quoted = ", ".join(DIALECT.identifier_preparer.quote(name) for name in names)
    places = ", ".join("?" * len(names))
    found = [(place, _convert(table.c[name].type)) for place, name in enumerate(names)]
    return _Statement(
        sql=f"INSERT INTO {DIALECT.identifier_preparer.format_table(table)} ({quoted}) VALUES ({places})",  # noqa: S608
        size=len(names),
        values_of=itemgetter(*names),
        converts=[(place, convert) for place, convert in found if convert is not None],
    )


def _convert(kind: Any) -> Convert | None:
    if isinstance(kind, UtcTime):
        return as_text
    return as_json if isinstance(kind, type(Document)) else None
