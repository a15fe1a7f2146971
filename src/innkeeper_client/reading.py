"""From JSON to frozen dataclasses and back. Fields that this client does not know are passed over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import lru_cache
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from innkeeper_client.errors import BadAnswer

T = TypeVar("T")
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list; `next_cursor` asks for the next one, None on the last."""

    items: tuple[T, ...]
    next_cursor: str | None


def read(kind: type[T], document: Any) -> T:
    """The document as this dataclass; raises BadAnswer when something is missing or of another kind."""
    try:
        value: T = _reader(kind)(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"the server's answer is no {kind.__name__} that this client understands: {error!r}"
        raise BadAnswer(reason) from error
    return value


def read_page(kind: type[T], document: Any) -> Page[T]:
    """The document as a page of these."""
    if not isinstance(document, Mapping) or not isinstance(document.get("items"), list):
        raise BadAnswer("the server's answer is no page of a list")
    items = tuple(read(kind, item) for item in document["items"])
    return Page(items, document.get("next_cursor"))


def _reader(kind: Any) -> Reader:
    return reader_of(kind)


def plain(value: Any) -> Any:
    """The same as JSON knows it: objects, lists, texts with times in ISO 8601."""
    if is_dataclass(value):
        result: Any = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    elif isinstance(value, datetime):
        result = value.isoformat()
    elif isinstance(value, Mapping):
        result = {name: plain(item) for name, item in value.items()}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        result = [plain(item) for item in value]
    else:
        result = value
    return result


@lru_cache
def reader_of(kind: Any) -> Reader:
    """What reads values of this type."""
    if is_dataclass(kind):
        reader = _reader_of_object(kind)
    elif get_origin(kind) in (Union, UnionType):
        inner = reader_of(next(part for part in get_args(kind) if part is not type(None)))
        reader = lambda value: None if value is None else inner(value)  # noqa: E731
    elif get_origin(kind) is tuple:
        item = reader_of(get_args(kind)[0])
        reader = lambda values: tuple(item(value) for value in values)  # noqa: E731
    elif kind is datetime:
        reader = datetime.fromisoformat
    else:
        reader = _same
    return reader


def _reader_of_object(kind: Any) -> Reader:
    readers = {name: reader_of(hint) for name, hint in get_type_hints(kind).items()}

    def read_object(document: Any) -> Any:
        return kind(**{name: reader(document[name]) for name, reader in readers.items()})

    return read_object


def _same(value: Any) -> Any:
    return value
