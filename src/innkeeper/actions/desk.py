"""The front desk: the one asynchronous sign-in that every door and the console use."""

from dataclasses import dataclass, field
from datetime import datetime

from innkeeper.actions import connections, logins
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.logins import Attempt, SignedIn
from innkeeper.domain.access import Access
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.domain.words import ConnectionId


@dataclass(frozen=True, slots=True)
class Admission:
    """Someone has been let in at a door: what the door needs to open a room for them."""

    connection_id: str
    session_id: str
    user_id: str
    username: str
    address: str
    user_root: str
    user_home: str
    deadline: datetime | None
    access: Access = field(repr=False)


class Desk:
    """Begin, prove, finish. `node` names this process in the list of connections."""

    def __init__(self, calls: Calls, node: str) -> None:
        self._calls = calls
        self._node = node

    async def begin(self, username: str, *, interface: str, address: str, client: str) -> Attempt:
        """An attempt that looks the same for unknown names."""
        return await self._calls.read(Caller(interface, address, client), logins.begin, username)

    async def prove_password(self, attempt: Attempt, password: str) -> bool:
        """Check a password; takes as long for unknown names. Raises TooBusy."""
        if not await self._calls.hasher.verify(attempt.password_hash, password):
            attempt.failure = attempt.failure or WhyNot.WRONG_PASSWORD
            return False
        return self._prove(attempt, Proof.PASSWORD)

    def knows_key(self, attempt: Attempt, fingerprint: str) -> bool:
        """True if the user has this key; records nothing, for doors that ask before they verify."""
        return fingerprint in attempt.keys

    async def prove_key(self, attempt: Attempt, fingerprint: str) -> bool:
        """Note a key whose signature the door has verified."""
        key_id = attempt.keys.get(fingerprint)
        if key_id is None:
            attempt.failure = attempt.failure or WhyNot.WRONG_KEY
            return False
        attempt.key_id = key_id
        return self._prove(attempt, Proof.PUBLIC_KEY)

    def owed(self, attempt: Attempt) -> frozenset[str]:
        """The proofs still missing; empty when `finish` may be tried."""
        return frozenset(proof.value for proof in attempt.owed() or frozenset())

    async def sign_in(self, attempt: Attempt) -> SignedIn | None:
        """Open a session without a connection (the console); None when refused."""
        return await self._calls.write(_caller(attempt), logins.finish, attempt)

    async def finish(self, attempt: Attempt) -> Admission | None:
        """Open a session and its connection at a door; None when refused."""
        return await self._calls.write(_caller(attempt), _admit, attempt, self._node)

    async def fail(self, attempt: Attempt) -> None:
        """Log a failed proof."""
        reason = attempt.failure or WhyNot.WRONG_PASSWORD
        await self._calls.write(_caller(attempt), logins.fail, attempt, reason)

    async def leave(self, connection_id: str, *, reason: str, bytes_in: int, bytes_out: int) -> None:
        """Record that a connection is over."""
        await self._calls.write(
            Caller("system", system_name="doors"),
            connections.close,
            ConnectionId(connection_id),
            reason=reason,
            bytes_in=bytes_in,
            bytes_out=bytes_out,
        )

    def _prove(self, attempt: Attempt, proof: Proof) -> bool:
        """Keep the proof if it leads somewhere: not every method takes every proof."""
        shown = attempt.shown | {proof}
        if not any(shown <= way for way in attempt.ways):
            return False
        attempt.shown = shown
        return True


def _caller(attempt: Attempt) -> Caller:
    return Caller(attempt.interface, attempt.address, attempt.client)


def _admit(call: Call, attempt: Attempt, node: str) -> Admission | None:
    signed_in = logins.finish(call, attempt)
    if signed_in is None:
        return None
    connection, standing = connections.open_link(call, signed_in, node)
    user = signed_in.user
    if standing.access is None:
        raise AssertionError("a connection that was just opened stands well")
    return Admission(
        connection_id=connection.id,
        session_id=connection.session_id,
        user_id=user.id,
        username=user.username,
        address=attempt.address,
        user_root=user.user_root,
        user_home=user.user_home,
        deadline=user.deadline(),
        access=standing.access,
    )
