"""How interfaces reach actions: `await calls.write(caller, users.suspend, user_id, reason=…)`.

The credential is looked up in the same thread and moment as the action runs, so that one request costs one
hop, and nobody acts on a right that has just been taken away.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from innkeeper.actions.actors import Caller, identify, is_use_due, note_use
from innkeeper.actions.call import Call
from innkeeper.actions.passwords import Background, background_of, weigh
from innkeeper.domain.actors import Actor
from innkeeper.domain.passwords import ABOUT, words_of
from innkeeper.domain.words import UserId
from innkeeper.kit.passwords import Hasher, Password, is_fit
from innkeeper.kit.vault import Vault
from innkeeper.store.database import Database
from innkeeper.store.unit import Unit

P = ParamSpec("P")
T = TypeVar("T")
Action = Callable[Concatenate[Call, P], T]


class Calls:
    """The way in for every interface, job and subscriber. Without a vault no secret can be stored or read."""

    def __init__(self, database: Database, hasher: Hasher | None = None, vault: Vault | None = None) -> None:
        self.database = database
        self.hasher = hasher or Hasher()
        self.vault = vault
        self._notes: set[asyncio.Task[None]] = set()

    async def read(self, caller: Caller, action: Action[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action that only reads."""
        result, actor, is_due = await self.database.read(_run, self.vault, caller, action, *args, **kwargs)
        if is_due:
            note = asyncio.create_task(self.database.write(note_use, actor, caller.interface))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)
        return result

    async def write(self, caller: Caller, action: Action[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action; the answer comes after its commit."""
        return await self.database.write(_run_and_note, self.vault, caller, action, *args, **kwargs)

    def read_now(self, caller: Caller, action: Action[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for a thread that may wait."""
        return self.database.read_now(_run, self.vault, caller, action, *args, **kwargs)[0]

    def write_now(self, caller: Caller, action: Action[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for a thread that may wait."""
        return self.database.write_now(_run_and_note, self.vault, caller, action, *args, **kwargs)

    async def hashed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a new user, a plain `password` hashed and weighed outside the database's threads."""
        text = values.get("password")
        if not isinstance(text, str) or not is_fit(text):
            return dict(values)
        against = Background(words_of(*(str(values.get(name) or "") for name in ABOUT)))
        return {**values, "password": await self.weigh(text, against)}

    async def hashed_for(self, caller: Caller, user_id: UserId, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same for values of a user who is there; raises NotFound."""
        text = values.get("password")
        if not isinstance(text, str) or not is_fit(text):
            return dict(values)
        return {**values, "password": await self.new_password(caller, user_id, text)}

    async def new_password(self, caller: Caller, user_id: UserId, text: str) -> Password:
        """A new password for a user, hashed and weighed; raises NotFound, Unauthenticated or TooBusy."""
        return await self.weigh(text, await self.read(caller, background_of, user_id))

    async def weigh(self, text: str, against: Background) -> Password:
        """A new password, hashed and weighed outside the database's threads; raises TooBusy."""
        return await self.hasher.run(weigh, text, against, self.hasher.breached)


def _run(
    unit: Unit, vault: Vault | None, caller: Caller, action: Callable[..., T], /, *args: Any, **kwargs: Any
) -> tuple[T, Actor, bool]:
    actor = identify(unit, caller)
    is_due = is_use_due(unit, actor)
    call = Call(unit, actor, caller.interface, caller.address, caller.client, vault)
    return action(call, *args, **kwargs), actor, is_due


def _run_and_note(
    unit: Unit, vault: Vault | None, caller: Caller, action: Callable[..., T], /, *args: Any, **kwargs: Any
) -> T:
    result, actor, is_due = _run(unit, vault, caller, action, *args, **kwargs)
    if is_due:
        note_use(unit, actor, caller.interface)
    return result
