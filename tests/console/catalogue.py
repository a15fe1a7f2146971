"""What the German catalogue has, and what it should have."""

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from innkeeper.interfaces.console.assets import HERE
from innkeeper.interfaces.console.languages import LOCALE

PACKAGE = HERE.parents[1]
# Where a refusal carries a template of its own, the refusal is the mark.
REFUSALS = (
    "NotFound",
    "NotNow",
    "Forbidden",
    "Stale",
    "TooManyAttempts",
    "BadFile",
    "NotRunning",
    "Expected",
)
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "text": None,
    "Text": None,
    "Problem": (3,),
    "Expected": None,
    **dict.fromkeys(REFUSALS),
}

Key = str | tuple[str, ...] | list[str]


def german() -> Catalog:
    with (LOCALE / "de/LC_MESSAGES/messages.po").open("rb") as source:
        return read_po(source)


def every_text() -> set[Key]:
    """All that is marked in the package."""
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(str(PACKAGE), methods, options, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found}
