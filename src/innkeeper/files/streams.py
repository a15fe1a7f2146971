"""Files as streams for doors that run on the event loop: the disk is never waited for there."""

from collections.abc import AsyncGenerator, AsyncIterator

from innkeeper.files.handles import OpenFile
from innkeeper.files.uploads import Upload
from innkeeper.kit.threads import in_thread

CHUNK = 256 * 1024


async def sent(file: OpenFile, start: int, end: int) -> AsyncGenerator[bytes, None]:
    """The bytes from `start` to before `end`; the file is closed afterwards, or abandoned when cut off."""
    at = start
    try:
        while at < end:
            data = await in_thread(file.read, at, min(CHUNK, end - at))
            if not data:  # someone has cut the file meanwhile
                break
            at += len(data)
            yield data
        file.close()
    finally:
        file.abandon()


async def receive(upload: Upload, data: AsyncIterator[bytes]) -> None:
    """Write a stream as it comes. Small pieces are gathered, so that each write is worth its way."""
    gathered = bytearray()
    async for piece in data:
        gathered += piece
        if len(gathered) >= CHUNK:
            await in_thread(upload.write, bytes(gathered))
            gathered.clear()
    if gathered:
        await in_thread(upload.write, bytes(gathered))
