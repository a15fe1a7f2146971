"""From a cell's text to the value that a field takes, as JSON would have it.

An empty cell says nothing: an update leaves the field as it is, a new user gets the default. `(none)` empties
the field.
"""

import json
import re
from collections.abc import Callable

from innkeeper.domain.checkers import Expected
from innkeeper.domain.fields import CHECKERS

CLEAR = "(none)"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SEPARATOR = re.compile(r"[,;\n]")
LINES = re.compile(r"[;\n]")

Reader = Callable[[str], object]


def read_cell(field: str, text: str) -> object:
    """The value that a cell with something in it stands for; raises Expected."""
    if "\x00" in text:
        raise Expected("text without a NUL character")
    if text.startswith("'") and text[1:2] in FORMULA:
        text = text[1:]
    if field != "password":
        text = text.strip()
    return None if text == CLEAR else READERS[field](text)


def harmless(text: str) -> str:
    """The cell so that no spreadsheet takes it for a formula; `read_cell` undoes it."""
    return "'" + text if text.startswith(FORMULA) else text


def _same(text: str) -> str:
    return text


def _truth(text: str) -> object:
    truth = TRUTHS.get(text.lower())
    if truth is None:
        raise Expected("true or false (yes, no, 1 and 0 will do)")
    return truth


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _list(text: str) -> list[str]:
    return [item.strip() for item in SEPARATOR.split(text) if item.strip()]


def _lines(text: str) -> list[str]:
    return [item.strip() for item in LINES.split(text) if item.strip()]


def _bypass(text: str) -> object:
    reason, _, until = text.partition("|")
    return {"reason": reason.strip(), "until": until.strip() or None}


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Expected('a JSON object, like {"badge": "7"}') from error


READERS: dict[str, Reader] = dict.fromkeys(CHECKERS, _same) | {
    "tags": _list,
    "require_password_change": _truth,
    "password_validity_days": _number,
    "disabled": _truth,
    "roles": _list,
    "groups": _list,
    "protocols": _list,
    "allowed_ips": _list,
    "bypass_site_allowed_ips": _truth,
    "require_2fa": _truth,
    "bypass_lifecycle_rules": _bypass,
    "notification_preferences": _object,
    "ssh_keys": _lines,
    "grants": _lines,
    "external_ids": _object,
    "attributes": _object,
}
