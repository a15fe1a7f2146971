"""The database's versions, oldest first, and how to reach the newest."""

from sqlalchemy import Connection, Engine, inspect, text

HEAD = "0005"


class DatabaseTooNew(Exception):
    """The database was written by a newer program."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"the database has version {version}, which this program does not know: use a newer innkeeper"
        )


def migrate(engine: Engine) -> None:
    """Bring the database to the newest version; raises DatabaseTooNew."""
    with engine.begin() as connection:
        _wait_for_others(connection)
        if current_version(connection) == HEAD:
            return
        # Alembic takes a third of a second to import, and is needed only now.
        from innkeeper.store.migrations.upgrade import upgrade

        upgrade(connection)


def current_version(connection: Connection) -> str | None:
    """The version that the database has; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _wait_for_others(connection: Connection) -> None:
    """Two nodes that start together must not migrate at once."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7166001)")
