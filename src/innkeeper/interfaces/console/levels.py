"""Levels of access as the console offers them."""

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import Text, Translate
from innkeeper.domain.words import Level
from innkeeper.interfaces.console.labels import LEVELS


def level_of(text: str) -> Level:
    """The level that was chosen; raises Invalid for anything else."""
    if text not in set(Level):
        raise Invalid(Problem("level", text, Text("one of %(options)s", {"options": ", ".join(Level)})))
    return Level(text)


def level_options(translate: Translate) -> list[tuple[str, str]]:
    """Every level with its name, for a menu."""
    return [(level.value, translate(LEVELS[level.value])) for level in Level]
