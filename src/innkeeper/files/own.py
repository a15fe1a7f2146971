"""What a user has put there just now: a blind drop box lets them correct that, and nothing else."""

import os
import threading

_MOST = 20_000


class OwnUploads:
    """Paths with the identity of the file, since someone else may have put another file in its place.

    Shared by the rooms one user has open from one address at one time, because a client like rclone uploads
    over one connection and sets the time of the file over another. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._identities: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def __contains__(self, path: str) -> bool:
        return path in self._identities

    def holds(self, path: str, status: os.stat_result) -> bool:
        """True if this very file is the one that was put there."""
        return self._identities.get(path) == _identity(status)

    def add(self, path: str, status: os.stat_result) -> None:
        """Remember a file; beyond many thousand the oldest is forgotten."""
        with self._lock:
            if len(self._identities) >= _MOST:
                del self._identities[next(iter(self._identities))]
            self._identities[path] = _identity(status)

    def move(self, path: str, new_path: str) -> None:
        """Follow a rename."""
        with self._lock:
            identity = self._identities.pop(path, None)
            if identity is not None:
                self._identities[new_path] = identity


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
