"""Paths of files in the addresses of the console: by their bytes, since not every name is UTF-8."""

import os
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import Request

from innkeeper.domain import paths

PATH = "/files"


def path_of(request: Request) -> str:
    """The path that the address is about; the reader's top folder without one."""
    query = request.scope["query_string"].decode("latin-1")
    asked: list[str] = parse_qs(query, errors="surrogateescape").get("path", [paths.ROOT])
    return asked[-1]


def to(verb: str, path: str) -> str:
    """The address of a page about this path."""
    return f"{PATH}{verb}?path={quote(os.fsencode(path))}"


def shown(path: str) -> str:
    """A path or name fit for a page; bytes that are no UTF-8 become question marks in diamonds."""
    return os.fsencode(path).decode("utf-8", "replace")


def crumbs(path: str) -> list[tuple[str, str]]:
    """The folders above, topmost first: the name of each (none for the top one), and its address."""
    return [(shown(paths.name(above)), to("", above)) for above in reversed(list(paths.ancestors(path)))]


def linker(path: str, **now: str) -> Callable[..., str]:
    """A function that gives the address of this folder's list with some parameters changed."""

    def link(**changed: str | None) -> str:
        said = [(name, value) for name, value in (now | changed).items() if value]
        return to("", path) + (f"&{urlencode(said)}" if said else "")

    return link
