"""What the browser loads, under addresses that never change their content.

Own CSS and JavaScript come from `static/`, icons and typefaces from installed packages. Everything is read
and compressed once; a package that lost its file stops the start, not a page.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from innkeeper.interfaces.console.icons import sprite

HERE = Path(__file__).parent
PREFIX = "/static"
FOREVER = "public, max-age=31536000, immutable"
FONTS = {
    "geist.ttf": ("fontpkg_geist", "Geist[wght].ttf"),
    "geist-mono.ttf": ("fontpkg_geist_mono", "GeistMono[wght].ttf"),
}
REFERENCE = re.compile(r"asset:([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its content, plain and compressed, and the address that its digest gives it."""

    name: str
    media_type: str
    body: bytes
    zipped: bytes
    url: str


class Assets:
    """All files by name, and the names of the icons in the sprite."""

    def __init__(self, assets: Iterable[Asset], icons: frozenset[str]) -> None:
        self._by_name = {asset.name: asset for asset in assets}
        self.icons = icons

    def __iter__(self) -> Iterator[Asset]:
        return iter(self._by_name.values())

    def url(self, name: str) -> str:
        """The address of a file; KeyError for a file that does not exist."""
        return self._by_name[name].url

    def icon(self, name: str) -> str:
        """The address of one icon in the sprite; KeyError for one that is not drawn."""
        if name not in self.icons:
            raise KeyError(name)
        return f"{self.url('icons.svg')}#{name}"

    async def serve(self, request: Request) -> Response:
        """Answer a file to whoever asks by its exact address."""
        asset = self._by_name.get(request.path_params["name"])
        if asset is None or asset.url != request.url.path:
            return Response("not found", 404, media_type="text/plain")
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return Response(asset.body, media_type=asset.media_type, headers=headers)
        return Response(
            asset.zipped, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"}
        )


def load_assets() -> Assets:
    """Read everything; raises FileNotFoundError or ModuleNotFoundError when a package lost its file."""
    fonts = [_asset(name, "font/ttf", _font(*where)) for name, where in FONTS.items()]
    names, drawing = sprite([*HERE.glob("templates/**/*.html"), *HERE.glob("**/*.py")])
    plain = [
        *fonts,
        _asset("icons.svg", "image/svg+xml", drawing),
        _asset("mark.svg", "image/svg+xml", (HERE / "static/mark.svg").read_bytes()),
        _asset("console.js", "text/javascript", _scripts()),
        _asset("passkeys.js", "text/javascript", (HERE / "static/passkeys.js").read_bytes()),
    ]
    return Assets([*plain, _asset("console.css", "text/css", _styles(plain))], names)


def _asset(name: str, media_type: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(name, media_type, body, gzip.compress(body, 9, mtime=0), f"{PREFIX}/{digest}/{name}")


def _font(package: str, name: str) -> bytes:
    return (files(package) / "files" / name).read_bytes()


def _scripts() -> bytes:
    """Every script in a block of its own: they share no names, and speak to each other by events."""
    parts = [
        f"// {path.name}\n{{\n{path.read_text('utf-8')}}}\n" for path in sorted(HERE.glob("static/js/*.js"))
    ]
    return "".join(parts).encode()


def _styles(assets: Iterable[Asset]) -> bytes:
    """The style sheets in the order of their numbers, with `asset:name` replaced by addresses."""
    urls = {asset.name: asset.url for asset in assets}
    text = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("static/css/*.css")))
    return REFERENCE.sub(lambda found: urls[found.group(1)], text).encode()
