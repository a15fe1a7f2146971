"""A log-in desk that keeps its people in memory, for tests of the SFTP door alone."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from innkeeper.domain.access import Access, GrantLine, compile_access
from innkeeper.domain.words import Level
from innkeeper.files.reports import FileReport, Report
from innkeeper.kit.passwords import TooBusy

METHODS = frozenset({"password", "public_key"})
EVERYWHERE = (GrantLine("/", Level.FULL, recursive=True),)


@dataclass
class Person:
    """Someone the desk knows; `ways` are the sets of proofs of which any one is enough."""

    name: str
    password: str = ""
    fingerprints: frozenset[str] = frozenset()
    code: str = ""
    ways: tuple[frozenset[str], ...] = (frozenset({"password"}), frozenset({"public_key"}))
    is_welcome: bool = True
    lines: tuple[GrantLine, ...] = EVERYWHERE
    fences: tuple[str, ...] = ()
    user_root: str = "/"
    user_home: str = "/"
    deadline: datetime | None = None


@dataclass
class DeskAttempt:
    """One try; `person` is None for a name nobody has."""

    name: str
    address: str
    person: Person | None
    methods: frozenset[str] = METHODS
    proved: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class DeskAdmission:
    """A log-in that succeeded."""

    user_id: str
    session_id: str
    connection_id: str
    address: str
    user_root: str
    user_home: str
    deadline: datetime | None
    lease_until: datetime | None
    access: Access
    report: Report
    is_registered: Callable[[str], bool]


class Desk:
    """Decides by the list of people, and remembers what happened."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.reports: list[FileReport] = []
        self.registered: set[str] = set()
        self.failures: list[str] = []
        self.admitted: list[str] = []
        self.left: list[tuple[str, str, int, int]] = []
        self.clients: list[str] = []
        self.finish_takes = 0.0
        self.is_busy = False
        self._numbers = count(1)

    def add(self, person: Person) -> Person:
        self.people[person.name] = person
        return person

    async def begin(self, username: str, *, interface: str, address: str, client: str) -> DeskAttempt:
        assert interface == "sftp"
        self.clients.append(client)
        return DeskAttempt(username, address, self.people.get(username))

    async def prove_password(self, attempt: DeskAttempt, password: str) -> bool:
        if self.is_busy:
            raise TooBusy
        stored = attempt.person.password if attempt.person else ""
        is_right = hmac.compare_digest(stored.encode(), password.encode()) and bool(stored)
        return self._prove(attempt, "password", is_right=is_right)

    async def prove_key(self, attempt: DeskAttempt, fingerprint: str) -> bool:
        return self._prove(attempt, "public_key", is_right=self.knows_key(attempt, fingerprint))

    async def prove_code(self, attempt: DeskAttempt, code: str) -> bool:
        stored = attempt.person.code if attempt.person else ""
        return self._prove(attempt, "code", is_right=bool(stored) and code == stored)

    def knows_key(self, attempt: DeskAttempt, fingerprint: str) -> bool:
        return attempt.person is not None and fingerprint in attempt.person.fingerprints

    def owed(self, attempt: DeskAttempt) -> frozenset[str]:
        ways = attempt.person.ways if attempt.person else (METHODS,)
        return min((way - attempt.proved for way in ways if attempt.proved <= way), key=len, default=METHODS)

    async def finish(self, attempt: DeskAttempt) -> DeskAdmission | None:
        await asyncio.sleep(self.finish_takes)
        person = attempt.person
        if person is None or not person.is_welcome or self.owed(attempt):
            self.failures.append(attempt.name)
            return None
        self.admitted.append(person.name)
        number = str(next(self._numbers))
        return DeskAdmission(
            user_id=person.name,
            session_id=f"session-{number}",
            connection_id=number,
            address=attempt.address,
            lease_until=None,
            access=compile_access(person.lines, person.fences, now=datetime.now(UTC)),
            report=self.reports.append,
            is_registered=lambda path: any((known + "/").startswith(path + "/") for known in self.registered),
            user_root=person.user_root,
            user_home=person.user_home,
            deadline=person.deadline,
        )

    async def fail(self, attempt: DeskAttempt) -> None:
        self.failures.append(attempt.name)

    async def leave(self, connection_id: str, *, reason: str, bytes_in: int, bytes_out: int) -> None:
        self.left.append((connection_id, reason, bytes_in, bytes_out))

    def _prove(self, attempt: DeskAttempt, proof: str, *, is_right: bool) -> bool:
        if is_right:
            attempt.proved.add(proof)
        return is_right
