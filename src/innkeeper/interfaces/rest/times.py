"""Times on their way in: with an offset, or a day that is meant to its end."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Strict, WithJsonSchema

from innkeeper.domain.checkers import Expected, Zone, moment

DESCRIPTION = "A time with its offset, or a date, which means the end of that day in UTC."


def _read(value: Any) -> datetime | None:
    try:
        return moment(value, Zone())
    except Expected as error:
        raise ValueError(f"expected {error}") from error


Moment = Annotated[
    datetime,
    BeforeValidator(_read),
    Strict(False),
    WithJsonSchema({"type": "string", "description": DESCRIPTION, "examples": ["2027-03-31T18:00:00+02:00"]}),
]
