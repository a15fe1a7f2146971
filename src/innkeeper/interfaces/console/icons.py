"""One SVG sprite of the icons that templates and pages name, taken from the Lucide set in its package."""

import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

QUOTED = re.compile(r"""['"]([a-z0-9]+(?:-[a-z0-9]+)*)['"]""")
AROUND = re.compile(r"^.*?<svg[^>]*>|</svg>\s*$", re.DOTALL)
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
)


def sprite(sources: Iterable[Path]) -> tuple[frozenset[str], bytes]:
    """The names and the sprite of every icon that some source file quotes."""
    with ZipFile(str(files("lucide") / "lucide.zip")) as archive:
        known = {name.removesuffix(".svg") for name in archive.namelist()}
        names = frozenset(known & _quoted(sources))
        symbols = [_symbol(name, archive.read(f"{name}.svg").decode()) for name in sorted(names)]
    return names, f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


def _quoted(sources: Iterable[Path]) -> set[str]:
    return {name for source in sources for name in QUOTED.findall(source.read_text("utf-8"))}


def _symbol(name: str, drawing: str) -> str:
    return SYMBOL.format(name=name, body=" ".join(AROUND.sub("", drawing).split()))
