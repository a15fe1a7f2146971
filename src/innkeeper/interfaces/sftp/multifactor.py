"""Several proofs in one SSH log-in, by real partial success (RFC 4252, section 5.1).

asyncssh ends authentication at the first proof that holds. Every method reaches `send_userauth_success` only
after its proof was verified, so that is the one place to ask whether more is owed. The methods that a failure
message offers are computed by asyncssh from the `*_supported` answers of the visitor, so they are right.
"""

from enum import Enum, auto
from typing import Protocol

import asyncssh
from asyncssh.packet import SSHPacket

from innkeeper.interfaces.sftp.passwords import spelled
from innkeeper.interfaces.sftp.transport import LeanConnection


class Verdict(Enum):
    """What one verified proof leads to."""

    IN = auto()
    MORE_IS_OWED = auto()
    NO = auto()


class Judge(Protocol):
    """Who decides about the proofs of one connection."""

    async def weigh(self, method: str) -> Verdict:
        """A proof of this method was verified."""
        ...

    def may_try_again(self) -> bool:
        """Count a failure; False when it was one too many."""
        ...


class Connection(LeanConnection):
    """A connection that asks its judge, who is set as soon as it is made, before it believes in success."""

    judge: Judge

    async def reload_config(self) -> None:
        """Do nothing: no setting depends on the user name, and asyncssh would read all of them again."""

    async def _finish_userauth(self, begin_auth: bool, method: bytes, packet: SSHPacket) -> None:  # noqa: FBT001 - the shape is asyncssh's
        rest = spelled(packet) if method == b"password" else packet
        await super()._finish_userauth(begin_auth, method, rest)

    def be_patient(self, seconds: float) -> None:
        """Let so much time pass, from now, before a log-in that is not done ends."""
        self._cancel_login_timer()
        self._login_timer = self._loop.call_later(seconds, self._login_timer_callback)

    async def send_userauth_success(self) -> None:
        method = getattr(self.auth, "_method", b"none").decode("ascii")
        verdict = await self.judge.weigh(method)
        if verdict is Verdict.IN:
            await super().send_userauth_success()
        elif verdict is Verdict.MORE_IS_OWED:
            super().send_userauth_failure(partial_success=True)
        else:
            self.send_userauth_failure(partial_success=False)

    def send_userauth_failure(self, partial_success: bool) -> None:  # noqa: FBT001 - the shape is asyncssh's
        if self.judge.may_try_again():
            super().send_userauth_failure(partial_success)
        else:
            code = asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE
            self.disconnect(code, "Too many authentication failures")
