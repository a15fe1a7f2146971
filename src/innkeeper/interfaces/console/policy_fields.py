"""The form of the sign-in policy: kinds of settings, and how each is shown and taken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from innkeeper.domain.settings import SiteSettings
from innkeeper.interfaces.console.forms import Form, number, words

Options = tuple[tuple[str, str], ...]


class Control(StrEnum):
    """How a setting is typed."""

    NUMBER = "number"
    DAYS_OR_NONE = "days_or_none"
    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what it is called, and a sentence of help."""

    name: str
    label: str
    help: str
    control: Control = Control.NUMBER
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Settings under one heading; two in a row stand side by side."""

    id: str
    title: str
    text: str
    rows: tuple[tuple[Setting, ...], ...]


def settings_in(sections: Iterable[Section]) -> Iterator[Setting]:
    """Every setting of these sections."""
    return (setting for section in sections for row in section.rows for setting in row)


def filled(sections: Iterable[Section], site: SiteSettings) -> Form:
    """The form as the site stands."""
    return Form({entry.name: _shown(entry, getattr(site, entry.name)) for entry in settings_in(sections)})


def values(sections: Iterable[Section], form: Form) -> dict[str, Any]:
    """What was typed, as the action takes it."""
    return {setting.name: _value(setting, form) for setting in settings_in(sections)}


def _shown(setting: Setting, value: Any) -> list[str]:
    if setting.control is Control.SWITCH:
        texts = ["yes"] if value else []
    elif setting.control is Control.CHOICES:
        texts = list(value)
    elif setting.control is Control.WORDS:
        texts = ["\n".join(value)]
    else:
        texts = ["" if value is None else str(value)]
    return texts


def _value(setting: Setting, form: Form) -> Any:
    if setting.control is Control.SWITCH:
        value: Any = bool(form.values(setting.name))
    elif setting.control is Control.CHOICES:
        value = list(form.values(setting.name))
    elif setting.control is Control.WORDS:
        value = words(form.value(setting.name))
    else:
        value = number(form.value(setting.name))
    return value
