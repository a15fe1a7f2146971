"""Who acts: a signed-in user, an API key, the system itself, or nobody yet."""

from dataclasses import dataclass, field
from datetime import datetime

from innkeeper.domain.words import Duty, GroupId, Role, UserId


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, with the roles that count now and the groups they administer.

    `scopes` are those of an API key; without any it may all that its user may. `owes` is what their session
    owes before it may do more; `proved_at` when a browser session last saw proof of who they are, None where
    nobody can be asked again.
    """

    kind: str
    id: str | None
    name: str
    user_id: UserId | None = None
    session_id: str | None = None
    roles: frozenset[Role] = frozenset()
    groups: frozenset[GroupId] = field(default=frozenset())
    is_read_only: bool = False
    scopes: frozenset[str] = frozenset()
    owes: frozenset[Duty] = frozenset()
    proved_at: datetime | None = None


STRANGER = Actor("stranger", None, "")


def system(name: str) -> Actor:
    """A part of Innkeeper itself, named for the log; it may do what a site administrator may."""
    return Actor("system", None, name, roles=frozenset({Role.SITE_ADMINISTRATOR}))
