"""Locks of WebDAV (RFC 4918, section 6): who may write until when, as far as this door is concerned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from innkeeper.domain.errors import Refused
from innkeeper.domain.paths import parent
from innkeeper.domain.texts import N_
from innkeeper.domain.words import UserId


@dataclass(frozen=True, slots=True)
class DavLock:
    """One lock on a site path. A deep one holds for all below as well. `owner` is the client's own XML."""

    token: str
    path: str
    is_exclusive: bool
    is_deep: bool
    owner: str
    user_id: UserId
    created_at: datetime
    expires_at: datetime

    def covers(self, path: str) -> bool:
        """True if writing to this path needs the token."""
        return self.path == path or (self.is_deep and path.startswith(self.path.rstrip("/") + "/"))

    def guards_names_of(self, path: str) -> bool:
        """True if making or removing this path needs the token: the names of a locked folder are locked."""
        return self.covers(path) or self.path == parent(path)


class Locked(Refused):
    """Someone has locked the file or folder, and the request shows no token of that lock."""

    code: ClassVar[str] = "locked"

    def __init__(self, path: str) -> None:
        super().__init__(N_("this is locked by someone else, or under another token"))
        self.path = path


def need_unlocked(locks: Iterable[DavLock], user_id: UserId, tokens: Iterable[str]) -> None:
    """Raises Locked unless the user shows every exclusive lock's token, and one of the shared ones.

    A token counts only for the user who has the lock (section 6.4).
    """
    shown, locks = set(tokens), list(locks)
    held = [lock for lock in locks if lock.token in shown and lock.user_id == user_id]
    has_shared = any(not lock.is_exclusive for lock in held)
    for lock in locks:
        if lock not in held and (lock.is_exclusive or not has_shared):
            raise Locked(lock.path)
