"""The console's catalogues for doors that speak to people: one set of words for every way in."""

from collections.abc import Callable

from innkeeper.domain.texts import Translate
from innkeeper.interfaces.console.languages import SOURCE_LANGUAGE, Languages


def make_translator() -> Callable[[str], Translate]:
    """Gives the words of a language by its code; English ones where there is no catalogue."""
    catalogues = Languages().catalogues

    def translator(language: str) -> Translate:
        return catalogues.get(language, catalogues[SOURCE_LANGUAGE]).gettext

    return translator
