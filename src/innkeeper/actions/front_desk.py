"""What every door and the console share of signing in: a password, a code, and what follows a wrong one."""

import asyncio
import time

from innkeeper.actions import logins, second_steps
from innkeeper.actions.actors import Caller
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.calls import Calls
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.kit.passwords import is_outdated

# The part of a wrong password's time that is left for noting it.
SLACK = 1.1


class FrontDesk:
    """The asynchronous side of an attempt. Hashes are computed outside the database's threads."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def prove_password(self, attempt: Attempt, password: str) -> bool:
        """Check a password; takes as long for unknown names. Raises TooBusy.

        Where a key is owed before it, any password is refused, and what failed is the key.
        """
        attempt.refusable_at = time.monotonic() + self._calls.hasher.wrong_takes * SLACK
        is_right = await self._calls.hasher.verify(attempt.password_hash, password)
        reason = await self._against(attempt, is_right=is_right)
        if reason is not None:
            attempt.blame(reason)
            return False
        if attempt.password_hash is not None and is_outdated(attempt.password_hash):
            better = await self._calls.hasher.make(password)
            await self._calls.write(caller_of(attempt), logins.upgrade_hash, attempt, better.hash)
        return attempt.show(Proof.PASSWORD, Proof.PASSWORD.value)

    async def prove_code(self, attempt: Attempt, code: str) -> bool:
        """Check a second factor that is typed; a right one is used up."""
        kind = await self._calls.write(caller_of(attempt), second_steps.check_code, attempt, code)
        if kind is None:
            attempt.blame(WhyNot.WRONG_CODE)
            return False
        return attempt.show(Proof.SECOND_FACTOR, kind)

    async def send_code(self, attempt: Attempt) -> None:
        """Mail a code to the attempt's user. Raises TooManyAttempts."""
        attempt.email_code = await self._calls.write(caller_of(attempt), second_steps.send_code, attempt)

    def owed(self, attempt: Attempt) -> frozenset[str]:
        """The proofs still missing; empty when `finish` may be tried."""
        return frozenset(proof.value for proof in attempt.owed() or frozenset())

    async def fail(self, attempt: Attempt) -> None:
        """Log a failed proof. Takes as long as a wrong password, whatever it was."""
        reason = attempt.failure or WhyNot.WRONG_PASSWORD
        await self._calls.write(caller_of(attempt), logins.fail, attempt, reason)
        await self.hold_back(attempt)

    async def hold_back(self, attempt: Attempt) -> None:
        """Wait until a refusal may be answered: with a right password as late as with a wrong one."""
        await asyncio.sleep(attempt.refusable_at - time.monotonic())

    async def _against(self, attempt: Attempt, *, is_right: bool) -> WhyNot | None:
        if attempt.needs_key_first:
            return WhyNot.WRONG_KEY
        if not is_right or not attempt.leads_on(Proof.PASSWORD):
            return WhyNot.WRONG_PASSWORD
        if attempt.kinds or attempt.must_change_password:
            return await self._calls.read(caller_of(attempt), logins.bar_to, attempt)
        return None


def caller_of(attempt: Attempt) -> Caller:
    """Whoever tries, as a caller: nobody yet."""
    return Caller(attempt.interface, attempt.address, attempt.client)
