"""Where the files of the site are kept, as the settings say."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from innkeeper.assembly.opening import CannotStart
from innkeeper.files.places import Place, read_place
from innkeeper.files.root import Root
from innkeeper.files.storage import Storage
from innkeeper.settings import Settings

_MOST_WAITING = 64


def open_storage(settings: Settings) -> Storage:
    """The storage, reached once; raises CannotStart for a wrong setting or a bucket that is not there."""
    if not settings.storage:
        return Root(settings.data / "files")
    try:
        place = read_place(settings.storage, settings.storage_key_id, settings.storage_secret)
    except ValueError as error:
        raise CannotStart(f"storage: {error}") from error
    return _open_bucket(place, settings)


def widen(loop: asyncio.AbstractEventLoop, storage: Storage) -> None:
    """Give the loop a thread for each of many people who wait for a slow storage at the same time.

    A local disk is served well by the few threads that a loop has by itself.
    """
    if storage.is_slow:
        loop.set_default_executor(ThreadPoolExecutor(_MOST_WAITING, "storage"))


def _open_bucket(place: Place, settings: Settings) -> Storage:
    # The S3 client takes a sixth of a second to import, and most sites do without.
    from innkeeper.files.bucket import Bucket
    from innkeeper.files.objects import ObjectStorage

    # What goes wrong is told by the bucket in one line; below `info` the client would tell of each request.
    logging.getLogger("botocore").setLevel(logging.ERROR)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        storage = ObjectStorage(Bucket(place), place.prefix, settings.data / "spool")
        storage.probe()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CannotStart(f"storage: the bucket {place.bucket} cannot be opened: {reason}") from error
    return storage
