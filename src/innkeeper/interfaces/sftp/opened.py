"""The files and listings that one SFTP session holds open, by the name the client has for them."""

from typing import ClassVar

from innkeeper.domain.errors import Refused
from innkeeper.files.handles import Listing, OpenFile
from innkeeper.interfaces.sftp.packets import pack_number

MOST_OPEN = 128


class BadHandle(Refused):
    """The handle is not open, or not of the kind that the request needs."""

    code: ClassVar[str] = "bad_handle"

    def __init__(self) -> None:
        super().__init__("the handle is not open")


class Opened:
    """Hands out handles, and takes them back."""

    def __init__(self) -> None:
        self._held: dict[bytes, OpenFile | Listing] = {}
        self._last = 0

    def require_space(self) -> None:
        """Refuse before anything more is opened."""
        if len(self._held) >= MOST_OPEN:
            raise Refused("too many files are open at once")

    def add(self, opened: OpenFile | Listing) -> bytes:
        """The handle for something just opened."""
        self._last += 1
        handle = pack_number(self._last & 0xFFFFFFFF)
        self._held[handle] = opened
        return handle

    def file(self, handle: bytes) -> OpenFile:
        held = self._held.get(handle)
        if not isinstance(held, OpenFile):
            raise BadHandle
        return held

    def listing(self, handle: bytes) -> Listing:
        held = self._held.get(handle)
        if not isinstance(held, Listing):
            raise BadHandle
        return held

    def close(self, handle: bytes) -> None:
        held = self._held.pop(handle, None)
        if held is None:
            raise BadHandle
        held.close()

    def abandon(self) -> None:
        """The session is gone with these still open."""
        for held in self._held.values():
            held.abandon()
        self._held.clear()
