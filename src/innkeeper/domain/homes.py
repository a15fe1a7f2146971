"""Folders of their own for new users, named by the site's pattern."""

from collections.abc import Callable
from itertools import count

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.paths import normalize
from innkeeper.domain.texts import N_

USERNAME_PLACE = "{username}"


def is_home_pattern(value: object) -> bool:
    """A canonical path with the place of the user name somewhere in it, and no other braces."""
    if not isinstance(value, str) or len(value) > 1000 or value.count(USERNAME_PLACE) != 1:
        return False
    example = value.replace(USERNAME_PLACE, "x")
    try:
        return "{" not in example and "}" not in example and normalize(example) == example
    except Invalid:
        return False


def home_of(pattern: str, username: str, is_taken: Callable[[str], bool]) -> str:
    """The folder for this user; numbered if someone has, or had, the one of this name.

    Raises Invalid for a user name that cannot be the name of a folder.
    """
    if username in (".", ".."):
        raise Invalid(Problem("username", username, N_("a name that a folder can have")))
    names = (username if number == 1 else f"{username}-{number}" for number in count(1))
    paths = (normalize(pattern.replace(USERNAME_PLACE, name)) for name in names)
    return next(path for path in paths if not is_taken(path))
