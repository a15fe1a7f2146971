"""A file that comes over HTTP in one piece: whole or not at all."""

from collections.abc import AsyncIterator

from innkeeper.files.refusals import AlreadyThere
from innkeeper.files.room import Room
from innkeeper.files.streams import receive
from innkeeper.kit.threads import in_thread


async def put_file(
    room: Room,
    path: str,
    data: AsyncIterator[bytes],
    *,
    is_exclusive: bool = False,
    modified: float | None = None,
) -> bool:
    """True if nothing had the name. What came before something went wrong is forgotten.

    With `is_exclusive` no file is put out; raises AlreadyThere, and what the room raises.
    """
    try:
        upload = await in_thread(room.upload, path, is_exclusive=is_exclusive)
    except FileExistsError:
        raise AlreadyThere(path) from None
    try:
        await receive(upload, data)
        return await in_thread(upload.commit, modified=modified)
    except FileExistsError:
        raise AlreadyThere(path) from None
    finally:
        await in_thread(upload.abandon)
