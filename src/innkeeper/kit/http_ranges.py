"""Versions of files, conditional requests and ranges in HTTP (RFC 9110, sections 8.8, 13 and 14).

Header names are in lower case.
"""

import os
import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime

Span = tuple[int, int]
UNCHANGED, FAILED = 304, 412

_SAFE = frozenset({"GET", "HEAD"})
_ETAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_PART = re.compile(r"(\d{0,18})-(\d{0,18})")


class NotSatisfiable(ValueError):
    """The range lies behind the end of the file, which has so many bytes (section 15.5.17)."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def etag(status: os.stat_result) -> str:
    """A strong entity tag, in quotes: another file, another size or another time is another tag."""
    return f'"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"'


def http_date(seconds: float) -> str:
    """A time as it stands in headers (section 5.6.7), from seconds since the epoch."""
    return formatdate(max(seconds, 0), usegmt=True)


def parse_date(text: str) -> float | None:
    """The seconds since the epoch of such a time; None if it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def verdict(method: str, headers: Mapping[str, str], status: os.stat_result | None) -> int | None:
    """What the preconditions say, in the order of section 13.2.2: UNCHANGED, FAILED, or None to go on.

    `status` is None when nothing is there.
    """
    if _is_match(headers, status) is False:
        return FAILED
    if _is_known(headers, status, is_safe=method in _SAFE):
        return UNCHANGED if method in _SAFE else FAILED
    return None


def wanted_range(headers: Mapping[str, str], status: os.stat_result) -> Span | None:
    """The wanted bytes, from the first to before the last, if there is one range and `If-Range` allows it.

    None stands for the whole file: also for what is no range, and for several at once. Raises NotSatisfiable.
    """
    header = headers.get("range")
    if header is None or not _may_range(headers.get("if-range"), status):
        return None
    unit, _, part = header.partition("=")
    part = part.strip()
    if unit.strip().lower() != "bytes" or not _is_part(part):
        return None
    span = _span(part, status.st_size)
    if span is None:
        raise NotSatisfiable(status.st_size)
    return span


def _is_match(headers: Mapping[str, str], status: os.stat_result | None) -> bool | None:
    """If-Match, or else If-Unmodified-Since; None if there is neither."""
    if (wanted := headers.get("if-match")) is not None:
        return status is not None and _lists(wanted, status, is_strong=True)
    since = parse_date(headers.get("if-unmodified-since", ""))
    return None if since is None or status is None else int(status.st_mtime) <= since


def _is_known(headers: Mapping[str, str], status: os.stat_result | None, *, is_safe: bool) -> bool:
    """If-None-Match, or else, for reading only, If-Modified-Since."""
    if (known := headers.get("if-none-match")) is not None:
        return status is not None and _lists(known, status, is_strong=False)
    since = parse_date(headers.get("if-modified-since", "")) if is_safe else None
    return since is not None and status is not None and int(status.st_mtime) <= since


def _may_range(condition: str | None, status: os.stat_result) -> bool:
    if condition is None:
        return True
    if '"' in condition:
        return condition.strip() == etag(status)
    return parse_date(condition) == int(status.st_mtime)


def _lists(header: str, status: os.stat_result, *, is_strong: bool) -> bool:
    tags = [tag for weak, tag in _ETAG.findall(header) if not (weak and is_strong)]
    return header.strip() == "*" or etag(status) in tags


def _is_part(part: str) -> bool:
    match = _PART.fullmatch(part)
    if match is None or part == "-":
        return False
    first, last = match.groups()
    return not (first and last) or int(first) <= int(last)


def _span(part: str, size: int) -> Span | None:
    first, _, last = part.partition("-")
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, end = max(0, size - int(last)), size
    return (start, end) if start < end else None
