"""The `If` header (RFC 4918, section 10.4): lists of state tokens and entity tags."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from innkeeper.domain.errors import Invalid, Problem

_WORD = re.compile(r"\s*(?:(\()|(\))|<([^<>]*)>|\[((?:W/)?\"[^\"]*\")\]|(Not)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a state token or an entity tag, which holds, or does not."""

    token: str | None
    tag: str | None
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """One list: all of its terms must be true. `address` is the tag before it, if any."""

    address: str | None
    terms: tuple[Term, ...]


def parse_if(header: str) -> list[Terms]:
    """The lists of a header. Raises Invalid."""
    lists: list[Terms] = []
    address: str | None = None
    words = _words(header)
    while words:
        opens, _, uri, _, _ = word = words.pop(0)
        if opens:
            lists.append(Terms(address, _terms(words)))
        elif uri is not None and not (address is None and lists):
            address = uri
        else:
            raise _malformed(str(word))
    if not lists:
        raise _malformed(header)
    return lists


def tokens_of(lists: list[Terms]) -> list[str]:
    """Every state token that the header shows."""
    return [term.token for entry in lists for term in entry.terms if term.token is not None]


async def holds(
    lists: list[Terms], state: Callable[[str | None], Awaitable[tuple[set[str], str | None]]]
) -> bool:
    """True if one of the lists is true. `state` gives the tokens and the entity tag at an address."""
    for entry in lists:
        tokens, tag = await state(entry.address)
        if all(_is_true(term, tokens, tag) for term in entry.terms):
            return True
    return False


def _is_true(term: Term, tokens: set[str], tag: str | None) -> bool:
    is_there = term.token in tokens if term.token is not None else term.tag == tag
    return is_there != term.is_negated


Word = tuple[str | None, str | None, str | None, str | None, str | None]


def _words(header: str) -> list[Word]:
    words: list[Word] = []
    at, header = 0, header.strip()
    while at < len(header):
        match = _WORD.match(header, at)
        if match is None:
            raise _malformed(header)
        words.append((match[1], match[2], match[3], match[4], match[5]))
        at = match.end()
    return words


def _terms(words: list[Word]) -> tuple[Term, ...]:
    terms: list[Term] = []
    is_negated = False
    while words:
        opens, closes, token, tag, negates = words.pop(0)
        if closes and terms and not is_negated:
            return tuple(terms)
        if opens or closes or (negates and is_negated):
            break
        if negates:
            is_negated = True
        else:
            terms.append(Term(token, tag, is_negated))
            is_negated = False
    raise _malformed("If")


def _malformed(header: str) -> Invalid:
    return Invalid(Problem("If", header[:80], "lists of tokens and tags in parentheses"))
