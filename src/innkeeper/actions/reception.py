"""The reception of doors whose clients have one field for all they can show: user name and password, once."""

import asyncio
from dataclasses import dataclass

from innkeeper.actions.attempts import Attempt
from innkeeper.actions.desk import Admission, Desk
from innkeeper.actions.rooms import close_room, open_room
from innkeeper.domain.fields import username_key
from innkeeper.domain.logins import Proof
from innkeeper.domain.words import FactorKind
from innkeeper.files.live import Live
from innkeeper.files.room import Room
from innkeeper.files.storage import Storage
from innkeeper.kit.gate import Gate

CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who knocks: by which door, from where, with what program, over which cipher."""

    interface: str
    address: str
    client: str = ""
    cipher: str = ""


class Reception:
    """Lets people in by a user name and a secret, and notes when they leave."""

    def __init__(self, desk: Desk, gate: Gate, root: Storage, live: Live) -> None:
        self.gate = gate
        self._desk = desk
        self._root = root
        self._live = live

    async def sign_in(self, who: Newcomer, username: str, secret: str) -> Room | None:
        """A room, or None, late, whatever was wrong. Raises TooBusy.

        The secret is the password, followed by a code without a space where the user has an app that makes
        them; or an API key.
        """
        admission = await self._admit(who, username, secret)
        if admission is None:
            await asyncio.sleep(self.gate.failed(who.address, username_key(username)))
            return None
        self.gate.succeeded(who.address, username_key(username))
        return open_room(admission, self._root, self._live)

    async def leave(self, room: Room) -> None:
        """The connection is gone."""
        reason = room.ended or "disconnected"
        self._live.remove(room)
        await close_room(room)
        await self._desk.leave(
            room.connection_id,
            reason=reason,
            bytes_in=room.bytes_in,
            bytes_out=room.bytes_out,
        )

    async def _admit(self, who: Newcomer, username: str, secret: str) -> Admission | None:
        attempt = await self._desk.begin(
            username, interface=who.interface, address=who.address, client=who.client
        )
        password, code = _parts(attempt, secret)
        if not await self._desk.prove_password(attempt, password):
            await self._desk.fail(attempt)
            return None
        if code and not await self._desk.prove_code(attempt, code):
            await self._desk.fail(attempt)
            return None
        return await self._desk.finish(attempt, cipher=who.cipher)


def _parts(attempt: Attempt, secret: str) -> tuple[str, str]:
    """The password and the code behind it, for a user whose password alone is not enough."""
    is_owed = all(Proof.SECOND_FACTOR in way for way in attempt.ways if Proof.PASSWORD in way)
    code = secret[-CODE_DIGITS:]
    has_code = is_owed and FactorKind.TOTP in attempt.kinds and code.isascii() and code.isdigit()
    return (secret[:-CODE_DIGITS], code) if has_code else (secret, "")
