"""Paths in addresses: percent-encoded UTF-8 below `/dav`."""

from urllib.parse import quote, unquote_to_bytes, urlsplit

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.paths import normalize

PREFIX = "/dav"
_MOST_LEVELS = 1000


class ElsewhereError(Exception):
    """The address is that of another site, or of another part of this one."""


def path_of(raw: str) -> str:
    """The path that an address names, as this user sees it. Raises Invalid and ElsewhereError.

    It is decoded once, so `%2e%2e` and `..%2f` are taken for what they mean and stay within the root.
    """
    encoded = raw.partition("?")[0]
    if "#" in encoded:
        raise Invalid(Problem("path", encoded[:80], "no fragment"))
    data = unquote_to_bytes(encoded)
    if data.count(b"/") > _MOST_LEVELS:
        raise Invalid(Problem("path", "", "fewer levels"))
    try:
        path = data.decode()
    except UnicodeDecodeError:
        raise Invalid(Problem("path", encoded[:80], "UTF-8")) from None
    if path != PREFIX and not path.startswith(f"{PREFIX}/"):
        raise ElsewhereError
    return normalize(path[len(PREFIX) :] or "/")


def path_at(address: str, host: str) -> str:
    """The path in a `Destination` or a tag of `If`: an absolute address, or only its path."""
    parts = urlsplit(address)
    if parts.scheme not in ("", "http", "https") or (parts.netloc and parts.netloc.lower() != host.lower()):
        raise ElsewhereError
    return path_of(address[address.index(parts.netloc) + len(parts.netloc) :] if parts.netloc else address)


def href(path: str, *, is_folder: bool) -> str:
    """How clients write this path."""
    end = "/" if is_folder and path != "/" else ""
    return quote((PREFIX + path + end).encode("utf-8", "surrogateescape"))
