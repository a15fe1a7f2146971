"""Languages of the console: catalogues compiled in memory at start, and which one a request gets."""

import re
from collections.abc import Iterable
from gettext import NullTranslations
from pathlib import Path

from babel import Locale

from innkeeper.kit.catalogues import compile_catalogue

LOCALE = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"
PSEUDO_LANGUAGE = "xx"
PLACEHOLDER = re.compile(r"(%\(\w+\)[sd])")
LONGER = str.maketrans("aceinorsuyzACEINORSUYZ", "áčéíñóřšúýžÁČÉÍÑÓŘŠÚÝŽ")


class Pseudo(NullTranslations):
    """`[Ušéřš··]`: shows text that nobody marked, and what breaks when words are a third longer."""

    def gettext(self, message: str) -> str:
        parts = PLACEHOLDER.split(message)
        body = "".join(part if part.startswith("%(") else part.translate(LONGER) for part in parts)
        return f"[{body}{'·' * max(1, len(message) // 3)}]"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


class Languages:
    """Every catalogue by its code. The pseudo-language is offered to developers only."""

    def __init__(self, *, with_pseudo: bool = False) -> None:
        self.catalogues: dict[str, NullTranslations] = {SOURCE_LANGUAGE: NullTranslations()}
        self.catalogues |= {
            path.parts[-3]: compile_catalogue(path) for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
        }
        if with_pseudo:
            self.catalogues[PSEUDO_LANGUAGE] = Pseudo()

    def names(self) -> dict[str, str]:
        """Each code with the language's name in that language, for a menu."""
        return {
            code: locale_of(code).get_language_name(code) or code
            for code in self.catalogues
            if code != PSEUDO_LANGUAGE
        }

    def choose(self, *wanted: str, accepted: str = "") -> str:
        """The first wanted code there is; then what the browser accepts; then the last wanted, the site's."""
        *first, last = wanted or (SOURCE_LANGUAGE,)
        for code in (*first, *accepted_codes(accepted), last):
            if code in self.catalogues:
                return code
        return SOURCE_LANGUAGE


def accepted_codes(header: str) -> Iterable[str]:
    """The languages of an Accept-Language header, best first, regions dropped."""
    ranked = sorted(
        (_weigh(entry) for entry in header.split(",") if entry.strip()), key=lambda pair: -pair[0]
    )
    return [code for weight, code in ranked if weight > 0]


def _weigh(entry: str) -> tuple[float, str]:
    tag, _, parameter = entry.strip().partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip().split("-")[0].lower()


def locale_of(language: str) -> Locale:
    """Babel's rules for dates and numbers; the pseudo-language borrows English ones."""
    return Locale.parse(SOURCE_LANGUAGE if language == PSEUDO_LANGUAGE else language)
