"""Signing in at a door: begin, prove, finish, and the connection that comes of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from innkeeper.actions import access, connections, logins, password_at_login, passwords
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.api_keys import PREFIX
from innkeeper.actions.attempts import Attempt
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.front_desk import SLACK, FrontDesk, caller_of
from innkeeper.domain.access import ALL, Ability, Access
from innkeeper.domain.logins import INTERFACE_PROOFS, Proof, WhyNot
from innkeeper.domain.scopes import abilities_with
from innkeeper.domain.sessions import Connection
from innkeeper.domain.users import User
from innkeeper.domain.words import ConnectionId
from innkeeper.files.reports import Report


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
    lease_until: datetime
    access: Access = field(repr=False)
    report: Report = field(repr=False)
    is_registered: Callable[[str], bool] = field(repr=False)
    interface: str = "sftp"
    most: Ability = ALL


class Desk(FrontDesk):
    """The front desk of the doors. `node` names this process in the list of connections."""

    def __init__(self, calls: Calls, node: str, activity: Activity, known_paths: KnownPaths) -> None:
        super().__init__(calls)
        self.node = node
        self._activity = activity
        self._known_paths = known_paths

    async def begin(self, username: str, *, interface: str, address: str, client: str) -> Attempt:
        """An attempt that looks the same for unknown names."""
        return await self._calls.read(Caller(interface, address, client), logins.begin, username)

    def knows_key(self, attempt: Attempt, fingerprint: str) -> bool:
        """True if the user has this key; proves nothing, for doors that ask before they verify."""
        is_known = fingerprint in attempt.keys
        if not is_known:
            attempt.blame(WhyNot.WRONG_KEY)
        return is_known

    async def prove_key(self, attempt: Attempt, fingerprint: str) -> bool:
        """Note a key whose signature the door has verified."""
        key_id = attempt.keys.get(fingerprint)
        if key_id is None:
            attempt.blame(WhyNot.WRONG_KEY)
            return False
        attempt.key_id = key_id
        return attempt.show(Proof.PUBLIC_KEY, Proof.PUBLIC_KEY.value)

    async def prove_password(self, attempt: Attempt, password: str) -> bool:
        """Check a password, or an API key in its place, which is told by how it begins. Raises TooBusy."""
        if not password.startswith(PREFIX) or Proof.API_KEY not in INTERFACE_PROOFS[attempt.interface]:
            return await super().prove_password(attempt, password)
        attempt.refusable_at = time.monotonic() + self._calls.hasher.wrong_takes * SLACK
        key = await self._calls.write(caller_of(attempt), logins.use_api_key, attempt, password)
        if key is None or not attempt.leads_on(Proof.API_KEY):
            attempt.blame(WhyNot.WRONG_KEY)
            return False
        attempt.key_id, attempt.most = key.id, abilities_with(key)
        return attempt.show(Proof.API_KEY, Proof.API_KEY.value)

    async def renew_password(self, attempt: Attempt, text: str) -> None:
        """Change a password that is due, all else being shown. Raises Invalid or TooBusy.

        Where the user may not be in after all nothing happens, and `finish` says no.
        """
        caller, hasher = caller_of(attempt), self._calls.hasher
        against = await self._calls.read(caller, password_at_login.background, attempt)
        password = await hasher.run(passwords.weigh, text, against, hasher.breached)
        renewed = await self._calls.write(caller, password_at_login.change, attempt, password)
        if renewed is not None:
            attempt.password_hash = renewed
            attempt.must_change_password = False

    async def finish(self, attempt: Attempt, *, cipher: str = "") -> Admission | None:
        """Open a session and its connection at a door; None when refused."""
        admitted = await self._calls.write(caller_of(attempt), _admit, attempt, self.node, cipher)
        if admitted is None:
            await self.hold_back(attempt)
            return None
        return self.admission(*admitted, most=attempt.most)

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

    def admission(
        self, user: User, connection: Connection, granted: Access, *, most: Ability = ALL
    ) -> Admission:
        """What a room of this connection needs."""
        address, interface = connection.address, connection.interface
        return Admission(
            connection_id=connection.id,
            session_id=connection.session_id,
            user_id=user.id,
            username=user.username,
            address=address,
            user_root=user.user_root,
            user_home=user.user_home,
            deadline=user.deadline(),
            lease_until=connection.lease_until,
            access=granted,
            report=self._activity.reporter(user.id, user.username, interface, address),
            is_registered=self._known_paths.reach_into,
            interface=interface,
            most=most,
        )


def _admit(call: Call, attempt: Attempt, node: str, cipher: str) -> tuple[User, Connection, Access] | None:
    signed_in = logins.finish(call, attempt)
    if signed_in is None:
        return None
    connection = connections.open_link(call, signed_in.session, node, cipher=cipher)
    return signed_in.user, connection, access.of_user(call.unit, signed_in.user, signed_in.belongs)
