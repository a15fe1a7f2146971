"""Templates to answers: whole pages for browsers, their inner part for requests that swap a fragment."""

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from innkeeper.domain.texts import said
from innkeeper.interfaces.console import labels, navigation
from innkeeper.interfaces.console.assets import Assets
from innkeeper.interfaces.console.browsers import browser_of
from innkeeper.interfaces.console.charts import columns
from innkeeper.interfaces.console.languages import PSEUDO_LANGUAGE, SOURCE_LANGUAGE, Languages, locale_of
from innkeeper.interfaces.console.people import hue, initials
from innkeeper.interfaces.console.reader import Reader
from innkeeper.interfaces.console.stories import text_of
from innkeeper.interfaces.console.times import Times
from innkeeper.kit.clock import Clock

TEMPLATES = Path(__file__).parent / "templates"
DRAWING = Markup('<svg class="{}" width="{}" height="{}" aria-hidden="true"><use href="{}"/></svg>')
NOTICE_COOKIE = "notice"


class Rendering:
    """One template environment a language, so that texts are bound when a template is loaded."""

    def __init__(self, assets: Assets, languages: Languages, clock: Clock) -> None:
        self.assets = assets
        self.languages = languages
        self.clock = clock
        self.environments = {code: self._environment(code) for code in languages.catalogues}

    def page(self, request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        """`pages/NAME.html`, or `parts/NAME.html`, if there is one, when the request asks for a fragment."""
        reader: Reader = request.state.reader
        frame = self._frame(request, reader)
        names = [f"parts/{name}.html"] * bool(frame["fragment"]) + [f"pages/{name}.html"]
        text = self.environments[reader.language].select_template(names).render(frame | context)
        answer = HTMLResponse(text, status)
        if frame["notice"]:
            answer.delete_cookie(NOTICE_COOKIE)
        return answer

    def gettext(self, request: Request, message: str, **values: object) -> str:
        """A text in the reader's language, for notices that outlive their page."""
        text = self.languages.catalogues[request.state.reader.language].gettext(message)
        return text % values if values else text

    def times(self, reader: Reader) -> Times:
        """The reader's way to write moments."""
        return Times(locale_of(reader.language), reader.zone, self.clock())

    def _frame(self, request: Request, reader: Reader) -> dict[str, Any]:
        return {
            "reader": reader,
            "visible": [entry for entry in navigation.ALL if reader.sees(entry)],
            "path": request.url.path,
            "times": self.times(reader),
            "html_language": SOURCE_LANGUAGE if reader.language == PSEUDO_LANGUAGE else reader.language,
            "language_names": self.languages.names(),
            "fragment": fragment_of(request),
            "notice": "" if fragment_of(request) else unquote(request.cookies.get(NOTICE_COOKIE, "")),
        }

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        catalogue = self.languages.catalogues[language]
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "asset": self.assets.url,
            "browser": browser_of,
            "icon": self.icon,
            "act": act,
            "columns": columns,
            "hue": hue,
            "initials": initials,
            "labels": labels,
            "navigation": navigation,
            "said": partial(said, translate=catalogue.gettext),
            "text_of": text_of,
        }
        return environment

    def icon(self, name: str, size: int = 16, kind: str = "i") -> Markup:
        """A drawing out of the sprite; never read aloud, a word always stands beside it."""
        return DRAWING.format(kind, size, size, self.assets.icon(name))


def act(into: str, *, push: bool = False, live: bool = False) -> Markup:
    """The attributes that make a link or form swap a fragment: the one place that knows the engine."""
    attributes = {"data-into": into}
    if push:
        attributes["data-push"] = ""
    if live:
        attributes["data-live"] = "180"
    return Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in attributes.items())


def fragment_of(request: Request) -> str:
    """The place on the page that the answer is for; empty when a whole page is wanted."""
    return request.headers.get("X-Fragment", "")


def go(request: Request, url: str, *, notice: str = "") -> Response:
    """Send the reader on to another page, with a short notice to show there."""
    if fragment_of(request):
        answer = Response(status_code=204, headers={"X-Location": url})
    else:
        answer = RedirectResponse(url, 303)
    if notice:
        answer.set_cookie(NOTICE_COOKIE, quote(notice), max_age=60, httponly=True, samesite="lax")
    return answer


def announce(answer: Response, text: str) -> Response:
    """Show a short notice on the page that stays."""
    answer.headers["X-Toast"] = quote(text)
    return answer


def address(answer: Response, url: str) -> Response:
    """The canonical address of a fragment, for the address bar."""
    answer.headers["X-Url"] = url
    return answer
