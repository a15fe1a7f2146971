"""Browsers by the names that people know them by."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Browser:
    """What a `User-Agent` says of its sender; empty where it says nothing that is known."""

    name: str
    system: str


@lru_cache(1024)
def browser_of(user_agent: str) -> Browser:
    """The browser and its system."""
    # Its patterns take a tenth of a second to load, and only one page asks for them.
    import ua_parser

    found = ua_parser.parse(user_agent)
    name = found.user_agent.family if found.user_agent is not None else ""
    system = found.os.family if found.os is not None else ""
    return Browser(name, system)
