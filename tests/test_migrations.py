"""The database's versions."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from innkeeper.store import migrations
from innkeeper.store.database import Database, open_engine, sqlite_url
from innkeeper.store.migrations.upgrade import configuration
from innkeeper.store.tables import metadata


def test_the_head_is_the_newest_version() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == migrations.HEAD


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_migrating_twice_is_migrating_once(database: Database) -> None:
    migrations.migrate(database.engine)

    with database.engine.connect() as connection:
        assert migrations.current_version(connection) == migrations.HEAD


def test_a_database_from_the_future_is_refused(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path))
    migrations.migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(migrations.DatabaseTooNew, match="9999"):
        migrations.migrate(engine)
