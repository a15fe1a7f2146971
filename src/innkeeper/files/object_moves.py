"""Renaming where there is no rename: everything is copied, and then what was copied is deleted.

Broken off in between, a name is there twice, and nothing is lost.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from innkeeper.domain.errors import NotNow
from innkeeper.domain.texts import N_
from innkeeper.files import big_objects
from innkeeper.files.bucket import Bucket, Object
from innkeeper.files.object_status import kept_notes

MOST = 10_000


def move_file(bucket: Bucket, found: Object, key: str, *, only_if_free: bool) -> None:
    """Give one object another key; raises FileExistsError."""
    big_objects.copy(bucket, found, key, kept_notes(found), only_if_free=only_if_free)
    bucket.delete(found.key)


def move_folder(bucket: Bucket, pool: ThreadPoolExecutor, prefix: str, new_prefix: str, *, most: int) -> None:
    """Give everything below a prefix another one; raises NotNow before anything is touched."""
    keys = _keys_below(bucket, prefix, most)
    moved: list[str] = []

    def copy(key: str) -> None:
        new_key = new_prefix + key.removeprefix(prefix)
        moved.append(new_key)
        _copy_one(bucket, key, new_key)

    try:
        _do_all(pool, copy, keys)
    except BaseException:
        _remove(bucket, pool, moved)
        raise
    _remove(bucket, pool, keys)


def _keys_below(bucket: Bucket, prefix: str, most: int) -> list[str]:
    keys: list[str] = []
    page = bucket.page(prefix, by_folder=False)
    keys += (found.key for found in page.objects)
    while page.next and len(keys) <= most:
        page = bucket.page(prefix, after=page.next, by_folder=False)
        keys += (found.key for found in page.objects)
    if len(keys) > most:
        raise NotNow(
            N_("the folder holds more than %(most)s files, and here each is copied to rename it"), most=most
        )
    return keys


def _copy_one(bucket: Bucket, key: str, new_key: str) -> None:
    found = bucket.head(key)
    if key.endswith("/"):  # some servers do not copy these, and there is nothing in them
        bucket.put(new_key, b"", kept_notes(found))
    else:
        big_objects.copy(bucket, found, new_key, kept_notes(found))


def _remove(bucket: Bucket, pool: ThreadPoolExecutor, keys: Iterable[str]) -> None:
    """Files first, then folders from below: some servers keep a folder for what is in it."""
    _do_all(pool, bucket.delete, [key for key in keys if not key.endswith("/")])
    for key in sorted((key for key in keys if key.endswith("/")), reverse=True):
        bucket.delete(key)


def _do_all(pool: ThreadPoolExecutor, work: Callable[[str], None], keys: list[str]) -> None:
    """Every one is over when this returns or raises."""
    running = [pool.submit(work, key) for key in keys]
    errors = [error for one in running if (error := one.exception()) is not None]
    if errors:
        raise errors[0]
