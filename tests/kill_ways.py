"""Every way of stopping someone, as an administrator would go about it: by the API, at one node."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.servers import ok

SOON = timedelta(seconds=1)


@dataclass(slots=True)
class Person:
    """A user who may do all in one folder, because of a group, with a credential of each kind.

    They come from a loopback address of their own, since wrong proofs ban addresses.
    """

    name: str
    password: str
    address: str
    user: dict[str, Any]
    group_id: str
    grant_id: str
    key_id: str
    api_key_id: str
    api_key: str = field(repr=False)

    @property
    def id(self) -> str:
        return str(self.user["id"])


@dataclass(frozen=True, slots=True)
class Way:
    """How someone is stopped. `credentials` are those it applies to, None is all of them.

    `event` is the kind of event that follows, or how it begins. `bars` says that the same transfer cannot be
    begun again by the same credential; `takes` is how many seconds it means to take.
    """

    act: Callable[[httpx.Client, Person], object]
    event: str
    credentials: frozenset[str] | None = None
    bars: bool = True
    takes: float = 0

    @property
    def name(self) -> str:
        return self.act.__name__

    def applies_to(self, credential: str) -> bool:
        return self.credentials is None or credential in self.credentials


def suspend(api: httpx.Client, person: Person) -> None:
    ok(api.post(f"/users/{person.id}/suspend", json={"reason": "left"}))


def delete(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/users/{person.id}"))


def expire(api: httpx.Client, person: Person) -> None:
    _edit(api, person, access_expires_at=_at(-SOON))


def let_expire(api: httpx.Client, person: Person) -> None:
    _edit(api, person, access_expires_at=_at(SOON))


def shut_every_door(api: httpx.Client, person: Person) -> None:
    """All doors but one that is not in the matrix."""
    _edit(api, person, protocols=["desktop"])


def shut_desktop(api: httpx.Client, person: Person) -> None:
    _edit(api, person, protocols=["sftp", "ftps", "webdav", "web", "api"])


def shut_the_doors_of_the_group(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/groups/{person.group_id}", json={"protocols": ["desktop"]}))


def remove_the_address(api: httpx.Client, person: Person) -> None:
    _edit(api, person, allowed_ips=["198.51.100.0/24"])


def remove_the_address_of_the_group(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/groups/{person.group_id}", json={"allowed_ips": ["198.51.100.0/24"]}))


def remove_the_ssh_key(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/ssh-keys/{person.key_id}"))


def let_the_ssh_key_end(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/ssh-keys/{person.key_id}", json={"expires_at": _at(SOON)}))


def revoke_the_api_key(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/api-keys/{person.api_key_id}"))


def let_the_api_key_end(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/api-keys/{person.api_key_id}", json={"expires_at": _at(SOON)}))


def take_the_scope_of_the_api_key(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/api-keys/{person.api_key_id}", json={"scopes": ["users:read"]}))


def move_the_api_key_elsewhere(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/api-keys/{person.api_key_id}", json={"allowed_ips": ["198.51.100.0/24"]}))


def reset_the_password(api: httpx.Client, person: Person) -> None:
    ok(api.post(f"/users/{person.id}/reset-password", json={"password": "a brand new password"}))


def end_the_sessions(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/users/{person.id}/sessions"))


def end_the_connection(api: httpx.Client, person: Person) -> None:
    for found in ok(api.get("/connections", params={"user_id": person.id}))["items"]:
        ok(api.delete(f"/connections/{found['id']}"))


def remove_the_grant(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/grants/{person.grant_id}"))


def let_the_grant_end(api: httpx.Client, person: Person) -> None:
    ok(api.patch(f"/grants/{person.grant_id}", json={"ends_at": _at(SOON)}))


def leave_the_group(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/memberships/{person.group_id}/{person.id}"))


def delete_the_group(api: httpx.Client, person: Person) -> None:
    ok(api.delete(f"/groups/{person.group_id}"))


def change_the_root(api: httpx.Client, person: Person) -> None:
    _edit(api, person, user_root="/elsewhere")


SSH = frozenset({"ssh_key"})
API_KEY = frozenset({"api_key"})
DESKTOP = frozenset({"desktop"})
OTHERS = frozenset({"password", "ssh_key", "api_key", "session"})
WAYS = (
    Way(suspend, "user.suspended"),
    Way(delete, "user.deleted"),
    Way(expire, "user.edited"),
    Way(let_expire, "user.edited", takes=SOON.total_seconds()),
    Way(shut_every_door, "user.edited", OTHERS),
    Way(shut_desktop, "user.edited", DESKTOP),
    Way(shut_the_doors_of_the_group, "group.edited", OTHERS),
    Way(remove_the_address, "user.edited"),
    Way(remove_the_address_of_the_group, "group.edited"),
    Way(remove_the_ssh_key, "ssh_key.removed", SSH),
    Way(let_the_ssh_key_end, "ssh_key.edited", SSH, takes=SOON.total_seconds()),
    Way(revoke_the_api_key, "api_key.revoked", API_KEY),
    Way(let_the_api_key_end, "api_key.edited", API_KEY, takes=SOON.total_seconds()),
    Way(take_the_scope_of_the_api_key, "api_key.edited", API_KEY),
    Way(move_the_api_key_elsewhere, "api_key.edited", API_KEY),
    Way(reset_the_password, "password.", bars=False),
    Way(end_the_sessions, "session.ended", bars=False),
    Way(end_the_connection, "connection.end_asked", bars=False),
    Way(remove_the_grant, "grant.removed"),
    Way(let_the_grant_end, "grant.edited", takes=SOON.total_seconds()),
    Way(leave_the_group, "membership.removed"),
    Way(delete_the_group, "group.deleted"),
    Way(change_the_root, "user.edited"),
)


def _edit(api: httpx.Client, person: Person, **values: Any) -> None:
    ok(api.patch(f"/users/{person.id}", json=values))


def _at(from_now: timedelta) -> str:
    return (datetime.now(UTC) + from_now).isoformat()
