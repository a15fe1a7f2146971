"""Catalogues of translations: read as people edit them, compiled in memory."""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path


@cache
def compile_catalogue(path: Path) -> GNUTranslations:
    """A .po file in `LANGUAGE/LC_MESSAGES` as translations; no .mo file is ever written."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.parts[-3])
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
