"""Who may knock at a door: limits per address before sign-in, and patience with wrong proofs.

One gate is shared by every door of the process. It never locks a name, which a stranger could abuse; it only
answers later. Every method may be called from any thread.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import islice
from operator import itemgetter

_LOOKED_AT = 300  # more than the connections that can be open before sign-in


class TurnedAway(Exception):
    """This address may not come closer at the moment."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a gate bears; times in seconds."""

    knocks_per_minute: float = 600
    burst: float = 100
    strangers: int = 200
    strangers_per_source: int = 20
    failures_until_ban: float = 10
    ban: float = 30
    longest_ban: float = 3600
    half_life: float = 600
    first_delay: float = 0.5
    longest_delay: float = 8
    remembered: int = 65_536


@dataclass(slots=True)
class _Score:
    """A count of failures that halves with time."""

    value: float = 0
    at: float = 0

    def add(self, weight: float, now: float, half_life: float) -> float:
        self.value = self.value * 0.5 ** ((now - self.at) / half_life) + weight
        self.at = now
        return self.value


@dataclass(slots=True)
class _Source:
    tokens: float
    filled_at: float
    strangers: int = 0
    failures: _Score = field(default_factory=_Score)
    banned_until: float = 0
    bans: int = 0


@dataclass(eq=False, slots=True)
class Ticket:
    """Stands for one connection that has not signed in yet; give it back with `leave`."""

    source: str
    is_inside: bool = True


class Gate:
    """Counts connections and failures per source: an IPv4 address, or the /64 network of an IPv6 one."""

    def __init__(self, limits: Limits | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._names: OrderedDict[str, _Score] = OrderedDict()
        self._strangers = 0
        self._lock = threading.Lock()

    def enter(self, address: str) -> Ticket:
        """A new connection; raises TurnedAway."""
        name = source_of(address)
        with self._lock:
            now = self._clock()
            source = self._source(name, now)
            self._fill(source, now)
            reason = self._reason_against(source, now)
            if reason:
                raise TurnedAway(reason)
            source.tokens -= 1
            source.strangers += 1
            self._strangers += 1
            return Ticket(name)

    def leave(self, ticket: Ticket) -> None:
        """The connection has signed in, or is gone; twice is the same as once."""
        with self._lock:
            if ticket.is_inside:
                ticket.is_inside = False
                self._strangers -= 1
                self._source(ticket.source, self._clock()).strangers -= 1

    def failed(self, address: str, name: str) -> float:
        """A wrong proof: how many seconds to hold the answer back. Alike for names that do not exist."""
        with self._lock:
            now = self._clock()
            self._blame(self._source(source_of(address), now), 1, now)
            return self._delay(name, now)

    def wasted(self, address: str) -> None:
        """A connection that left without a try; weighs little, since port checks do the same."""
        with self._lock:
            now = self._clock()
            self._blame(self._source(source_of(address), now), 0.1, now)

    def succeeded(self, address: str, name: str) -> None:
        """A sign-in: forget the failures before it."""
        with self._lock:
            self._names.pop(name, None)
            self._source(source_of(address), self._clock()).failures.value = 0

    def banned(self) -> dict[str, float]:
        """The sources kept out at present, with the seconds that remain."""
        with self._lock:
            now = self._clock()
            return {
                name: source.banned_until - now
                for name, source in self._sources.items()
                if source.banned_until > now
            }

    def lift(self, source: str) -> None:
        """End a ban early."""
        with self._lock:
            found = self._sources.get(source)
            if found:
                found.banned_until = 0
                found.bans = 0

    def _reason_against(self, source: _Source, now: float) -> str:
        if now < source.banned_until:
            return "banned for a while after too many failures"
        if source.tokens < 1:
            return "too many connections in a short time"
        if source.strangers >= self._limits.strangers_per_source:
            return "too many connections from there that have not signed in"
        if self._strangers >= self._limits.strangers:
            return "too many connections that have not signed in"
        return ""

    def _source(self, name: str, now: float) -> _Source:
        source = self._sources.get(name)
        if source is None:
            self._make_room(now)
            source = self._sources[name] = _Source(self._limits.burst, now)
        return source

    def _make_room(self, now: float) -> None:
        """Drop the oldest source that nothing is held against, else the oldest that is banned."""
        if len(self._sources) < self._limits.remembered:
            return
        oldest = islice(self._sources.items(), _LOOKED_AT)
        idle = [(source.banned_until > now, name) for name, source in oldest if not source.strangers]
        if idle:
            del self._sources[min(idle, key=itemgetter(0))[1]]

    def _fill(self, source: _Source, now: float) -> None:
        gained = (now - source.filled_at) * self._limits.knocks_per_minute / 60
        source.tokens = min(self._limits.burst, source.tokens + gained)
        source.filled_at = now

    def _blame(self, source: _Source, weight: float, now: float) -> None:
        limits = self._limits
        score = source.failures.add(weight, now, limits.half_life)
        # Half a failure less, since those a minute ago have faded a little.
        if score >= limits.failures_until_ban - 0.5:
            source.banned_until = now + min(limits.longest_ban, limits.ban * 2**source.bans)
            source.bans = min(source.bans + 1, 20)
            source.failures.value = 0

    def _delay(self, name: str, now: float) -> float:
        limits = self._limits
        score = self._names.setdefault(name, _Score(at=now))
        if len(self._names) > limits.remembered:
            self._names.popitem(last=False)
        failures = score.add(1, now, limits.half_life)
        return float(min(limits.longest_delay, limits.first_delay * 2 ** min(failures - 1, 30)))


def source_of(address: str) -> str:
    """What counts as one source: neighbours in an IPv6 /64 are usually one machine."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        mapped = known.ipv4_mapped
        return str(mapped) if mapped else str(ip_network((int(known), 64), strict=False))
    return str(known)
