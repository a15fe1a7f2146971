"""Actions on keys: edited, limited by the key that asks, ended by the site's rules, noted when used."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from innkeeper.actions import (
    api_keys,
    connections,
    events,
    key_lists,
    key_tidying,
    settings,
    ssh_keys,
    users,
)
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.connections import Link
from innkeeper.actions.logins import begin
from innkeeper.domain.credentials import ApiKey, SshKey
from innkeeper.domain.errors import Duplicate, Forbidden, Invalid, NotFound, Unauthenticated
from innkeeper.domain.events import Recorded
from innkeeper.domain.lifetimes import KeyView, RemovalReason, is_good, removal_of
from innkeeper.domain.queries import EventQuery, KeyQuery
from innkeeper.domain.users import User
from tests.conftest import SYSTEM, FakeClock
from tests.rest import KEY, connect

DOOR = Caller("sftp", "192.0.2.7", "OpenSSH", system_name="doors")
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJ63ovFERzp/vV2+X0LJBt6wZFbOqV1j3Gnbwz4rO95 charlie@desk"


@pytest.fixture
def key(calls: Calls, bob: User) -> SshKey:
    return calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)


def make(calls: Calls, user: User, caller: Caller = SYSTEM, **values: Any) -> tuple[ApiKey, Caller]:
    key, token = calls.write_now(caller, api_keys.create, user.id, "test", **values)
    return key, Caller("api", "192.0.2.7", api_key=token)


def set_rules(calls: Calls, **days: int | None) -> None:
    calls.write_now(SYSTEM, settings.edit, days)


def newest(calls: Calls, kind: str) -> Recorded:
    return calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,))).items[0]


def ids_in(calls: Calls, view: KeyView, text: str = "") -> set[str]:
    query = KeyQuery(view=view, text=text)
    shown: Sequence[Any] = (
        *calls.read_now(SYSTEM, key_lists.ssh_keys, query).items,
        *calls.read_now(SYSTEM, key_lists.api_keys, query).items,
    )
    return {one.key.id for one in shown}


def tidy(calls: Calls) -> None:
    while calls.write_now(SYSTEM, key_tidying.tidy, limit=2):
        pass


def test_an_ssh_key_gets_another_label_and_end(calls: Calls, key: SshKey, clock: FakeClock) -> None:
    end = clock.now + timedelta(days=1)

    edited = calls.write_now(SYSTEM, ssh_keys.edit, key.id, {"label": "desk", "expires_at": end})
    calls.write_now(SYSTEM, ssh_keys.edit, key.id, {"label": "desk"})

    event = newest(calls, "ssh_key.edited")
    assert calls.read_now(SYSTEM, ssh_keys.show, key.id) == edited
    assert (edited.label, edited.expires_at) == ("desk", end)
    assert dict(event.before) == {"label": "bob@laptop", "expires_at": None}
    assert event.after["label"] == "desk"
    assert len(calls.read_now(SYSTEM, events.page, EventQuery(kinds=("ssh_key.edited",))).items) == 1


@pytest.mark.parametrize("label", ["x" * 201, "two\nlines", 7])
def test_a_bad_label_is_refused(calls: Calls, bob: User, key: SshKey, label: Any) -> None:
    with pytest.raises(Invalid, match="label"):
        calls.write_now(SYSTEM, ssh_keys.edit, key.id, {"label": label})
    with pytest.raises(Invalid, match="label"):
        calls.write_now(SYSTEM, ssh_keys.add, bob.id, OTHER_KEY, label=label)


def test_an_api_key_gets_another_name_end_addresses_and_scopes(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    key, caller = make(calls, bob)
    values = {"name": "nightly", "allowed_ips": ["192.0.2.0/24"], "scopes": ["users:read"]}

    edited = calls.write_now(SYSTEM, api_keys.edit, key.id, values)
    calls.write_now(SYSTEM, api_keys.edit, key.id, values)

    event = newest(calls, "api_key.edited")
    assert (edited.name, edited.allowed_ips, edited.scopes) == ("nightly", ("192.0.2.0/24",), ("users:read",))
    assert event.after == {"name": "nightly", "allowed_ips": ["192.0.2.0/24"], "scopes": ["users:read"]}
    with pytest.raises(Forbidden, match="credentials:read"):
        calls.read_now(caller, api_keys.page)
    with pytest.raises(Unauthenticated):
        calls.read_now(Caller("api", "198.51.100.1", api_key=caller.api_key), users.show, bob.id)


@pytest.mark.parametrize(
    "values",
    [{"name": ""}, {"name": "x" * 201}, {"scopes": ["everything"]}, {"allowed_ips": ["here"]}],
    ids=lambda values: next(iter(values)),
)
def test_bad_values_of_an_api_key_are_refused(calls: Calls, bob: User, values: dict[str, Any]) -> None:
    key, _ = make(calls, bob)

    with pytest.raises(Invalid, match=next(iter(values))):
        calls.write_now(SYSTEM, api_keys.edit, key.id, values)
    with pytest.raises(Invalid, match=next(iter(values))):
        make(calls, bob, **values) if "name" not in values else calls.write_now(
            SYSTEM, api_keys.create, bob.id, values["name"]
        )


def test_keys_of_others_are_not_found(calls: Calls, bob: User, charlie: User, key: SshKey) -> None:
    mine, _ = make(calls, bob)
    _, stranger = make(calls, charlie)

    with pytest.raises(NotFound):
        calls.write_now(stranger, ssh_keys.edit, key.id, {"label": "mine"})
    with pytest.raises(NotFound):
        calls.write_now(stranger, api_keys.edit, mine.id, {"name": "mine"})


def test_a_key_made_with_a_limited_key_is_within_its_limits(
    calls: Calls, ada: User, clock: FakeClock
) -> None:
    end = clock.now + timedelta(days=3)
    limits: dict[str, Any] = {
        "scopes": ["users:write", "credentials:write"],
        "allowed_ips": ["192.0.2.0/24"],
        "expires_at": end,
    }
    _, limited = make(calls, ada, **limits)

    like_it, _ = make(calls, ada, limited)
    narrower, _ = make(
        calls, ada, limited, scopes=["users:read"], allowed_ips=["192.0.2.7"], is_read_only=True
    )

    assert like_it.scopes == ("users:write", "credentials:write")
    assert (like_it.allowed_ips, like_it.expires_at) == (("192.0.2.0/24",), end)
    assert (narrower.scopes, narrower.allowed_ips) == (("users:read",), ("192.0.2.7/32",))
    assert narrower.expires_at == end
    for wider in (
        {"scopes": ["events:read"]},
        {"allowed_ips": ["192.0.0.0/16"]},
        {"allowed_ips": ["2001:db8::/32"]},
        {"expires_at": end + timedelta(seconds=1)},
    ):
        with pytest.raises(Invalid, match="the key that asks"):
            make(calls, ada, limited, **wider)


def test_a_key_that_only_reads_makes_none(calls: Calls, ada: User) -> None:
    _, reader = make(calls, ada, is_read_only=True)

    with pytest.raises(Forbidden, match="may only read"):
        make(calls, ada, reader)


def test_a_limited_key_widens_neither_itself_nor_others(calls: Calls, ada: User) -> None:
    whole, _ = make(calls, ada)
    own, limited = make(calls, ada, scopes=["credentials:write"])

    with pytest.raises(Invalid, match="the key that asks"):
        calls.write_now(limited, api_keys.edit, own.id, {"scopes": ["credentials:write", "users:write"]})
    with pytest.raises(Forbidden, match="reaches further"):
        calls.write_now(limited, api_keys.edit, whole.id, {"name": "mine"})
    narrowed = calls.write_now(limited, api_keys.edit, own.id, {"scopes": ["credentials:read"]})

    assert narrowed.scopes == ("credentials:read",)
    assert calls.read_now(SYSTEM, api_keys.show, whole.id) == whole


def test_scopes_left_open_by_a_limited_key_are_its_own(calls: Calls, ada: User) -> None:
    own, limited = make(calls, ada, scopes=["credentials:write"])

    edited = calls.write_now(limited, api_keys.edit, own.id, {"scopes": []})

    assert edited.scopes == ("credentials:write",)


async def test_last_use_is_noted_with_the_interface_at_most_once_a_minute(
    calls: Calls, bob: User, clock: FakeClock
) -> None:
    key, caller = make(calls, bob)
    seen = []

    for _ in range(4):
        await calls.write(caller, users.show, bob.id)
        noted = await calls.read(SYSTEM, api_keys.show, key.id)
        seen.append(noted.last_used_at)
        clock.advance(seconds=30)

    begin_at = seen[0]
    assert begin_at is not None
    assert seen == [begin_at, begin_at, begin_at + timedelta(minutes=1), begin_at + timedelta(minutes=1)]
    assert (await calls.read(SYSTEM, api_keys.show, key.id)).last_used_interface == "api"


def test_the_door_is_noted_at_an_ssh_key(calls: Calls, key: SshKey, clock: FakeClock) -> None:
    calls.write_now(DOOR, connect, "bob", key.id)

    noted = calls.read_now(SYSTEM, ssh_keys.show, key.id)
    assert (noted.last_used_at, noted.last_used_interface) == (clock.now, "sftp")


def test_an_open_connection_keeps_its_key_in_use(calls: Calls, key: SshKey, clock: FakeClock) -> None:
    set_rules(calls, ssh_key_unused_days=1)
    opened = calls.write_now(DOOR, connect, "bob", key.id)
    link = Link(opened.id, opened.session_id, opened.user_id, opened.interface, opened.address)

    for _ in range(30):
        clock.advance(hours=1)
        assert calls.write_now(SYSTEM, connections.renew, [link], []) == {}
    tidy(calls)

    assert calls.read_now(SYSTEM, ssh_keys.show, key.id).last_used_at == clock.now


def test_the_same_key_at_two_users_is_taken_and_told_to_administrators(
    calls: Calls, ada: User, bob: User, charlie: User, key: SshKey
) -> None:
    twin = calls.write_now(SYSTEM, ssh_keys.add, charlie.id, KEY)
    with pytest.raises(Duplicate):
        calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    _, as_ada = make(calls, ada)
    _, as_bob = make(calls, bob)

    seen = calls.read_now(as_ada, key_lists.ssh_keys, KeyQuery(user_id=bob.id)).items[0]
    own = calls.read_now(as_bob, key_lists.ssh_keys, KeyQuery()).items[0]

    assert (seen.owner, seen.others, own.others) == ("bob", 1, 0)
    assert ids_in(calls, KeyView.SHARED) == {key.id, twin.id}
    assert calls.read_now(as_bob, key_lists.ssh_keys, KeyQuery(view=KeyView.SHARED)).items == []


RULES: list[tuple[dict[str, int], int, int | None, RemovalReason | None]] = [
    # rules; age in days; days since the last use; what becomes of it
    ({}, 4000, None, None),
    ({"unused_days": 90}, 89, None, None),
    ({"unused_days": 90}, 90, None, RemovalReason.UNUSED),
    ({"unused_days": 90}, 4000, 89, None),
    ({"unused_days": 90}, 4000, 90, RemovalReason.UNUSED),
    ({"maximum_days": 365}, 364, None, None),
    ({"maximum_days": 365}, 365, 0, RemovalReason.TOO_OLD),
    ({"unused_days": 90, "maximum_days": 365}, 400, 50, RemovalReason.TOO_OLD),
    ({"unused_days": 30, "maximum_days": 380}, 400, 60, RemovalReason.UNUSED),
]


@pytest.mark.parametrize(("rules", "age", "unused", "reason"), RULES)
def test_the_rules_for_keys_end_them_at_use_in_lists_and_by_the_job_alike(
    calls: Calls,
    bob: User,
    clock: FakeClock,
    rules: dict[str, int],
    age: int,
    unused: int | None,
    reason: RemovalReason | None,
) -> None:
    key = calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY)
    made, caller = make(calls, bob)
    if unused is not None:
        clock.advance(days=age - unused)
        calls.write_now(DOOR, connect, "bob", key.id)
        calls.write_now(caller, users.show, bob.id)
    clock.advance(days=unused if unused is not None else age)
    for kind in ("ssh_key", "api_key"):
        set_rules(calls, **{f"{kind}_{name}": days for name, days in rules.items()})
    site = calls.read_now(SYSTEM, settings.show)

    held = calls.read_now(SYSTEM, ssh_keys.show, key.id)
    removal = removal_of(held, site)
    expected_keys = {} if reason else {key.fingerprint: key.id}

    assert is_good(held, site, clock.now) is (reason is None)
    assert (removal is not None and removal.at <= clock.now) is (reason is not None)
    assert calls.read_now(DOOR, begin, "bob").keys == expected_keys
    if reason is None:
        calls.read_now(caller, users.show, bob.id)
    else:
        with pytest.raises(Unauthenticated):
            calls.read_now(caller, users.show, bob.id)
        assert {key.id, made.id} <= ids_in(calls, KeyView.EXPIRING)
    tidy(calls)
    assert bool(ids_in(calls, KeyView.ALL)) is (reason is None)
    if reason is not None:
        assert newest(calls, "ssh_key.removed").data == {"reason": reason.value}
        assert newest(calls, "api_key.revoked").data == {"reason": reason.value}


def test_views_and_words_narrow_a_list_of_keys(
    calls: Calls, bob: User, charlie: User, clock: FakeClock
) -> None:
    old, _ = make(calls, bob)
    clock.advance(days=300)
    unused = calls.write_now(SYSTEM, ssh_keys.add, charlie.id, OTHER_KEY, label="Desk")
    clock.advance(days=100)
    fresh, _ = make(calls, charlie, expires_at=clock.now + timedelta(days=5))

    assert ids_in(calls, KeyView.OLD) == {old.id}
    assert ids_in(calls, KeyView.UNUSED) == {old.id, unused.id}
    assert ids_in(calls, KeyView.EXPIRING) == {fresh.id}
    assert ids_in(calls, KeyView.ALL, "charlie desk") == {unused.id}
    assert ids_in(calls, KeyView.ALL, "100%") == set()
    counts = calls.read_now(SYSTEM, key_lists.count_api_keys, "char", tuple(KeyView))
    assert counts == {"all": 1, "unused": 0, "expiring": 1, "old": 0, "shared": 0}
    assert calls.read_now(SYSTEM, key_lists.count_ssh_keys, "", (KeyView.UNUSED,)) == {"unused": 1}


def test_an_end_of_an_ssh_key_that_is_passed_shuts_the_door(
    calls: Calls, key: SshKey, clock: FakeClock
) -> None:
    end: datetime = clock.now + timedelta(hours=1)
    calls.write_now(SYSTEM, ssh_keys.edit, key.id, {"expires_at": end})
    assert calls.read_now(DOOR, begin, "bob").keys

    clock.advance(hours=1)

    assert not calls.read_now(DOOR, begin, "bob").keys


def test_an_open_connection_knows_when_its_key_ends(calls: Calls, key: SshKey, clock: FakeClock) -> None:
    opened = calls.write_now(DOOR, connect, "bob", key.id)
    link = Link(opened.id, opened.session_id, opened.user_id, opened.interface, opened.address)

    def deadline() -> datetime | None:
        return calls.read_now(SYSTEM, connections.recheck, [link])[opened.id].deadline

    assert deadline() is None
    set_rules(calls, ssh_key_maximum_days=5, ssh_key_unused_days=1)
    assert deadline() == clock.now + timedelta(days=5)
    calls.write_now(SYSTEM, ssh_keys.edit, key.id, {"expires_at": clock.now + timedelta(days=2)})
    assert deadline() == clock.now + timedelta(days=2)
    calls.write_now(SYSTEM, users.edit, opened.user_id, {"access_expires_at": "2026-03-02T18:00:00Z"})
    assert deadline() == clock.now + timedelta(hours=9)
