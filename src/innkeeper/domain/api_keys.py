"""The fields of API keys, and what a key may hand out: nothing made with it reaches further than it does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.fields import check as check_fields
from innkeeper.domain.scopes import KeyScope, are_within
from innkeeper.domain.texts import N_, Text

Values = Mapping[str, Any]
LONGEST_NAME = 200


def check(values: Values) -> dict[str, Any]:
    """The values of a key's fields, checked; raises Invalid with every problem."""
    checked: dict[str, Any] = dict(values)
    problems: list[Problem] = []
    if "name" in values and not _is_name(values["name"]):
        problems.append(Problem("name", values["name"], N_("a name of 1 to 200 characters")))
    if "scopes" in values:
        wanted = values["scopes"]
        unknown = [scope for scope in wanted if scope not in set(KeyScope)]
        if unknown:
            known = Text("some of %(names)s", {"names": ", ".join(KeyScope)})
            problems.append(Problem("scopes", ", ".join(map(str, unknown)), known))
        checked["scopes"] = tuple(scope.value for scope in KeyScope if scope.value in wanted)
    if "allowed_ips" in values:
        try:
            checked |= check_fields({"allowed_ips": list(values["allowed_ips"])})
        except Invalid as invalid:
            problems.extend(invalid.problems)
    if problems:
        raise Invalid(*problems)
    return checked


def within(key: ApiKey, maker: ApiKey | None) -> ApiKey:
    """The key inside the limits of the one it is made with; what it leaves open is as there.

    Raises Invalid where it asks for more.
    """
    if maker is None:
        return key
    problems = [*_beyond_scopes(key, maker), *_beyond_addresses(key, maker), *_beyond_end(key, maker)]
    if problems:
        raise Invalid(*problems)
    return replace(
        key,
        is_read_only=key.is_read_only or maker.is_read_only,
        scopes=key.scopes or maker.scopes,
        allowed_ips=key.allowed_ips or maker.allowed_ips,
        expires_at=key.expires_at or maker.expires_at,
    )


def exceeds(key: ApiKey, maker: ApiKey) -> bool:
    """True when the key reaches further than the one that asks, in whatever way."""
    try:
        return within(key, maker) != key
    except Invalid:
        return True


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 1 <= len(name) <= LONGEST_NAME and "\x00" not in name


def _beyond_scopes(key: ApiKey, maker: ApiKey) -> Iterable[Problem]:
    if maker.scopes and not are_within(key.scopes, maker.scopes):
        names = {"names": ", ".join(maker.scopes)}
        expected = Text("some of the scopes of the key that asks: %(names)s", names)
        yield Problem("scopes", ", ".join(key.scopes), expected)


def _beyond_addresses(key: ApiKey, maker: ApiKey) -> Iterable[Problem]:
    if maker.allowed_ips and not all(_is_inside(one, maker.allowed_ips) for one in key.allowed_ips):
        expected = Text(
            "addresses that the key that asks may come from: %(networks)s",
            {"networks": ", ".join(maker.allowed_ips)},
        )
        yield Problem("allowed_ips", ", ".join(key.allowed_ips), expected)


def _beyond_end(key: ApiKey, maker: ApiKey) -> Iterable[Problem]:
    if maker.expires_at is not None and key.expires_at is not None and key.expires_at > maker.expires_at:
        expected = Text(
            "a time not after %(end)s, when the key that asks ends", {"end": _written(maker.expires_at)}
        )
        yield Problem("expires_at", _written(key.expires_at), expected)


def _is_inside(network: str, others: Sequence[str]) -> bool:
    inner = ip_network(network, strict=False)
    outer = [ip_network(other, strict=False) for other in others]
    return any(one.version == inner.version and inner.subnet_of(one) for one in outer)  # type: ignore[arg-type]


def _written(moment: datetime) -> str:
    return moment.isoformat()
