"""What one user may do in each folder: grants and fences compiled into one immutable structure.

There is no deny: what a folder allows is the union of every grant that reaches it, whoever it was made to.
A recursive grant flows down until a fence; a fence on a folder stops what comes from above it, so grants on
the fenced folder itself still count there and below. A file has the abilities of the folder that holds it.
The folders above a granted one may be entered, and show only the way to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntFlag

from innkeeper.domain.paths import ROOT, ancestors, is_within, name, parent
from innkeeper.domain.words import Level

_REMEMBERED = 4096


class Ability(IntFlag):
    """One thing that can be done with a folder or with the files it holds."""

    LIST = 1
    PREVIEW = 2
    READ = 4
    CREATE = 8
    MODIFY = 16
    DELETE = 32
    SHARE = 64
    HISTORY = 128
    ADMIN = 256


NOTHING = Ability(0)
ALL = Ability(511)
READING = Ability.LIST | Ability.PREVIEW | Ability.READ | Ability.HISTORY
_LOOK = Ability.LIST | Ability.PREVIEW
_READ = _LOOK | Ability.READ

ABILITIES: dict[Level, Ability] = {
    Level.LIST: _LOOK,
    Level.READ: _READ,
    Level.WRITE: Ability.CREATE,
    Level.UPLOAD: Ability.LIST | Ability.CREATE,
    Level.READWRITE: _READ | Ability.CREATE,
    Level.FULL: _READ | Ability.CREATE | Ability.MODIFY | Ability.DELETE,
    Level.SHARE: _READ | Ability.SHARE,
    Level.HISTORY: _LOOK | Ability.HISTORY,
    Level.ADMIN: ALL,
}


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One grant that reaches the user, directly or through a group, as far as the disk is concerned."""

    path: str
    level: Level
    recursive: bool
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """True inside the window; it begins with `starts_at` and is over at `ends_at`."""
        has_begun = self.starts_at is None or self.starts_at <= now
        return has_begun and (self.ends_at is None or now < self.ends_at)

    def changes_at(self, now: datetime) -> datetime | None:
        """The next moment at which this line begins or ceases to count."""
        if self.ends_at is not None and self.ends_at <= max(now, self.starts_at or now):
            return None
        if self.starts_at is not None and now < self.starts_at:
            return self.starts_at
        return self.ends_at


@dataclass(frozen=True, slots=True)
class _Node:
    """A folder with grants or a fence of its own: what it allows, and what it hands down."""

    here: Ability
    down: Ability


class Access:
    """The compiled rights of one user, in site paths. A change makes a new one, known by identity."""

    __slots__ = ("_fences", "_lines", "_most", "_nodes", "_now", "_remembered", "_ways", "changes_at")

    def __init__(
        self, lines: tuple[GrantLine, ...], fences: frozenset[str], now: datetime, most: Ability = ALL
    ) -> None:
        granted = [line for line in lines if line.is_open(now) and ABILITIES[line.level] & most]
        moments = (line.changes_at(now) for line in lines)
        self.changes_at = min((moment for moment in moments if moment is not None), default=None)
        self._lines = lines
        self._fences = fences
        self._most = most
        self._now = now
        self._nodes = _nodes(granted, fences, most)
        self._ways = _ways(line.path for line in granted)
        self._remembered: dict[str, Ability] = {}

    def at(self, now: datetime) -> "Access":
        """The same grants and fences at another moment: some windows have opened or closed."""
        return Access(self._lines, self._fences, now, self._most)

    def within(self, most: Ability) -> "Access":
        """No more than these abilities anywhere: what a limited key leaves of its user's rights."""
        if most & self._most == self._most:
            return self
        return Access(self._lines, self._fences, self._now, most & self._most)

    def abilities(self, folder: str) -> Ability:
        """What may be done in this folder; nothing if no grant reaches it."""
        known = self._remembered.get(folder)
        if known is None:
            known = self._look_up(folder)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[folder] = known
        return known

    def file_abilities(self, path: str) -> Ability:
        """What may be done with a file: as much as in the folder that holds it."""
        return self.abilities(path[: path.rfind("/")] or ROOT)

    def throughout(self, folder: str) -> Ability:
        """What may be done in this folder and in every folder below it, wherever grants and fences lie."""
        common = self._handed_down(folder)
        for path, node in self._nodes.items():
            if path != folder and is_within(path, folder):
                common &= node.down
        return common

    def may_enter(self, folder: str) -> bool:
        """True if something is allowed here, or somewhere below."""
        return folder in self._ways or bool(self.abilities(folder))

    def shows(self, folder: str, name: str) -> bool:
        """True if a listing of the folder contains this name: all of them, or only the way to a grant."""
        return bool(self.abilities(folder) & Ability.LIST) or name in self.ways(folder)

    def ways(self, folder: str) -> frozenset[str]:
        """The names in this folder that lead to a granted folder further down."""
        return self._ways.get(folder, frozenset())

    def _look_up(self, folder: str) -> Ability:
        node = self._nodes.get(folder)
        return node.here if node else self._handed_down(folder)

    def _handed_down(self, folder: str) -> Ability:
        nodes = self._nodes
        while (node := nodes.get(folder)) is None:
            if folder == ROOT:
                return NOTHING
            folder = folder[: folder.rfind("/")] or ROOT
        return node.down


def compile_access(lines: Iterable[GrantLine], fences: Iterable[str], *, now: datetime) -> Access:
    """Compile every grant that reaches one user; the result holds until its `changes_at`."""
    return Access(tuple(lines), frozenset(fences), now)


def everything() -> Access:
    """The access of a site administrator: all abilities everywhere, past every fence."""
    everywhere = GrantLine(ROOT, Level.ADMIN, recursive=True)
    return Access((everywhere,), frozenset(), datetime.min.replace(tzinfo=UTC))


def _nodes(lines: Iterable[GrantLine], fences: frozenset[str], most: Ability) -> dict[str, _Node]:
    own: dict[str, Ability] = {}
    own_down: dict[str, Ability] = {}
    for line in lines:
        abilities = ABILITIES[line.level] & most
        own[line.path] = own.get(line.path, NOTHING) | abilities
        if line.recursive:
            own_down[line.path] = own_down.get(line.path, NOTHING) | abilities
    nodes: dict[str, _Node] = {}
    for path in sorted(own.keys() | fences, key=len):
        above = NOTHING if path in fences else _from_above(path, nodes)
        down = above | own_down.get(path, NOTHING)
        nodes[path] = _Node(own.get(path, NOTHING) | down, down)
    return nodes


def _from_above(path: str, nodes: dict[str, _Node]) -> Ability:
    """What the nearest folder above hands down; shorter paths are compiled first, so it is already there."""
    return next((nodes[folder].down for folder in ancestors(path) if folder in nodes), NOTHING)


def _ways(granted: Iterable[str]) -> dict[str, frozenset[str]]:
    ways: dict[str, set[str]] = {}
    for path in set(granted):
        while path != ROOT:
            folder = parent(path)
            ways.setdefault(folder, set()).add(name(path))
            path = folder
    return {folder: frozenset(names) for folder, names in ways.items()}
