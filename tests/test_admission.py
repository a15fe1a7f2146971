"""Who may be in: the rule against its plain words, and the explanation that is the rule's own answer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innkeeper.actions import admission, api_keys, groups, memberships, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.domain.admission import Circumstances, ListOwner, weigh, why_not
from innkeeper.domain.errors import Invalid, NotFound
from innkeeper.domain.groups import Group
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId, Protocol, Source, SubjectKind, UserId
from tests.conftest import SYSTEM

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOORS = st.lists(st.sampled_from([protocol.value for protocol in Protocol]), max_size=4).map(tuple)
MAYBE_DOORS = st.none() | DOORS
LISTS = st.lists(
    st.sampled_from(["192.0.2.0/24", "192.0.2.7", "198.51.100.0/24", "2001:db8::/32"]), max_size=2
).map(tuple)
ADDRESSES = st.sampled_from(["192.0.2.7", "192.0.2.8", "198.51.100.1", "2001:db8::7", "::ffff:192.0.2.7"])


def someone(**values: Any) -> User:
    known = {
        "id": UserId("1"),
        "username": "bob",
        "source": Source.MANUAL,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return User(**{**known, **values})


def group(name: str, doors: tuple[str, ...] | None, networks: tuple[str, ...]) -> Group:
    return Group(
        id=GroupId(name), name=name, protocols=doors, allowed_ips=networks, created_at=NOW, updated_at=NOW
    )


def holds(networks: Sequence[str], address: str) -> bool:
    known = ip_address(address)
    plain = getattr(known, "ipv4_mapped", None) or known
    return any(plain in ip_network(network) for network in networks)


@given(
    own=st.tuples(MAYBE_DOORS, LISTS, st.booleans()),
    of_groups=st.lists(st.tuples(MAYBE_DOORS, LISTS), max_size=3),
    of_site=st.tuples(DOORS, LISTS),
    door=st.sampled_from([protocol.value for protocol in Protocol]),
    address=ADDRESSES,
)
def test_doors_and_addresses_add_up_as_written(
    own: tuple[tuple[str, ...] | None, tuple[str, ...], bool],
    of_groups: list[tuple[tuple[str, ...] | None, tuple[str, ...]]],
    of_site: tuple[tuple[str, ...], tuple[str, ...]],
    door: str,
    address: str,
) -> None:
    user = someone(protocols=own[0], allowed_ips=own[1], bypass_site_allowed_ips=own[2])
    held = tuple(group(str(number), *lists) for number, lists in enumerate(of_groups))
    site = SiteSettings(protocols=of_site[0], allowed_ips=of_site[1])
    at = Circumstances(site, held, door, address, NOW)

    chosen = [set(doors) for doors, _ in of_groups if doors is not None]
    doors = set(own[0]) if own[0] is not None else set().union(*chosen) if chosen else set(of_site[0])
    listed = [*own[1], *(network for _, networks in of_groups for network in networks)]
    is_outside = bool(listed) and not holds(listed, address)
    is_outside |= bool(of_site[1]) and not own[2] and not holds(of_site[1], address)
    expected = WhyNot.ADDRESS if is_outside else None
    if door not in doors & set(of_site[0]):
        expected = WhyNot.PROTOCOL

    assert expected is why_not(user, at)
    assert weigh(user, at).by, "somebody's list always decides, if only the site's doors"


@pytest.fixture
def office(calls: Calls, bob: User, staff: Group) -> Group:
    calls.write_now(SYSTEM, groups.edit, staff.id, {"allowed_ips": ["192.0.2.0/24"], "protocols": ["web"]})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id)
    return staff


def explained(
    calls: Calls, bob: User, door: str, address: str, caller: Caller = SYSTEM
) -> tuple[bool, str | None, list[tuple[ListOwner, str]]]:
    found = calls.read_now(caller, admission.explain, bob.id, door, address)
    return found.may_come_in, found.reason, [(ruler.owner, ruler.name) for ruler in found.by]


def test_the_group_that_decides_is_named(calls: Calls, bob: User, office: Group) -> None:
    staff = (ListOwner.GROUP, "Staff")

    assert explained(calls, bob, "web", "192.0.2.7") == (True, None, [staff, staff])
    assert explained(calls, bob, "web", "203.0.113.1") == (False, WhyNot.ADDRESS, [staff])
    assert explained(calls, bob, "sftp", "192.0.2.7") == (False, WhyNot.PROTOCOL, [staff])


def test_the_user_and_the_site_decide_too(calls: Calls, bob: User, office: Group) -> None:
    own, site = (ListOwner.USER, ""), (ListOwner.SITE, "")
    values = {"protocols": ["sftp"], "allowed_ips": ["203.0.113.0/24"]}
    calls.write_now(SYSTEM, users.edit, bob.id, values)

    assert explained(calls, bob, "sftp", "203.0.113.1") == (True, None, [own, own])
    assert explained(calls, bob, "web", "203.0.113.1") == (False, WhyNot.PROTOCOL, [own])
    calls.write_now(SYSTEM, settings.edit, {"allowed_ips": ["198.51.100.0/24"]})
    assert explained(calls, bob, "sftp", "203.0.113.1") == (False, WhyNot.ADDRESS, [site])
    calls.write_now(SYSTEM, users.edit, bob.id, {"bypass_site_allowed_ips": True})
    assert explained(calls, bob, "sftp", "203.0.113.1") == (True, None, [own, own])


def test_a_state_comes_before_every_list(calls: Calls, bob: User, office: Group) -> None:
    calls.write_now(SYSTEM, users.suspend, bob.id)

    assert explained(calls, bob, "sftp", "203.0.113.1") == (False, WhyNot.SUSPENDED, [])


def test_a_door_where_nothing_of_the_user_works_is_no_way_in(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, users.edit, bob.id, {"authentication_method": "none"})

    assert explained(calls, bob, "web", "192.0.2.7")[0] is False
    assert explained(calls, bob, "sftp", "192.0.2.7")[0] is True


def test_a_group_that_the_reader_may_not_see_stays_nameless(calls: Calls, bob: User, office: Group) -> None:
    _, token = calls.write_now(SYSTEM, api_keys.create, bob.id, "test", scopes=["users:read"])
    calls.write_now(SYSTEM, groups.edit, office.id, {"protocols": ["web", "api"]})
    own = Caller("api", "192.0.2.7", api_key=token)

    assert explained(calls, bob, "sftp", "192.0.2.7", own)[2] == [(ListOwner.GROUP, "")]


def test_a_question_must_be_one(calls: Calls, bob: User) -> None:
    with pytest.raises(Invalid, match=r"interface.*address"):
        calls.read_now(SYSTEM, admission.explain, bob.id, "ssh", "here")


def test_strangers_are_told_of_nobody(calls: Calls, bob: User, charlie: User) -> None:
    _, token = calls.write_now(SYSTEM, api_keys.create, charlie.id, "test")

    with pytest.raises(NotFound):
        explained(calls, bob, "web", "192.0.2.7", Caller("api", "192.0.2.7", api_key=token))
