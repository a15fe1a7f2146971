"""What every door and the console share of signing in: a password, a code, and what follows a wrong one."""

from innkeeper.actions import logins, second_steps
from innkeeper.actions.actors import Caller
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.calls import Calls
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.kit.passwords import is_outdated


class FrontDesk:
    """The asynchronous side of an attempt. Hashes are computed outside the database's threads."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def prove_password(self, attempt: Attempt, password: str) -> bool:
        """Check a password; takes as long for unknown names. Raises TooBusy.

        Where a key is owed before it, any password is refused, and what failed is the key.
        """
        is_right = await self._calls.hasher.verify(attempt.password_hash, password)
        if attempt.needs_key_first:
            attempt.blame(WhyNot.WRONG_KEY)
            return False
        if not is_right:
            attempt.blame(WhyNot.WRONG_PASSWORD)
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
        """Log a failed proof."""
        reason = attempt.failure or WhyNot.WRONG_PASSWORD
        await self._calls.write(caller_of(attempt), logins.fail, attempt, reason)


def caller_of(attempt: Attempt) -> Caller:
    """Whoever tries, as a caller: nobody yet."""
    return Caller(attempt.interface, attempt.address, attempt.client)
