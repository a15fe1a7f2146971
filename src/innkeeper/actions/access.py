"""What a user may do on the disk: every grant that reaches them, compiled."""

from innkeeper.actions.actors import groups_in_force
from innkeeper.actions.call import Call
from innkeeper.domain.access import Access, GrantLine, compile_access, everything
from innkeeper.domain.folders import Grant
from innkeeper.domain.groups import Group
from innkeeper.domain.paths import normalize
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.store import folders
from innkeeper.store.unit import Unit

FENCES = "folders.fences"


def of_user(unit: Unit, user: User, in_force: list[Group]) -> Access:
    """The compiled access of a user with these groups in force; site administrators may do all."""
    if user.is_site_administrator:
        return everything()
    subjects = [user.id, *(group.id for group in in_force)]
    lines = [_line(grant) for grant in folders.grants_of(unit, subjects)]
    if FENCES not in unit.memo:
        unit.memo[FENCES] = folders.fences(unit)
    return compile_access(lines, unit.memo[FENCES], now=unit.now)


def show(call: Call, user_id: UserId) -> tuple[Access, list[Grant], list[Group]]:
    """A user's compiled access, the grants it comes from (direct and by group), and the groups in force."""
    user, _ = call.take_user(user_id, Right.GRANT_READ)
    in_force, _ = groups_in_force(call.unit, user_id)
    grants = folders.grants_of(call.unit, [user.id, *(group.id for group in in_force)])
    return of_user(call.unit, user, in_force), grants, in_force


def try_path(call: Call, user_id: UserId, path: str) -> list[str]:
    """The abilities that a user has in the folder of this path, by name."""
    access, _, _ = show(call, user_id)
    return [ability.name.lower() for ability in access.abilities(normalize(path)) if ability.name]


def _line(grant: Grant) -> GrantLine:
    return GrantLine(grant.path, grant.level, grant.is_recursive, grant.starts_at, grant.ends_at)
