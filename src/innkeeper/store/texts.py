"""Texts as the database keeps them: template and parameters, so that they can be shown in any language."""

from typing import Any

import msgspec

from innkeeper.domain.texts import Parameter, Text

OPENING = '{"template":'


def packed(text: Text) -> dict[str, Any]:
    """A text as JSON has it."""
    return {
        "template": text.template,
        "parameters": {name: _packed(value) for name, value in text.parameters.items()},
    }


def unpacked(document: Any) -> Text:
    """The inverse of `packed`; a plain string, as was kept before, is a text without parameters."""
    if isinstance(document, str):
        return Text(document)
    template, parameters = document["template"], document["parameters"]
    return Text(template, {name: _unpacked(value) for name, value in parameters.items()})


def to_column(text: Text | None, longest: int) -> str:
    """A text, or '' for none, in a column. One longer than that is cut, and stays in English."""
    if text is None:
        return ""
    english = str(text)
    return msgspec.json.encode(packed(text if len(english) <= longest else Text(english[:longest]))).decode()


def from_column(column: str) -> Text | None:
    """The inverse of `to_column`."""
    if not column:
        return None
    return unpacked(msgspec.json.decode(column) if column.startswith(OPENING) else column)


def _packed(value: Parameter) -> Any:
    if isinstance(value, tuple):
        return [packed(text) for text in value]
    return packed(value) if isinstance(value, Text) else value


def _unpacked(value: Any) -> Parameter:
    if isinstance(value, list):
        return tuple(unpacked(text) for text in value)
    return unpacked(value) if isinstance(value, dict) else value
