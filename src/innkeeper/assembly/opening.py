"""Directories and database, opened before anything else; every failure is one line for an administrator."""

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy.exc import SQLAlchemyError

from innkeeper.kit.breached_passwords import BadBreachedFile, BreachedPasswords
from innkeeper.kit.passwords import Hasher
from innkeeper.kit.vault import Vault, VaultError, key_in
from innkeeper.settings import Settings
from innkeeper.store.database import Database, sqlite_url
from innkeeper.store.migrations import DatabaseTooNew, migrate


class CannotStart(Exception):
    """The server cannot start, for a reason that an administrator can mend; one line."""


def open_database(settings: Settings) -> Database:
    """The database in its newest version; raises CannotStart."""
    make_directories(settings.data)
    try:
        database = Database(settings.database_url or sqlite_url(settings.data))
        migrate(database.engine)
    except DatabaseTooNew as error:
        raise CannotStart(str(error)) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise CannotStart(f"the database cannot be opened: {reason}") from error
    return database


def open_vault(settings: Settings) -> Vault:
    """The vault for stored secrets; raises CannotStart for a key that is none."""
    given = [key.strip() for key in settings.vault_key.split(",") if key.strip()]
    try:
        return Vault(*(given or [key_in(settings.data / "keys" / "vault.key")]))
    except (VaultError, OSError) as error:
        raise CannotStart(f"vault_key: {error}") from error


def open_hasher(settings: Settings) -> Hasher:
    """The hasher of passwords, with the list of breached ones; raises CannotStart for a file that is none."""
    if not settings.breached_passwords:
        return Hasher()
    try:
        return Hasher(breached=BreachedPasswords(Path(settings.breached_passwords)))
    except BadBreachedFile as error:
        raise CannotStart(f"breached_passwords: {error}") from error


def make_directories(data: Path) -> None:
    """The data directory and its rooms; raises CannotStart when it cannot be written."""
    try:
        for name in ("", "files", "keys", "imports"):
            (data / name).mkdir(parents=True, exist_ok=True)
        (data / "keys").chmod(0o700)
        probe = data / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"the data directory {data} cannot be written: {error.strerror}") from error


def lock_directory(settings: Settings) -> IO[str] | None:
    """SQLite serves one process: a second one on the same directory is refused, not half working."""
    if settings.database_url:
        return None
    make_directories(settings.data)
    lock = (settings.data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStart(f"another innkeeper runs on {settings.data}; stop it, or use PostgreSQL") from error
    return lock
