"""Argon2id, and the few threads in which it runs so that a storm of log-ins cannot become a flood."""

import asyncio
import time
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from innkeeper.kit import imported_hashes
from innkeeper.kit.breached_passwords import BreachedPasswords

P = ParamSpec("P")
T = TypeVar("T")

# OWASP's second recommendation: 19 MiB, two passes, one lane; about 25 ms on one core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
WORKERS = 2
LONGEST_QUEUE = 200
# In characters; no more than 4 KB as UTF-8.
LONGEST_PASSWORD = 1024
# A wrong password is answered after so many seconds. Hashes of other products take up to about as long to
# check, and a name that nobody has must not be told from one whose hash came from there.
WRONG_TAKES = 0.4


class TooBusy(Exception):
    """So many passwords wait to be checked that one more would only make it worse."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How hard a password is to guess, from 0 to 4, for someone who knows these words."""

    strength: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Password:
    """A password on its way in: the text, for the rules, and its hash, for the store.

    The text is None when it was held against the rules before, and only the hash was kept. The hash is empty
    when the text cannot be a password at all. The rest is what was found out outside the database's threads,
    since it takes long: whether the password is on the list of breached ones, which of some hashes are of it,
    and how hard it is to guess.
    """

    text: str | None = field(repr=False)
    hash: str = field(repr=False)
    is_breached: bool = False
    matches: Mapping[str, bool] = field(default_factory=dict, repr=False)
    estimate: Estimate | None = field(default=None, repr=False)


def normalise(text: str) -> str:
    """The same text from every keyboard (OpaqueString, RFC 8265 §4.2): composed, and with plain spaces."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(map(_plain_space, text)))


def is_fit(text: str) -> bool:
    """True when the text can be a password at all: not empty, not too long, no control characters."""
    return 0 < len(text) <= LONGEST_PASSWORD and not has_controls(text)


def has_controls(text: str) -> bool:
    """True for text with control characters, or surrogates, which are no characters."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def make_password(text: str) -> Password:
    """Hash a password with a new salt. Takes some 25 ms of one core."""
    return Password(text, HASHER.hash(normalise(text)) if is_fit(text) else "")


def verify(stored: str, text: str) -> bool:
    """True when the text is the password that was hashed, here or by another product."""
    if not is_fit(text):
        return False
    # Others may have hashed what was typed, just as it came.
    spellings = dict.fromkeys((normalise(text), text))
    check = _verify_argon2 if stored.startswith("$argon2") else _verify_imported
    return any(check(stored, spelling) for spelling in spellings)


def is_imported(stored: str) -> bool:
    """True for a hash of another kind than the ones made here."""
    return not stored.startswith("$argon2id$")


def is_outdated(stored: str) -> bool:
    """True for a hash to be replaced at the next good log-in: of another kind, or with other costs."""
    return is_imported(stored) or HASHER.check_needs_rehash(stored)


def renew(stored: str | None, text: str) -> str | None:
    """The hash to store for this text; None when the stored one is already of it."""
    if stored is not None and verify(stored, text):
        return None
    return make_password(text).hash


def _plain_space(character: str) -> str:
    return " " if unicodedata.category(character) == "Zs" else character


def _verify_argon2(stored: str, text: str) -> bool:
    try:
        return HASHER.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


def _verify_imported(stored: str, text: str) -> bool:
    try:
        return imported_hashes.verify(stored, text.encode())
    except imported_hashes.UnknownHash:
        return False


class Hasher:
    """Runs the slow functions above in a few threads, with a bounded queue."""

    def __init__(
        self,
        *,
        longest_queue: int = LONGEST_QUEUE,
        wrong_takes: float = WRONG_TAKES,
        breached: BreachedPasswords | None = None,
    ) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="passwords")
        self._longest_queue = longest_queue
        self.wrong_takes = wrong_takes
        self._waiting = 0
        self.breached = breached
        self.nobody = HASHER.hash("nobody has this password")

    async def make(self, text: str) -> Password:
        """`make_password` off the event loop; raises TooBusy."""
        return await self.run(make_password, text)

    async def verify(self, stored: str | None, text: str) -> bool:
        """`verify` off the event loop; without a stored hash it takes as long and says no. Raises TooBusy."""
        begun = time.monotonic()
        is_right = await self.run(verify, stored or self.nobody, text) and stored is not None
        if not is_right:
            await asyncio.sleep(begun + self.wrong_takes - time.monotonic())
        return is_right

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a slow function about passwords off the event loop; raises TooBusy."""
        if self._waiting >= self._longest_queue:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, partial(fn, *args, **kwargs)
            )
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads go, and the list of breached passwords."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self.breached is not None:
            self.breached.close()
