"""How often one connection may try a thing before it is sent away."""

import asyncssh


class Tries:
    """Counted before they are checked, so that many at once are no more than one after the other."""

    def __init__(self, most: int) -> None:
        self.left = most

    def take(self) -> None:
        """One more; raises PermissionDenied, which ends the connection."""
        if self.left <= 0:
            raise asyncssh.PermissionDenied("Too many authentication failures")
        self.left -= 1

    def give_back(self) -> None:
        """That one was right."""
        self.left += 1
