"""Runs the migrations with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from innkeeper.store.migrations import DatabaseTooNew, current_version


def configuration() -> Config:
    """Alembic's settings, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def upgrade(connection: Connection) -> None:
    """From the version that the database has to the newest; raises DatabaseTooNew."""
    config = configuration()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = current_version(connection)
    if current is not None and current not in known:
        raise DatabaseTooNew(current)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
