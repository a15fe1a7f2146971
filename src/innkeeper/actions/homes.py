"""A folder of their own for each new user, where the site has a pattern for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from innkeeper.actions import folders, grants
from innkeeper.actions.call import Call
from innkeeper.domain.actors import system
from innkeeper.domain.folders import Grant
from innkeeper.domain.homes import home_of
from innkeeper.domain.paths import ROOT
from innkeeper.domain.users import User
from innkeeper.domain.words import GrantId, Level, SubjectKind
from innkeeper.kit.ids import new_id
from innkeeper.store import folders as store

Values = Mapping[str, Any]


def assign(call: Call, user: User, checked: Values) -> User:
    """The user with a home by the pattern, unless the values name one."""
    if not _is_due(call, checked):
        return user

    def is_taken(path: str) -> bool:
        return store.by_path(call.unit, path) is not None

    return replace(user, user_home=home_of(call.site.home_pattern, user.username, is_taken))


def open_up(call: Call, user: User, checked: Values) -> None:
    """Give the user full rights in it: the site does so, whoever makes the user."""
    if not _is_due(call, checked):
        return
    own = replace(call, actor=system("home_pattern"))
    folder = folders.ensure(own, user.user_home, quota_mb=call.site.home_quota_mb)
    wanted = Grant(
        id=GrantId(new_id()),
        subject_kind=SubjectKind.USER,
        subject_id=user.id,
        folder_id=folder.id,
        path=folder.path,
        level=Level.FULL,
        created_at=call.now,
    )
    grants.put(own, wanted, folder, user.username)


def _is_due(call: Call, checked: Values) -> bool:
    has_own = any(checked.get(name, ROOT) != ROOT for name in ("user_root", "user_home"))
    return bool(call.site.home_pattern) and not has_own
