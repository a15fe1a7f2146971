"""Where files are kept, as one setting says it: `s3://bucket/prefix?endpoint=https://…&region=…`."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

_KNOWN = {"endpoint", "region"}
_EXPECTED = "expected s3://bucket/prefix?endpoint=https://…&region=…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a bucket. The prefix is empty or ends in a slash; empty keys mean the environment's."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    key_id: str = ""
    secret: str = field(default="", repr=False)


def read_place(url: str, key_id: str, secret: str) -> Place:
    """The place that a setting names; raises ValueError."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc:
        raise ValueError(_EXPECTED)
    if unknown := set(options) - _KNOWN:
        raise ValueError(f"{_EXPECTED}, got {sorted(unknown)[0]!r}")
    endpoint = options.get("endpoint", "")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise ValueError("expected an endpoint like https://s3.example.com")
    prefix = parts.path.strip("/")
    return Place(
        bucket=parts.netloc,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=endpoint,
        region=options.get("region") or "us-east-1",
        key_id=key_id,
        secret=secret,
    )
