"""Argon2id, and the few threads in which it runs so that a storm of log-ins cannot become a flood."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

P = ParamSpec("P")
T = TypeVar("T")

# OWASP's second recommendation: 19 MiB, two passes, one lane; about 25 ms on one core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
WORKERS = 2
LONGEST_QUEUE = 200


class TooBusy(Exception):
    """So many passwords wait to be checked that one more would only make it worse."""


@dataclass(frozen=True, slots=True)
class Password:
    """A password on its way in: the text, for the rules, and its hash, for the store.

    The text is None when it was held against the rules before, and only the hash was kept.
    """

    text: str | None = field(repr=False)
    hash: str = field(repr=False)


def make_password(text: str) -> Password:
    """Hash a password with a new salt. Takes some 25 ms of one core."""
    return Password(text, HASHER.hash(text))


def verify(stored: str, text: str) -> bool:
    """True when the text is the password that was hashed."""
    try:
        return HASHER.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


def renew(stored: str | None, text: str) -> str | None:
    """The hash to store for this text; None when the stored one is already of it."""
    if stored is not None and verify(stored, text):
        return None
    return HASHER.hash(text)


class Hasher:
    """Runs the slow functions above in a few threads, with a bounded queue."""

    def __init__(self, *, longest_queue: int = LONGEST_QUEUE) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="passwords")
        self._longest_queue = longest_queue
        self._waiting = 0
        self.nobody = HASHER.hash("nobody has this password")

    async def make(self, text: str) -> Password:
        """`make_password` off the event loop; raises TooBusy."""
        return await self._run(make_password, text)

    async def verify(self, stored: str | None, text: str) -> bool:
        """`verify` off the event loop; without a stored hash it takes as long and says no. Raises TooBusy."""
        is_right = await self._run(verify, stored or self.nobody, text)
        return is_right and stored is not None

    async def _run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
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
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
