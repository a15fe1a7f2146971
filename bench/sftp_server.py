"""The SFTP door alone, in a process of its own, for measuring: one user, one key, everything allowed."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncssh
import uvloop

from innkeeper.domain.access import Access, everything
from innkeeper.files.live import Live
from innkeeper.files.reports import FileReport, Report
from innkeeper.files.root import Root
from innkeeper.interfaces.sftp import DoorSettings, House, start
from innkeeper.kit.gate import Gate, Limits


@dataclass
class OpenAttempt:
    """Only the key counts."""

    methods: frozenset[str] = frozenset({"public_key"})
    is_proved: bool = False


@dataclass(frozen=True)
class OpenAdmission:
    """Everything is allowed, nothing is recorded."""

    connection_id: str
    access: Access
    report: Report
    is_registered: Callable[[str], bool]
    user_id: str = "bench"
    session_id: str = "bench"
    address: str = "127.0.0.1"
    user_root: str = "/"
    user_home: str = "/"
    deadline: datetime | None = None
    lease_until: datetime | None = None


class OpenDesk:
    """Lets in whoever has the key."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._access = everything()
        self._count = 0

    async def begin(self, username: str, *, interface: str, address: str, client: str) -> OpenAttempt:
        return OpenAttempt()

    async def prove_password(self, attempt: OpenAttempt, password: str) -> bool:
        return False

    async def prove_code(self, attempt: OpenAttempt, code: str) -> bool:
        return False

    async def prove_key(self, attempt: OpenAttempt, fingerprint: str) -> bool:
        attempt.is_proved = self.knows_key(attempt, fingerprint)
        return attempt.is_proved

    def knows_key(self, attempt: OpenAttempt, fingerprint: str) -> bool:
        return fingerprint == self._fingerprint

    def owed(self, attempt: OpenAttempt) -> frozenset[str]:
        return frozenset() if attempt.is_proved else attempt.methods

    async def finish(self, attempt: OpenAttempt) -> OpenAdmission:
        self._count += 1
        return OpenAdmission(str(self._count), self._access, _nothing, lambda _: False)

    async def fail(self, attempt: OpenAttempt) -> None:
        return None

    async def leave(self, connection_id: str, *, reason: str, bytes_in: int, bytes_out: int) -> None:
        return None


def _nothing(report: FileReport) -> None:
    """Keep no history."""


async def serve(files: Path, keys: Path) -> None:
    """Print the port, then serve until killed."""
    desk = OpenDesk(asyncssh.read_private_key(keys / "client").get_fingerprint())
    house = House(desk=desk, root=Root(files), live=Live(), gate=Gate(Limits(burst=1e6)))
    server = await start(house, DoorSettings(port=0, keys=keys))
    print(server.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))
