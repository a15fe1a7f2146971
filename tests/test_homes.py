"""New users get a folder of their own where the site has a pattern, whoever makes them."""

from pathlib import Path
from typing import Any

import pytest

from innkeeper.actions import folders, grants, memberships, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.domain.errors import Invalid
from innkeeper.domain.folders import Folder
from innkeeper.domain.groups import Group
from innkeeper.domain.homes import home_of, is_home_pattern
from innkeeper.domain.users import User
from innkeeper.domain.words import Level, SubjectKind
from innkeeper.files.root import Root
from innkeeper.store import events
from innkeeper.store.folders import by_path
from innkeeper.subscribers.folders import Folders
from tests.conftest import SYSTEM
from tests.rest import token_of


@pytest.fixture
def pattern(calls: Calls) -> None:
    values = {"home_pattern": "/home/{username}", "home_quota_mb": 500}
    calls.write_now(SYSTEM, settings.edit, values)


def made(calls: Calls, **values: Any) -> User:
    return calls.write_now(SYSTEM, users.create, {"username": "dora", **values})


def own_grants(calls: Calls, user: User) -> list[tuple[str, Level, bool]]:
    page = calls.read_now(SYSTEM, grants.page, subject_id=user.id)
    return [(grant.path, grant.level, grant.is_recursive) for grant in page.items]


def folder_at(calls: Calls, path: str) -> Folder | None:
    return calls.read_now(SYSTEM, lambda call: by_path(call.unit, path))


@pytest.mark.usefixtures("pattern")
def test_a_new_user_starts_in_their_own_folder_with_full_rights_and_its_quota(calls: Calls) -> None:
    user = made(calls, grants=["/projects:read"])

    folder = folder_at(calls, "/home/dora")
    assert user.user_home == "/home/dora"
    assert sorted(own_grants(calls, user)) == [
        ("/home/dora", Level.FULL, True),
        ("/projects", Level.READ, True),
    ]
    assert folder is not None
    assert folder.quota_mb == 500


@pytest.mark.usefixtures("pattern")
@pytest.mark.parametrize("values", [{"user_home": "/desk"}, {"user_root": "/clients/x"}])
def test_who_is_given_another_place_gets_no_folder(calls: Calls, values: dict[str, str]) -> None:
    user = made(calls, **values)

    assert user.user_home == values.get("user_home", "/")
    assert own_grants(calls, user) == []


def test_without_a_pattern_there_is_none(calls: Calls) -> None:
    assert made(calls).user_home == "/"


@pytest.mark.usefixtures("pattern")
def test_a_folder_that_was_someone_elses_is_not_handed_on(calls: Calls) -> None:
    calls.write_now(SYSTEM, folders.create, {"path": "/home/dora"})

    assert made(calls).user_home == "/home/dora-2"


@pytest.mark.usefixtures("pattern")
def test_the_site_gives_it_also_where_a_group_administrator_makes_the_user(
    calls: Calls, bob: User, staff: Group
) -> None:
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id, is_admin=True)
    caller = Caller("api", api_key=token_of(calls, bob))
    user = calls.write_now(caller, users.create, {"username": "dora", "groups": ["Staff"]})

    assert own_grants(calls, user) == [("/home/dora", Level.FULL, True)]
    given = calls.read_now(SYSTEM, lambda call: {one for one in _log(call) if one[0] == "grant.added"})
    assert given == {("grant.added", "home_pattern")}


def _log(call: Call) -> list[tuple[str, str]]:
    return [(event.kind.value, event.actor_name) for event in events.after(call.unit, (0, 0), 500)]


@pytest.mark.usefixtures("pattern")
async def test_the_folder_is_made_on_the_disk(calls: Calls, tmp_path: Path) -> None:
    made(calls)
    base = tmp_path / "files"
    base.mkdir()

    await Folders(Root(base)).handle(
        calls.read_now(SYSTEM, lambda call: events.after(call.unit, (0, 0), 500))
    )

    assert (base / "home" / "dora").is_dir()


@pytest.mark.usefixtures("pattern")
@pytest.mark.parametrize("username", [".", ".."])
def test_a_name_that_no_folder_can_have_is_refused_by_its_field(calls: Calls, username: str) -> None:
    with pytest.raises(Invalid, match="username"):
        calls.write_now(SYSTEM, users.create, {"username": username})


@pytest.mark.parametrize(
    ("pattern", "is_good"),
    [
        ("/home/{username}", True),
        ("/{username}/in", True),
        ("/home/{username}/{username}", False),
        ("home/{username}", False),
        ("/home", False),
        ("/home/{user}", False),
        ("/home/{username}/{x}", False),
        ("/a/../{username}", False),
        ("/home/{username}/", False),
        (7, False),
    ],
)
def test_patterns(pattern: object, *, is_good: bool) -> None:
    assert is_home_pattern(pattern) is is_good


def test_numbers_go_up_until_one_is_free() -> None:
    taken = {"/h/a", "/h/a-2"}

    assert home_of("/h/{username}", "a", taken.__contains__) == "/h/a-3"


def test_a_bad_pattern_is_refused_by_its_field(calls: Calls) -> None:
    with pytest.raises(Invalid, match="home_pattern"):
        calls.write_now(SYSTEM, settings.edit, {"home_pattern": "/home"})


def test_quotas_are_whole_numbers_of_mebibytes(calls: Calls) -> None:
    folder = calls.write_now(SYSTEM, folders.create, {"path": "/a", "quota_mb": 5})
    freed = calls.write_now(SYSTEM, folders.edit, folder.id, {"quota_mb": None})

    assert (folder.quota_mb, freed.quota_mb) == (5, None)
    with pytest.raises(Invalid, match="quota_mb"):
        calls.write_now(SYSTEM, folders.edit, folder.id, {"quota_mb": 0})
