"""Addresses within the console: where to go back to, and lists with their filters."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request


def own_path(address: str, request: Request) -> str:
    """The path of an address on this very site; the start page for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    is_here = not parts.netloc or parts.netloc == request.headers.get("Host")
    # A path that begins with two slashes, or holds a backslash, would lead to another host.
    is_path = parts.path.startswith("/") and not parts.path.startswith("//") and "\\" not in address
    if not (is_here and is_path):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def linker(path: str, pairs: list[tuple[str, str]], defaults: Mapping[str, str]) -> Callable[..., str]:
    """A function that gives this list's address with some parameters changed; the page mark is dropped."""

    def link(**changed: str | None) -> str:
        kept = [(name, value) for name, value in pairs if name not in changed and name != "cursor"]
        added = [(name, value) for name, value in changed.items() if value]
        return with_query(path, [*kept, *added], defaults)

    return link


def without(
    path: str, pairs: list[tuple[str, str]], name: str, value: str, defaults: Mapping[str, str]
) -> str:
    """This list's address with one chosen filter taken out."""
    kept = [pair for pair in pairs if pair != (name, value) and pair[0] != "cursor"]
    return with_query(path, kept, defaults)


def with_query(path: str, pairs: list[tuple[str, str]], defaults: Mapping[str, str]) -> str:
    """An address without empty parameters and without those that say what holds anyway."""
    said = [(name, value) for name, value in pairs if value and defaults.get(name) != value]
    return f"{path}?{urlencode(said)}" if said else path
