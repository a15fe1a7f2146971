"""May this user be in, now, at this door, from this address? And whose list said so.

Asked at sign-in and at every use; what explains an answer to administrators is the answer itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network

from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.groups import Group
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId


class ListOwner(StrEnum):
    """Whose list of doors or addresses it is."""

    USER = "user"
    GROUP = "group"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Ruler:
    """Someone whose list had a say; a group with its id and name."""

    owner: ListOwner
    id: GroupId | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that decides about coming in, besides the proofs: the same facts at every door."""

    site: SiteSettings
    groups: tuple[Group, ...]
    interface: str
    address: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why the user stays outside, None when they may be in; and whose lists of doors or addresses decided."""

    reason: WhyNot | None
    by: tuple[Ruler, ...] = ()


OF_USER, OF_SITE = Ruler(ListOwner.USER), Ruler(ListOwner.SITE)


def why_not(user: User, at: Circumstances) -> WhyNot | None:
    """The first reason to refuse, None when the user may be in."""
    return weigh(user, at).reason


def weigh(user: User, at: Circumstances) -> Verdict:
    """The same with the lists that decided: all that refused, or all that let the user in."""
    state = _state_of(user, at.now)
    if state is not None:
        return Verdict(state)
    door = _at_door(user, at)
    if door.reason is not None:
        return door
    address = _from_address(user, at)
    return address if address.reason is not None else Verdict(None, door.by + address.by)


def may_be_used_from(key: ApiKey, address: str) -> bool:
    """True when the key's own list of addresses, if it has one, holds this address."""
    return not key.allowed_ips or address_in(address, key.allowed_ips)


def address_in(address: str, networks: Iterable[str]) -> bool:
    """True when the address lies in one of the networks (CIDR, IPv4 or IPv6)."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(known, "ipv4_mapped", None) or known
    return any(mapped in ip_network(network, strict=False) for network in networks)


def _state_of(user: User, now: datetime) -> WhyNot | None:
    if user.deleted_at is not None:
        reason = WhyNot.DELETED
    elif user.disabled:
        reason = WhyNot.SUSPENDED
    elif user.access_expires_at is not None and now >= user.access_expires_at:
        reason = WhyNot.EXPIRED
    elif user.missed_first_login(now):
        reason = WhyNot.NEVER_SIGNED_IN
    else:
        return None
    return reason


def _at_door(user: User, at: Circumstances) -> Verdict:
    """The user's own choice, else what their groups add up to, else the site's; never beyond the site's."""
    if at.interface not in at.site.protocols:
        return Verdict(WhyNot.PROTOCOL, (OF_SITE,))
    if user.protocols is not None:
        return Verdict(None if at.interface in user.protocols else WhyNot.PROTOCOL, (OF_USER,))
    choosing = [group for group in at.groups if group.protocols is not None]
    opening = [group for group in choosing if at.interface in (group.protocols or ())]
    if choosing and not opening:
        return Verdict(WhyNot.PROTOCOL, _rulers(choosing))
    return Verdict(None, _rulers(opening) or (OF_SITE,))


def _from_address(user: User, at: Circumstances) -> Verdict:
    """Inside the lists of the user and their groups where there are any, and inside the site's."""
    listing = [group for group in at.groups if group.allowed_ips]
    own = _rulers(group for group in listing if address_in(at.address, group.allowed_ips))
    if user.allowed_ips and address_in(at.address, user.allowed_ips):
        own = (OF_USER, *own)
    if (user.allowed_ips or listing) and not own:
        return Verdict(WhyNot.ADDRESS, (OF_USER,) * bool(user.allowed_ips) + _rulers(listing))
    if not at.site.allowed_ips or user.bypass_site_allowed_ips:
        return Verdict(None, own)
    is_inside = address_in(at.address, at.site.allowed_ips)
    return Verdict(None, (*own, OF_SITE)) if is_inside else Verdict(WhyNot.ADDRESS, (OF_SITE,))


def _rulers(groups: Iterable[Group]) -> tuple[Ruler, ...]:
    return tuple(Ruler(ListOwner.GROUP, group.id, group.name) for group in groups)
