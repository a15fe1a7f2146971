"""Sentences that every reader gets in their own language: an English template, and what fills its gaps.

Catalogues know a sentence by its template, so a template is written out where it is used, never put together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, Union

Translate = Callable[[str], str]
Parameter: TypeAlias = Union[str, int, "Text", tuple["Text", ...]]

# Several sentences as one.
TOGETHER = "%(texts)s"
BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class Text:
    """A template with `%(name)s` in it, and the values by name. Texts among them are translated too."""

    template: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def __str__(self) -> str:
        return said(self, lambda template: template)


def N_(template: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a template for translation where it is not used yet."""
    return template


def said(text: Text | str, translate: Translate) -> str:
    """The text in the reader's language; a plain string is a template without gaps."""
    if isinstance(text, str):
        return translate(text)
    template = translate(text.template)
    if not text.parameters:
        return template
    return template % {name: _filling(value, translate) for name, value in text.parameters.items()}


def together(*texts: Text) -> Text:
    """Several sentences as one, parted by semicolons."""
    return texts[0] if len(texts) == 1 else Text(TOGETHER, {"texts": texts})


def _filling(value: Parameter, translate: Translate) -> str | int:
    if isinstance(value, tuple):
        return BETWEEN.join(said(text, translate) for text in value)
    return said(value, translate) if isinstance(value, Text) else value
