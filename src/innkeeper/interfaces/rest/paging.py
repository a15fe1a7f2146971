"""Pages and versions on the wire."""

from typing import Annotated, Any, Generic, TypeVar

from fastapi import Header, Query, Response
from pydantic import BaseModel, Field

from innkeeper.domain.errors import Stale

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=1000, description="How many items a page may have.")]
Cursor = Annotated[
    str | None,
    Query(max_length=2000, description="The `next_cursor` of the page before."),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The `ETag` of what you saw, like `"3"`; 412 if it changed.'),
]


class PageDocument(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Ask for the next page with it; null on the last page.")


def wanted_version(if_match: str | None) -> int | None:
    """The version that the caller saw; raises Stale for a tag that cannot be ours. `*` and none: any."""
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Stale("If-Match: %(tag)s is no version of this; look again", tag=repr(if_match[:80]))
    return int(number)


def tag(answer: Response, document: Any) -> Any:
    """Put the document's version on the answer as its ETag."""
    answer.headers["ETag"] = f'"{document.version}"'
    return document
