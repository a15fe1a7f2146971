"""Versions of files, conditional requests and ranges in HTTP (RFC 9110, sections 8.8, 13 and 14).

Header names are in lower case. A representation is known by its strong entity tag, None when there is none,
and by the time it was last modified, in seconds since the epoch.
"""

import os
import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from enum import Enum

Span = tuple[int, int]

MOST_RANGES = 50
_SAFE = frozenset({"GET", "HEAD"})
_ETAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_PART = re.compile(r"(\d{0,18})-(\d{0,18})")


class Verdict(Enum):
    """What the preconditions of a request say: go on, answer 304, or answer 412."""

    PROCEED = "proceed"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"


def etag_of(status: os.stat_result) -> str:
    """A strong entity tag, in quotes: another file, another size or another time is another tag."""
    return f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"'


def http_date(seconds: float) -> str:
    """A time as it stands in headers (RFC 9110, section 5.6.7)."""
    return formatdate(max(seconds, 0), usegmt=True)


def parse_date(text: str) -> float | None:
    """The seconds since the epoch of such a time; None if it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def verdict_of(method: str, headers: Mapping[str, str], etag: str | None, modified: float) -> Verdict:
    """Weigh the preconditions in the order of RFC 9110, section 13.2.2."""
    if _is_match(headers, etag, modified) is False:
        return Verdict.FAILED
    if _is_known(headers, etag, modified, is_safe=method in _SAFE):
        return Verdict.NOT_MODIFIED if method in _SAFE else Verdict.FAILED
    return Verdict.PROCEED


def parse_range(header: str, size: int) -> list[Span] | None:
    """The wanted bytes, each from its first to before its last; None if the header is to be ignored.

    An empty list means that none of them can be had (416). Too many ranges, or ranges that overlap so much
    that their answer would be larger than the whole, are ignored.
    """
    unit, _, text = header.partition("=")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not parts or len(parts) > MOST_RANGES:
        return None
    if not all(_is_part(part) for part in parts):
        return None
    spans = [span for part in parts if (span := _span(part, size)) is not None]
    is_greedy = len(spans) > 1 and sum(end - start for start, end in spans) > size
    return None if is_greedy else spans


def wanted_ranges(
    headers: Mapping[str, str], size: int, etag: str | None, modified: float
) -> list[Span] | None:
    """The ranges of a GET, if there are any and `If-Range` allows them; as `parse_range` answers."""
    header = headers.get("range")
    if header is None or not _may_range(headers.get("if-range"), etag, modified):
        return None
    return parse_range(header, size)


def _is_match(headers: Mapping[str, str], etag: str | None, modified: float) -> bool | None:
    """If-Match, or else If-Unmodified-Since; None if there is neither."""
    if (wanted := headers.get("if-match")) is not None:
        return etag is not None and (wanted.strip() == "*" or etag in _tags(wanted, is_strong=True))
    since = parse_date(headers.get("if-unmodified-since", ""))
    return None if since is None or etag is None else int(modified) <= since


def _is_known(headers: Mapping[str, str], etag: str | None, modified: float, *, is_safe: bool) -> bool:
    """If-None-Match, or else, for reading only, If-Modified-Since."""
    if (known := headers.get("if-none-match")) is not None:
        return etag is not None and (known.strip() == "*" or etag in _tags(known, is_strong=False))
    since = parse_date(headers.get("if-modified-since", "")) if is_safe else None
    return since is not None and etag is not None and int(modified) <= since


def _may_range(condition: str | None, etag: str | None, modified: float) -> bool:
    if condition is None:
        return True
    if '"' in condition:
        return condition.strip() == etag
    return parse_date(condition) == int(modified)


def _tags(header: str, *, is_strong: bool) -> list[str]:
    return [tag for weak, tag in _ETAG.findall(header) if not (weak and is_strong)]


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
