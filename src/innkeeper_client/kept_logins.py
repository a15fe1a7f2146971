"""A login that outlives the program: tokens in a file of its owner, renewed by one program at a time."""

import asyncio
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, Self

from innkeeper_client.errors import InnkeeperError, Unauthenticated

# Renewed so long before the end that a request on its way does not come too late.
EARLY = timedelta(seconds=60)
LOCK_PAUSE = 0.05
LOCK_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client that was let in has in hand. The refresh token is good for one use."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime

    def is_old(self) -> bool:
        """Better renewed before the next request."""
        return datetime.now(UTC) >= self.expires_at - EARLY


class Lock:
    """Held by one process and one task at a time; freed by the kernel when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> Self:
        deadline = time.monotonic() + LOCK_PATIENCE
        while not self._take(deadline):
            time.sleep(LOCK_PAUSE)
        return self

    async def __aenter__(self) -> Self:
        deadline = time.monotonic() + LOCK_PATIENCE
        while not self._take(deadline):
            await asyncio.sleep(LOCK_PAUSE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def _take(self, deadline: float) -> bool:
        # Only logins are locked, and not every system has this module.
        import fcntl

        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            if time.monotonic() >= deadline:
                raise InnkeeperError(f"{self._path} is held by another program for too long") from error
            return False
        self._file = file
        return True


class KeptLogin:
    """The tokens of one login in a file; any number of programs may use it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """True while somebody is signed in by this file."""
        return self.path.exists()

    def load(self) -> Tokens:
        """The tokens as they stand now; raises Unauthenticated when there are none."""
        try:
            document: Any = json.loads(self.path.read_text())
            expires_at = datetime.fromisoformat(document["expires_at"])
            return Tokens(document["access_token"], document["refresh_token"], expires_at)
        except FileNotFoundError as error:
            raise Unauthenticated("nobody is signed in here", code="unauthenticated") from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"{self.path} holds no login any more; sign in again"
            raise Unauthenticated(message, code="unauthenticated") from error

    def keep(self, tokens: Tokens) -> None:
        """Write the tokens, whole or not at all."""
        document = {
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "expires_at": tokens.expires_at.isoformat(),
        }
        self._make_place()
        fresh = self.path.with_name(f"{self.path.name}.{token_hex(4)}")
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as opened:
            json.dump(document, opened)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(self.path)

    def forget(self) -> None:
        """Remove the tokens from here; the server does not hear of it."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def lock(self) -> Lock:
        """What to hold while the tokens are renewed."""
        self._make_place()
        return Lock(self.path.with_name(f"{self.path.name}.lock"))

    def _make_place(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
