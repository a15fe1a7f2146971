"""Actions on folders and grants: each works, is refused, is idempotent, is recorded."""

from datetime import UTC, datetime
from typing import Any

import pytest

from innkeeper.actions import access, api_keys, events, files, folders, grants, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.files import Reported
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, Stale
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.users import User
from innkeeper.domain.words import FolderId, GrantId, Level, SubjectKind
from innkeeper.files.reports import FileReport, FileVerb
from tests.conftest import SYSTEM


def as_user(calls: Calls, user: User) -> Caller:
    _, token = calls.write_now(SYSTEM, api_keys.create, user.id, "test")
    return Caller("api", "127.0.0.1", api_key=token)


def recorded(calls: Calls, kind: str) -> int:
    return len(calls.read_now(SYSTEM, events.page, EventQuery(kinds=(kind,), limit=100)).items)


def test_an_edit_records_what_differs_and_nothing_else(calls: Calls) -> None:
    folder = calls.write_now(SYSTEM, folders.create, {"path": "/a"})

    fenced = calls.write_now(SYSTEM, folders.edit, folder.id, {"is_fenced": True})
    same = calls.write_now(SYSTEM, folders.edit, folder.id, {"is_fenced": True}, version=fenced.version)

    [event] = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("folder.edited",))).items
    assert (event.before, event.after) == ({"is_fenced": False}, {"is_fenced": True})
    assert same == fenced


def test_an_edit_of_an_old_version_is_stale(calls: Calls) -> None:
    folder = calls.write_now(SYSTEM, folders.create, {"path": "/a"})
    calls.write_now(SYSTEM, folders.edit, folder.id, {"notes": "one"})

    with pytest.raises(Stale, match="'/a' is at version 2, not 1"):
        calls.write_now(SYSTEM, folders.edit, folder.id, {"notes": "two"}, version=folder.version)


def test_what_is_not_there_is_not_found(calls: Calls) -> None:
    with pytest.raises(NotFound, match="folder"):
        calls.read_now(SYSTEM, folders.show, FolderId("nowhere"))
    with pytest.raises(NotFound, match="grant"):
        calls.read_now(SYSTEM, grants.show, GrantId("nothing"))


def test_a_forgotten_folder_takes_its_grants_along(calls: Calls, bob: User) -> None:
    grant = calls.write_now(SYSTEM, grants.add, "/a", SubjectKind.USER, bob.id, Level.READ)

    calls.write_now(SYSTEM, folders.delete, grant.folder_id)

    assert calls.read_now(SYSTEM, grants.page, subject_id=bob.id).items == []
    assert recorded(calls, "folder.deleted") == 1


def test_a_grant_that_is_so_already_is_left_alone(calls: Calls, bob: User) -> None:
    grant = calls.write_now(SYSTEM, grants.add, "/a", SubjectKind.USER, bob.id, Level.READ)

    wanted: dict[str, Any] = {"level": Level.FULL, "is_recursive": True, "starts_at": None, "ends_at": None}
    first = calls.write_now(SYSTEM, grants.edit, grant.id, **wanted)
    again = calls.write_now(SYSTEM, grants.edit, grant.id, **wanted)

    assert (first.level, again) == (Level.FULL, first)
    assert recorded(calls, "grant.edited") == 1


def test_a_window_ends_after_it_starts(calls: Calls, bob: User) -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)

    with pytest.raises(Invalid, match="a time after 'starts_at'"):
        calls.write_now(
            SYSTEM, grants.add, "/a", SubjectKind.USER, bob.id, Level.READ, starts_at=moment, ends_at=moment
        )


def test_whoever_holds_grants_is_named_where_they_may_be_seen(calls: Calls, bob: User, staff: Group) -> None:
    held = [
        calls.write_now(SYSTEM, grants.add, "/a", SubjectKind.USER, bob.id, Level.READ),
        calls.write_now(SYSTEM, grants.add, "/a", SubjectKind.GROUP, staff.id, Level.READ),
    ]

    names = calls.read_now(SYSTEM, grants.subject_names, held)

    assert names == {bob.id: "bob", staff.id: "Staff"}


def test_only_site_administrators_arrange_folders_and_grants(calls: Calls, bob: User) -> None:
    grant = calls.write_now(SYSTEM, grants.add, "/a", SubjectKind.USER, bob.id, Level.READ)
    caller = as_user(calls, bob)

    assert grant == calls.read_now(caller, grants.show, grant.id)
    for attempt in (
        lambda: calls.read_now(caller, folders.page),
        lambda: calls.write_now(caller, folders.create, {"path": "/mine"}),
        lambda: calls.write_now(caller, grants.remove, grant.id),
        lambda: calls.write_now(caller, grants.add, "/", SubjectKind.USER, bob.id, Level.FULL),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_a_site_administrator_may_do_everything_everywhere(calls: Calls, ada: User) -> None:
    assert "admin" in calls.read_now(SYSTEM, access.try_path, ada.id, "/any/where")


def test_known_paths_are_those_of_folders_with_something_of_their_own(calls: Calls, bob: User) -> None:
    calls.write_now(SYSTEM, folders.create, {"path": "/noted", "notes": "x"})
    calls.write_now(SYSTEM, users.edit, bob.id, {"grants": ["/granted:read"]})

    assert {"/noted", "/granted"} == set(calls.read_now(SYSTEM, files.known_paths))


def test_what_was_done_with_files_is_recorded_under_its_doers_name(calls: Calls, bob: User) -> None:
    moved = FileReport(verb=FileVerb.RENAME, path="/a/old\udcff", new_path="/a/new\udcff", size=7)

    calls.write_now(SYSTEM, files.report, [Reported(bob.id, "bob", "sftp", "192.0.2.7", moved)])

    [event] = calls.read_now(SYSTEM, events.page, EventQuery(kinds=("file.moved",))).items
    assert (event.actor_name, event.interface, event.user_id) == ("bob", "sftp", bob.id)
    assert (event.target.name, event.data["new_path"]) == ("/a/old\ufffd", "/a/new\ufffd")
