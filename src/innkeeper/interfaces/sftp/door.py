"""What the door needs from the house: a desk that decides about log-ins, a disk, the list of live rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from innkeeper.actions.desk import Admission
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.domain.texts import Translate
from innkeeper.domain.words import FactorKind
from innkeeper.files.live import Live
from innkeeper.files.storage import Storage
from innkeeper.kit.gate import Gate

PASSWORD = "password"
PUBLIC_KEY = "public_key"
SECOND_FACTOR = "second_factor"


def in_english(_: str) -> Translate:
    """The translator of a house that has no other language."""
    return str


# Each desk has its own kind of attempt, and gets back what its `begin` returned.
OwnAttempt = Any


class Attempt(Protocol):
    """One try to log in, under one name."""

    @property
    def methods(self) -> frozenset[str]:
        """The proofs offered at first; the same for every name, known or not."""
        ...

    @property
    def username(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def shown(self) -> frozenset[Proof]: ...
    @property
    def kinds(self) -> frozenset[FactorKind]:
        """The second factors that the user has; as the rest, not to be told before the first proof."""
        ...

    @property
    def email_code(self) -> str | None:
        """Set when a code was mailed for this attempt."""
        ...

    @property
    def owes_new_password(self) -> bool:
        """All is shown, and the password must be changed."""
        ...

    @property
    def password_days_left(self) -> int | None:
        """Set when the password expires soon."""
        ...

    @property
    def refused_because(self) -> WhyNot | None:
        """Why `finish` said no."""
        ...


class LoginDesk(Protocol):
    """Decides about log-ins. Takes as long for a name that does not exist as for one that does."""

    async def begin(self, username: str, *, interface: str, address: str, client: str) -> Attempt:
        """Open an attempt; looks the same for every name."""
        ...

    async def prove_password(self, attempt: OwnAttempt, password: str) -> bool:
        """Check the password, and note it as proved if it is right. Raises TooBusy."""
        ...

    async def prove_key(self, attempt: OwnAttempt, fingerprint: str) -> bool:
        """Note the key as proved; called only after its signature was verified."""
        ...

    def knows_key(self, attempt: OwnAttempt, fingerprint: str) -> bool:
        """Would this key count? Asked before any signature was verified, so nothing is noted."""
        ...

    async def prove_code(self, attempt: OwnAttempt, code: str) -> bool:
        """Check a second factor that was typed, and note it as proved if it is right."""
        ...

    async def send_code(self, attempt: OwnAttempt) -> None:
        """Mail a code to the attempt's user. Raises TooManyAttempts."""
        ...

    async def renew_password(self, attempt: OwnAttempt, text: str) -> None:
        """Change a password that is due. Raises Invalid or TooBusy."""
        ...

    def owed(self, attempt: OwnAttempt) -> frozenset[str]:
        """The proofs still missing; empty when the attempt may finish."""
        ...

    async def finish(self, attempt: OwnAttempt, *, cipher: str = "") -> Admission | None:
        """Let the user in, or not: state, interface, address, lock-out. Records the outcome itself."""
        ...

    async def fail(self, attempt: OwnAttempt) -> None:
        """Record a wrong proof."""
        ...

    async def leave(self, connection_id: str, *, reason: str, bytes_in: int, bytes_out: int) -> None:
        """Record that the connection is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The parts of the house that the door opens to, and how it speaks to people.

    `home` is where browsers reach the console, empty where nobody said; `translator` knows the words of a
    language.
    """

    desk: LoginDesk
    root: Storage
    live: Live
    gate: Gate
    home: str = ""
    translator: Callable[[str], Translate] = in_english


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """Where the door listens and how patient it is; times in seconds. Port 0 takes any free one.

    `step_timeout` is for those who have shown one right proof, and look for a code or a new password.
    """

    host: str = "127.0.0.1"
    port: int = 2022
    keys: Path = Path("innkeeper-data/keys")
    login_timeout: float = 60
    step_timeout: float = 300
    most_tries: int = 6
    keepalive: float = 30
