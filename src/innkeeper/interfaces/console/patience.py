"""The console's patience with wrong proofs: each try goes through the gate that all doors share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from innkeeper.actions.attempts import Attempt
from innkeeper.domain.errors import TooManyAttempts, Unauthenticated
from innkeeper.domain.fields import username_key
from innkeeper.interfaces.console.visits import Visit
from innkeeper.kit.gate import TurnedAway
from innkeeper.kit.passwords import TooBusy

T = TypeVar("T")
Tried = Attempt | None


async def at_gate(visit: Visit, name: str, prove: Callable[[], Awaitable[T | None]]) -> T:
    """What the proof gives; a wrong one is answered late. Raises Unauthenticated or TooManyAttempts."""
    gate, address = visit.console.gate, visit.caller.address
    try:
        ticket = gate.enter(address)
    except TurnedAway as error:
        raise TooManyAttempts("too many attempts from this address; wait a few minutes") from error
    try:
        proved = await prove()
        if proved is None:
            await hold_back(visit, name)
            raise Unauthenticated
        return proved
    except TooBusy as error:
        raise TooManyAttempts("the server is busy checking passwords; try again in a moment") from error
    finally:
        gate.leave(ticket)


async def hold_back(visit: Visit, name: str) -> None:
    """Count a refusal, and wait as after any: a right password that leads nowhere is one more guess."""
    await asyncio.sleep(visit.console.gate.failed(visit.caller.address, username_key(name)))
