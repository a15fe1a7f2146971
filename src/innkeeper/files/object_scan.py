"""The entries of one folder of an object storage, a page at a time.

A listing does not tell the notes that hold a file's time, so each file is asked about, many at once, and only
as far as the listing is read.
"""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice

from innkeeper.files.bucket import Bucket
from innkeeper.files.storage import Entry

_AT_ONCE = 128
Look = Callable[[str], Entry | None]


class ObjectScan:
    """An iterator over one folder; `look` gives the entry of a key, or None for what is gone by now."""

    def __init__(
        self, bucket: Bucket, prefix: str, wanted: Callable[[str], bool], look: Look, pool: ThreadPoolExecutor
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._wanted = wanted
        self._look = look
        self._pool = pool
        self._entries = self._run()

    def __iter__(self) -> "ObjectScan":
        return self

    def __next__(self) -> Entry:
        return next(self._entries)

    def close(self) -> None:
        """Ask for nothing more; twice is the same as once."""
        self._entries.close()

    def _run(self) -> Generator[Entry, None, None]:
        keys = self._keys()
        while some := list(islice(keys, _AT_ONCE)):
            yield from filter(None, self._pool.map(self._look, some))

    def _keys(self) -> Iterator[str]:
        after, is_last = "", False
        while not is_last:
            page = self._bucket.page(self._prefix, after=after)
            found = [*(item.key for item in page.objects), *page.folders]
            yield from filter(self._is_shown, found)
            after, is_last = page.next, not page.next

    def _is_shown(self, key: str) -> bool:
        name = name_of(key, self._prefix)
        return name not in ("", ".", "..") and self._wanted(name)


def name_of(key: str, prefix: str) -> str:
    """The name that a key has in the folder of this prefix."""
    return key[len(prefix) :].removesuffix("/")


def looked_at(look: Callable[[], Entry]) -> Entry | None:
    """What is found, unless it has gone meanwhile."""
    with suppress(FileNotFoundError):
        return look()
    return None
