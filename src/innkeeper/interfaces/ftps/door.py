"""What the door needs from the house, how patient it is, and the bridge from threads to the event loop."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Protocol

from innkeeper.actions.reception import Newcomer
from innkeeper.files.room import Room
from innkeeper.interfaces.ftps.tls import TlsContext
from innkeeper.kit.gate import Gate, Ticket


class FrontDesk(Protocol):
    """Lets people in by user name and secret; a reception, or one that dawdles."""

    gate: Gate

    async def sign_in(self, who: Newcomer, username: str, secret: str) -> Room | None:
        """A room, or None for every reason not to give one. Raises TooBusy."""
        ...

    async def leave(self, room: Room) -> None:
        """The connection is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """How the door behaves; times in seconds.

    `passive_ports` is empty for any free port; `passive_address` is what clients outside a NAT are told,
    empty for the one that they reached. `transfer_timeout` ends a transfer that has made no progress.
    """

    passive_ports: range = range(0)
    passive_address: str = ""
    allows_plain: bool = False
    login_timeout: float = 60
    idle_timeout: float = 900
    transfer_timeout: float = 300
    passive_timeout: float = 30
    most_tries: int = 5
    most_connections: int = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The parts of the house that the door opens to."""

    reception: FrontDesk
    tls: TlsContext


@dataclass(eq=False, slots=True, kw_only=True)
class Visit:
    """One accepted connection, with what its thread needs; it may be asked from that thread only."""

    house: House
    settings: DoorSettings
    loop: asyncio.AbstractEventLoop
    address: str
    ticket: Ticket
    is_implicit: bool
    ports: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self, who: Newcomer, username: str, secret: str) -> Room | None:
        """Ask the reception, and wait for the answer."""
        asked = self.house.reception.sign_in(who, username, secret)
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result()

    def leave(self, room: Room) -> None:
        """Tell the reception that the connection is gone, and wait until that is recorded."""
        asyncio.run_coroutine_threadsafe(self.house.reception.leave(room), self.loop).result()

    def pass_gate(self, *, has_tried: bool) -> None:
        """The visitor is no stranger any longer, or is gone."""
        gate = self.house.reception.gate
        if self.ticket.is_inside and not has_tried:
            gate.wasted(self.address)
        gate.leave(self.ticket)
