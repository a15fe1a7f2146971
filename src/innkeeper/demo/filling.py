"""Fills an empty site with the demo: plans the three months, plays them, and puts the files on the disk."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from innkeeper.actions import setup
from innkeeper.actions.calls import Calls
from innkeeper.demo import importing, office, opening, strangers, visits
from innkeeper.demo.stage import DEMO, DemoClock, Stage, play
from innkeeper.domain.errors import NotNow
from innkeeper.kit.ids import new_secret
from innkeeper.kit.passwords import Password, make_password
from innkeeper.kit.vault import Vault
from innkeeper.store.database import Database
from innkeeper.store.migrations import migrate

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """Who may sign in on the demo site. The passwords are nowhere else."""

    administrator: str
    administrator_password: str = field(repr=False)
    user: str
    user_password: str = field(repr=False)


def fill(database_url: str, data_directory: Path, now: datetime, vault: Vault) -> DemoAccounts:
    """Fill the site, whose secrets are sealed in this vault; raises NotNow if it has users."""
    clock = DemoClock(now)
    database = Database(database_url, clock=clock)
    calls = Calls(database, vault=vault)
    try:
        migrate(database.engine)
        if not calls.read_now(DEMO, setup.is_due):
            raise NotNow("this site has users already; the demo needs an empty one")
        return _fill(calls, clock, data_directory, now)
    finally:
        calls.hasher.close()
        database.close()


def _fill(calls: Calls, clock: DemoClock, data_directory: Path, now: datetime) -> DemoAccounts:
    accounts = DemoAccounts("ada", _new_password(), "bob", _new_password())
    stage = Stage(now, _passwords(accounts))
    opening.plan(stage)
    importing.plan(stage)
    office.plan(stage)
    strangers.plan(stage)
    visits.plan(stage, office.GONE)
    play(calls, clock, stage)
    stage.shelf.write(data_directory / "files")
    return accounts


def _passwords(accounts: DemoAccounts) -> dict[str, Password]:
    """One hash for everybody but the two who can sign in: of a secret that is thrown away."""
    nobody = make_password(new_secret())
    return {
        "": Password(None, nobody.hash),
        accounts.administrator: make_password(accounts.administrator_password),
        accounts.user: make_password(accounts.user_password),
    }


def _new_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
