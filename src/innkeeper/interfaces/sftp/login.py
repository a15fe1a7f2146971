"""The talk between one connection and the log-in desk, with the patience of the gate."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import asyncssh

from innkeeper.interfaces.sftp.door import Admission, Attempt, House
from innkeeper.interfaces.sftp.multifactor import Verdict
from innkeeper.kit.passwords import TooBusy

Run = Callable[[Coroutine[Any, Any, None]], None]

_INTERFACE = "sftp"


class Login:
    """The proofs of one connection. `run` finishes a task even when the connection is gone."""

    def __init__(self, house: House, *, address: str, most_tries: int, run: Run) -> None:
        self.admission: Admission | None = None
        self.offered: frozenset[str] = frozenset()
        self._house = house
        self._address = address
        self._run = run
        # The first failure answers the question which methods there are, so it is no try.
        self._tries_left = most_tries
        self._username = ""
        self._client = ""
        self._attempt: Attempt | None = None
        self._fingerprint = ""
        self._has_failed = False
        self._had_key_refused = False

    async def begin(self, username: str, client: str) -> None:
        """A name is given, or another one than before."""
        self._username, self._client = username, client
        self._attempt = await self._house.desk.begin(
            username, interface=_INTERFACE, address=self._address, client=client
        )
        self.offered = self._attempt.methods

    def knows_key(self, fingerprint: str) -> bool:
        """Would this key count? It is not proved yet."""
        self._fingerprint = fingerprint
        is_known = self._house.desk.knows_key(self._current, fingerprint)
        self._had_key_refused |= not is_known
        return is_known

    async def prove_password(self, password: str) -> bool:
        """Is this the password?"""
        try:
            is_right = await self._house.desk.prove_password(self._current, password)
        except TooBusy as error:
            raise asyncssh.ServiceNotAvailable("too many log-ins at once, try again in a moment") from error
        if not is_right:
            await self._refuse()
        return is_right

    async def weigh(self, method: str) -> Verdict:
        """A proof of this method holds; is it enough?"""
        desk = self._house.desk
        if method == "publickey" and not await desk.prove_key(self._current, self._fingerprint):
            await self._refuse()
            return Verdict.NO
        owed = desk.owed(self._current)
        if owed:
            self.offered = owed
            return Verdict.MORE_IS_OWED
        return await self._finish()

    def may_try_again(self) -> bool:
        """Count a failure; False when it was one too many."""
        self._tries_left -= 1
        return self._tries_left >= 0

    def settle(self) -> None:
        """The connection is gone without a log-in: note it, unless its failures are noted already."""
        if self._has_failed:
            return
        if self._had_key_refused:
            self._house.gate.failed(self._address, self._username)
            self._run(self._house.desk.fail(self._current))
        else:
            self._house.gate.wasted(self._address)

    @property
    def _current(self) -> Attempt:
        if self._attempt is None:
            raise RuntimeError("a proof came before a name")
        return self._attempt

    async def _refuse(self) -> None:
        await self._house.desk.fail(self._current)
        await self._hold_back()

    async def _hold_back(self) -> None:
        self._has_failed = True
        await asyncio.sleep(self._house.gate.failed(self._address, self._username))

    async def _finish(self) -> Verdict:
        self.admission = await self._admitted()
        if self.admission is None:
            await self._hold_back()
            await self.begin(self._username, self._client)
            return Verdict.NO
        self._house.gate.succeeded(self._address, self._username)
        return Verdict.IN

    async def _admitted(self) -> Admission | None:
        """If the client goes away in the middle, the log-in may be recorded already, and has to be undone."""
        finishing = asyncio.ensure_future(self._house.desk.finish(self._current))
        try:
            return await asyncio.shield(finishing)
        except asyncio.CancelledError:
            self._run(self._undo(finishing))
            raise

    async def _undo(self, finishing: "asyncio.Future[Admission | None]") -> None:
        admission = await finishing
        if admission is not None:
            reason = "gone before the answer"
            await self._house.desk.leave(admission.connection_id, reason=reason, bytes_in=0, bytes_out=0)
