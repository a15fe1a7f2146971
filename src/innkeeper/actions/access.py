"""What a user may do on the disk: every grant that reaches them, compiled."""

from collections.abc import Iterator

from innkeeper.actions.actors import belonging
from innkeeper.actions.call import Call
from innkeeper.domain.access import Access, GrantLine, compile_access, everything
from innkeeper.domain.folders import Grant
from innkeeper.domain.groups import Belonging, Window
from innkeeper.domain.paths import normalize
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.store import folders
from innkeeper.store.unit import Unit

FENCES = "folders.fences"


def of_user(unit: Unit, user: User, belongs: Belonging) -> Access:
    """The compiled access of a user who belongs there; site administrators may do all."""
    if user.is_site_administrator:
        return everything()
    grants = folders.grants_of(unit, [user.id, *belongs.windows])
    if FENCES not in unit.memo:
        unit.memo[FENCES] = folders.fences(unit)
    lines = [line for grant in grants for line in _lines(grant, belongs)]
    return compile_access(lines, unit.memo[FENCES], now=unit.now)


def show(call: Call, user_id: UserId) -> tuple[Access, list[Grant], Belonging]:
    """A user's compiled access, the grants it comes from (direct and by group), and where they belong."""
    user, _ = call.take_user(user_id, Right.GRANT_READ)
    belongs = belonging(call.unit, user_id)
    grants = folders.grants_of(call.unit, [user.id, *(group.id for group in belongs.groups)])
    return of_user(call.unit, user, belongs), grants, belongs


def try_path(call: Call, user_id: UserId, path: str) -> list[str]:
    """The abilities that a user has in the folder of this path, by name."""
    access, _, _ = show(call, user_id)
    return [ability.name.lower() for ability in access.abilities(normalize(path)) if ability.name]


def _lines(grant: Grant, belongs: Belonging) -> Iterator[GrantLine]:
    """One line for a direct grant; for a group's, one for each time at which the user belongs to it."""
    own = Window(grant.starts_at, grant.ends_at)
    held = belongs.windows.get(grant.subject_id, frozenset({Window()}))
    for window in held:
        shared = own.meet(window)
        yield GrantLine(grant.path, grant.level, grant.is_recursive, shared.starts_at, shared.ends_at)
