"""Letters: what a mail says, in its reader's language, as text and as HTML.

To add a kind: name it in `domain/mails.py`, put a file of that name into `templates/kinds`, and translate its
texts in `locale`. The file fills three blocks: `subject`, `body`, and `why` the reader gets it. In the body
stand the pieces that `letter.html` and `letter.txt` both know: say, press, type, facts. What the data lacks
is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from innkeeper.domain.mails import WITH_UNSUBSCRIBE, Mail
from innkeeper.kit.browsers import browser_of
from innkeeper.kit.catalogues import compile_catalogue

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2 import Environment, Template
    from jinja2.runtime import Context

T = TypeVar("T", bound=str)
HERE = Path(__file__).parent
SOURCE_LANGUAGE = "en"
# What stands in for a secret where a letter is only looked at.
HIDDEN = "••••••"
# Control characters, and those that turn the direction of writing round or cannot be seen.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words. The subject is one line. `unsubscribe`: where its reader can stop such mails."""

    subject: str
    text: str
    html: str
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the site's name, and where its console is."""

    site: str
    home: str


def write(mail: Mail, sender: Sender, secret: Mapping[str, str]) -> Letter:
    """The letter of a mail. `secret` holds what was sealed: a `path` on this site, or a `code`."""
    known = {"link": sender.home + secret["path"]} if "path" in secret else {}
    values = _values(mail, sender) | dict(secret) | known
    text, html = (
        _template(mail, ending).render(values, form=f"letter.{ending}") for ending in ("txt", "html")
    )
    return Letter(
        subject_of(mail, sender),
        GAPS.sub("\n\n", text).strip() + "\n",
        _inliner().inline(html),
        known.get("link", "") if mail.kind in WITH_UNSUBSCRIBE else "",
    )


def show(mail: Mail, sender: Sender) -> Letter:
    """The same without the secret."""
    return write(mail, sender, {"path": f"/{HIDDEN}", "code": HIDDEN})


def subject_of(mail: Mail, sender: Sender) -> str:
    """What the mail is about. No secret is ever in it, so that lists may show it."""
    template = _template(mail, "txt")
    context: Context = template.new_context(_values(mail, sender))
    return one_line("".join(template.blocks["subject"](context)))


def one_line(text: T) -> T:
    """The text without line breaks, and without characters that could make it pass for something else."""
    return type(text)(" ".join(UNPRINTABLE.sub(" ", text).split()))


def languages() -> list[str]:
    """The languages that letters can be in."""
    return [SOURCE_LANGUAGE, *sorted(path.name for path in (HERE / "locale").iterdir())]


def _values(mail: Mail, sender: Sender) -> dict[str, Any]:
    """What templates may name, each text on one line; the data cannot hide what is ours."""
    ours = {"site": sender.site, "home": sender.home, "language": _language(mail)}
    values = {**mail.data, **ours}
    return {name: one_line(value) if isinstance(value, str) else value for name, value in values.items()}


def _language(mail: Mail) -> str:
    return mail.language if mail.language in languages() else SOURCE_LANGUAGE


def _template(mail: Mail, ending: str) -> "Template":
    return _environment(_language(mail), ending).get_template(f"kinds/{mail.kind.value}.jinja")


@cache
def _environment(language: str, ending: str) -> "Environment":
    # Not needed by commands that only speak to a server.
    from jinja2 import Environment, FileSystemLoader, pass_context

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=ending == "html",  # noqa: S701 - plain text knows no escapes
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(_catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"oneline": one_line, "moment": pass_context(_moment), "browser": browser_of}
    return environment


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    return compile_catalogue(HERE / "locale" / language / "LC_MESSAGES" / "letters.po")


@cache
def _inliner() -> "CSSInliner":
    from css_inline import CSSInliner

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _moment(context: "Context", text: object) -> str:
    """A stored time as its reader writes it, in their zone."""
    from babel.dates import format_datetime

    if not isinstance(text, str):
        return ""
    zone = ZoneInfo(str(context.get("zone", "UTC")))
    shown = format_datetime(datetime.fromisoformat(text), "medium", zone, context["language"])
    return f"{shown} ({zone.key})"
