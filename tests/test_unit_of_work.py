"""The nets under every change: a permit, an event, and one commit for both."""

import asyncio
from typing import cast

import pytest
from sqlalchemy import select

from innkeeper.actions import groups, users
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.actors import system
from innkeeper.domain.errors import Duplicate
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Permit, Right
from innkeeper.kit.vault import VaultError
from innkeeper.store import settings, tables
from innkeeper.store.database import Database
from innkeeper.store.unit import MissingEventError, MissingPermitError, Unit
from tests.conftest import SYSTEM

PERMIT = Permit(Right.SETTINGS_EDIT, system("test"))


def stored(database: Database) -> list[object]:
    query = select(tables.settings.c.name)
    return database.read_now(lambda unit: [row.name for row in unit.rows(query)])


def test_a_change_without_an_event_is_rolled_back(database: Database) -> None:
    def change(unit: Unit) -> None:
        settings.save(unit, PERMIT, {"site_name": "X"})

    with pytest.raises(MissingEventError):
        database.write_now(change)

    assert stored(database) == []


def test_a_change_without_a_permit_is_refused(database: Database) -> None:
    def change(unit: Unit) -> None:
        settings.save(unit, cast("Permit", None), {"site_name": "X"})

    with pytest.raises(MissingPermitError):
        database.write_now(change)


def test_a_call_without_a_vault_keeps_no_secret(calls: Calls) -> None:
    def keep(call: Call) -> str:
        return call.seal("a secret")

    with pytest.raises(VaultError):
        Calls(calls.database, calls.hasher).write_now(SYSTEM, keep)


async def test_a_refusal_does_not_touch_its_neighbours(calls: Calls) -> None:
    names = ("one", "ONE", "two", "three")

    made = (calls.write(SYSTEM, users.create, {"username": name}) for name in names)
    outcomes = await asyncio.gather(*made, return_exceptions=True)

    assert sum(isinstance(outcome, Duplicate) for outcome in outcomes) == 1
    assert len(calls.read_now(SYSTEM, users.page, UserQuery()).items) == 3


def test_a_failure_in_the_middle_leaves_nothing(calls: Calls) -> None:
    def both(call: Call) -> None:
        groups.create(call, {"name": "Half"})
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        calls.write_now(SYSTEM, both)

    assert calls.read_now(SYSTEM, groups.page).items == []
