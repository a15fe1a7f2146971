"""The typed client against a live server: blocking and awaiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from innkeeper_client import (
    AsyncClient,
    Braked,
    CannotConnect,
    Client,
    Duplicate,
    InnkeeperError,
    Invalid,
    NotFound,
    NotNow,
    Stale,
    Unauthenticated,
)
from tests.postgresql import free_port
from tests.servers import Node

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl laptop"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, str]]:
    node = Node(tmp_path_factory.mktemp("client") / "data")
    key = node.init()
    node.start()
    yield node, key
    assert node.stop() == 0


@pytest.fixture
def client(served: tuple[Node, str]) -> Iterator[Client]:
    node, key = served
    with Client(key, node.http) as client:
        yield client


def test_a_user_from_beginning_to_end(client: Client) -> None:
    made = client.users.create("una", grants=["/una:full"], tags=["x"])
    edited = client.users.edit(made.id, company="Example & Co", version=made.version)
    suspended = client.users.suspend(made.id, reason="left")
    back = client.users.reactivate(made.id)
    client.users.delete(made.id)
    restored = client.users.restore(made.id)
    copy = client.users.clone(made.id, "una2")

    assert (edited.company, edited.grants, edited.tags) == ("Example & Co", ("/una:full",), ("x",))
    assert (suspended.status, suspended.suspend_reason, back.status) == ("suspended", "left", "active")
    assert (restored.id, copy.grants) == (made.id, ("/una:full",))
    assert client.users.get(made.id).username == "una"
    assert "read" in client.users.access(made.id, "/una/deep").abilities
    assert client.users.unlock(made.id).id == made.id
    client.users.reset_password(made.id, "a brand new password")
    assert client.users.end_sessions(made.id) == 0


def test_refusals_are_errors_of_their_own(client: Client) -> None:
    user = client.users.create("ulf")
    client.users.edit(user.id, company="One")
    me = client.me.get()

    with pytest.raises(Duplicate) as duplicate:
        client.users.create("ULF")
    with pytest.raises(Invalid) as invalid:
        client.users.create("u v", email="nope")
    with pytest.raises(NotFound):
        client.users.get("nobody")
    with pytest.raises(Stale):
        client.users.edit(user.id, company="Two", version=user.version)
    with pytest.raises(NotNow):
        client.users.suspend(me.id)
    assert duplicate.value.code == "duplicate"
    assert {problem.field for problem in invalid.value.problems} == {"username", "email"}


def test_lists_are_walked_through_page_by_page(client: Client) -> None:
    for number in range(7):
        client.users.create(f"walk{number}", company="Walkers")

    page = client.users.list(text="walkers", limit=3)
    walked = [user.username for user in client.users.iterate(text="walkers", limit=3)]

    assert len(page.items) == 3
    assert page.next_cursor is not None
    assert sorted(walked) == [f"walk{number}" for number in range(7)]


def test_everything_around_a_user(client: Client) -> None:
    user = client.users.create("vera")
    group = client.groups.create("Crew")
    inner = client.groups.create("Inner crew")
    client.memberships.put(group.id, user.id, is_admin=True)
    client.memberships.put(group.id, inner.id, member_kind="group")
    folder = client.folders.create("/crew", is_fenced=True)
    grant = client.grants.add("group", group.id, "/crew", "read")
    key = client.ssh_keys.add(user.id, KEY)
    token = client.api_keys.create(user.id, "script", is_read_only=True)

    assert client.groups.edit(group.id, notes="All hands").notes == "All hands"
    assert client.groups.find("crew").id == group.id
    assert {entry.member_id for entry in client.memberships.iterate(group_id=group.id)} == {user.id, inner.id}
    assert client.folders.edit(folder.id, notes="x").is_fenced
    assert client.grants.edit(grant.id, level="full").level == "full"
    assert client.ssh_keys.list(user_id=user.id).items[0].fingerprint == key.fingerprint
    assert token.token.startswith(client.api_keys.list(user_id=user.id).items[0].prefix)
    kinds = {event.kind for event in client.events.iterate(user_id=user.id)}
    assert {"user.created", "membership.added", "ssh_key.added", "api_key.created"} <= kinds
    client.ssh_keys.remove(key.id)
    client.api_keys.revoke(token.id)
    client.grants.remove(grant.id)
    client.memberships.remove(group.id, user.id)
    client.folders.delete(folder.id)
    client.groups.delete(group.id)
    assert [*client.ssh_keys.iterate(user_id=user.id), *client.grants.iterate(subject_id=group.id)] == []
    assert [*client.sessions.iterate(user_id=user.id), *client.connections.iterate()] == []


def test_settings_are_read_and_changed(client: Client) -> None:
    assert client.settings.edit(lockout_minutes=20).lockout_minutes == 20
    assert client.settings.get().lockout_minutes == 20
    client.settings.edit(require_2fa=True, require_2fa_roles=["user"], two_factor_kinds=["totp"])
    ending = client.settings.edit(require_2fa=False)
    assert (ending.require_2fa_roles, ending.two_factor_kinds) == (("user",), ("totp",))
    assert ending.require_2fa_ends_at is not None
    assert ending.require_2fa_ends_at.tzinfo is not None


def test_a_file_becomes_a_plan_and_is_applied(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("username,email\nwim,wim@example.com\nbad one,x@example.com\n")
    seen: list[str] = []

    begun = client.imports.begin(path)
    planned = client.plans.wait(begun.id, progress=lambda plan: seen.append(plan.state))
    client.plans.apply(planned.id)
    applied = client.plans.wait(planned.id)

    assert (planned.counts.new, planned.counts.invalid) == (1, 1)
    assert seen[-1] == "planned"
    assert (applied.state, applied.counts.applied) == ("applied", 1)
    assert b"bad one" in client.plans.failed_rows(planned.id)
    assert [change.target_name for change in client.plans.iterate_changes(planned.id, verdict="new")] == [
        "wim"
    ]
    assert begun.id in {plan.id for plan in client.plans.iterate()}
    assert client.imports.template().startswith(b"username")


def test_a_plan_that_stops_too_many_asks_for_its_number(client: Client, tmp_path: Path) -> None:
    names = [client.users.create(f"many{number}").username for number in range(12)]
    path = tmp_path / "leavers.csv"
    path.write_text("username,disabled\n" + "".join(f"{name},yes\n" for name in names))
    planned = client.plans.wait(client.imports.begin(path).id)

    with pytest.raises(Braked):
        client.plans.apply(planned.id)
    assert client.users.find("many1").status == "active"
    client.plans.apply(planned.id, confirm_count=12)

    assert client.plans.wait(planned.id).counts.applied == 12


async def test_the_awaiting_client_says_the_same(served: tuple[Node, str]) -> None:
    node, key = served
    async with AsyncClient(key, node.http) as client:
        made = await client.users.create("xaver")
        found = [user.username async for user in client.users.iterate(text="xaver")]
        with pytest.raises(Duplicate):
            await client.users.create("xaver")

    assert (made.username, found) == ("xaver", ["xaver"])


def test_a_wrong_key_and_a_server_that_is_away(served: tuple[Node, str]) -> None:
    node, _ = served
    with Client("ink_wrong", node.http) as client, pytest.raises(Unauthenticated):
        client.me.get()
    away = f"http://127.0.0.1:{free_port()}"
    with Client("ink_x", away, timeout=1) as client, pytest.raises(CannotConnect, match="cannot reach"):
        client.me.get()
    with pytest.raises(InnkeeperError, match="no address"):
        Client("ink_x", "files.example.com")
