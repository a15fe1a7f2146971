"""How one description of a verb serves two clients: it answers at once, or something to await."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps
from innkeeper_client.transport import Later, Now

P = ParamSpec("P")
T = TypeVar("T")
Way = TypeVar("Way", bound=Now | Later)


class Noun(Generic[Way]):
    """A kind of thing that the API knows, and the way on which its verbs are carried out."""

    def __init__(self, way: Way) -> None:
        self.way: Way = way


class Verb(Generic[P, T]):
    """A method of a noun, described by its steps."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Steps[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, noun: None, owner: type) -> "Verb[P, T]": ...
    @overload
    def __get__(self, noun: Noun[Now], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, noun: Noun[Later], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: type) -> Any:
        if noun is None:
            return self

        def carry_out(*args: P.args, **kwargs: P.kwargs) -> Any:
            return noun.way.run(self.describe(noun, *args, **kwargs))

        return update_wrapper(carry_out, self.describe)


class Walk(Generic[P, T]):
    """A method that walks through all pages of a list, asking for each when it is needed."""

    def __init__(self, pages: Verb[P, Page[T]]) -> None:
        self.describe = pages.describe

    @overload
    def __get__(self, noun: None, owner: type) -> "Walk[P, T]": ...
    @overload
    def __get__(self, noun: Noun[Now], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, noun: Noun[Later], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: type) -> Any:
        if noun is None:
            return self

        def walk(*args: P.args, **kwargs: P.kwargs) -> Any:
            def pages(cursor: str | None) -> Steps[Page[T]]:
                more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
                return self.describe(noun, *args, **{**kwargs, **more})

            return _walk_now(noun.way, pages) if isinstance(noun.way, Now) else _walk_later(noun.way, pages)

        walk.__doc__ = "Walk through all of the list, page by page; takes what one page takes."
        return walk


Pages = Callable[[str | None], Steps[Page[T]]]


def _walk_now(way: Now, pages: Pages[T]) -> Iterator[T]:
    page = way.run(pages(None))
    yield from page.items
    while page.next_cursor is not None:
        page = way.run(pages(page.next_cursor))
        yield from page.items


async def _walk_later(way: Later, pages: Pages[T]) -> AsyncIterator[T]:
    page = await way.run(pages(None))
    for item in page.items:
        yield item
    while page.next_cursor is not None:
        page = await way.run(pages(page.next_cursor))
        for item in page.items:
            yield item
