"""Who acts: a signed-in user, an API key, the system itself, or nobody yet."""

from dataclasses import dataclass, field

from innkeeper.domain.words import GroupId, Role, UserId


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, with the roles that count now and the groups they administer."""

    kind: str
    id: str | None
    name: str
    user_id: UserId | None = None
    session_id: str | None = None
    roles: frozenset[Role] = frozenset()
    groups: frozenset[GroupId] = field(default=frozenset())
    is_read_only: bool = False


STRANGER = Actor("stranger", None, "")


def system(name: str) -> Actor:
    """A part of Innkeeper itself, named for the log; it may do what a site administrator may."""
    return Actor("system", None, name, roles=frozenset({Role.SITE_ADMINISTRATOR}))
