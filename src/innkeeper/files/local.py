"""One open file on a local disk."""

import os


class LocalFile:
    """A descriptor with the verbs of a stored file."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """The descriptor; -1 when it is closed."""
        return self._descriptor

    def read(self, offset: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, offset)

    def write(self, offset: int, data: bytes | memoryview) -> None:
        written = os.pwrite(self._descriptor, data, offset)
        while written < len(data):  # a quota or a full disk may cut a write short
            written += os.pwrite(self._descriptor, data[written:], offset + written)

    def truncate(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)

    def set_times(self, accessed: float, modified: float) -> None:
        os.utime(self._descriptor, (accessed, modified))

    def stat(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def abandon(self) -> None:
        """Programs resume by what lies there, so it stays."""
        self.close()
