"""The database's versions, oldest first, and how to reach the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect


class DatabaseTooNew(Exception):
    """The database was written by a newer program."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"the database has version {version}, which this program does not know: use a newer innkeeper"
        )


def configuration() -> Config:
    """Alembic's settings, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def migrate(engine: Engine) -> None:
    """Bring the database to the newest version; raises DatabaseTooNew."""
    config = configuration()
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        _wait_for_others(connection)
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head() and inspect(connection).has_table("users"):
            return
        if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
            raise DatabaseTooNew(current)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _wait_for_others(connection: Connection) -> None:
    """Two nodes that start together must not migrate at once."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7166001)")
