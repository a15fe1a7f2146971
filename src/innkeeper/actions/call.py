"""The call: who acts, from where, when, and the unit of work; the only mint of scopes and permits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from innkeeper.domain.actors import Actor
from innkeeper.domain.errors import Forbidden, NotFound, ProofNeeded, Refused, Unauthenticated
from innkeeper.domain.events import Event, Kind, Target
from innkeeper.domain.groups import Group
from innkeeper.domain.rights import READING, SENSITIVE, Permit, Reach, Right, Scope, reach, scope_of
from innkeeper.domain.scopes import rights_of, scopes_with
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId, UserId
from innkeeper.kit.vault import Vault, VaultError
from innkeeper.store import events, groups, settings, users
from innkeeper.store.unit import Unit


@dataclass(slots=True)
class Call:
    """One request to one action."""

    unit: Unit
    actor: Actor
    interface: str
    address: str = ""
    client: str = ""
    vault: Vault | None = field(default=None, repr=False)
    caused_by: Mapping[str, object] = field(default_factory=dict)
    _scopes: dict[Right, tuple[Actor, Scope]] = field(default_factory=dict, init=False, repr=False)

    @property
    def now(self) -> datetime:
        return self.unit.now

    @property
    def site(self) -> SiteSettings:
        return settings.load(self.unit)

    def scope(self, right: Right) -> Scope:
        """How far the actor may look; raises Unauthenticated or Forbidden when nowhere."""
        scope = self._scope_of(right)
        if scope.reach is Reach.NOBODY:
            raise self._no(right)
        return scope

    def permit(self, right: Right) -> Permit:
        """Leave to do something that has no target yet; raises Unauthenticated, Forbidden or ProofNeeded."""
        self.scope(right)
        return self._mint(right)

    def permit_for_site(self, right: Right) -> Permit:
        """Leave to do something that concerns the whole site."""
        if self.scope(right).reach is not Reach.ANYONE:
            raise self._no(right)
        return self._mint(right)

    def take_user(self, user_id: UserId, right: Right) -> tuple[User, Permit]:
        """The user, and leave to do this to them; raises NotFound for a user the actor may not see."""
        find = users.one if right in READING else users.one_for_change
        user = find(self.unit, self.scope_to_see(Right.USER_READ), user_id)
        if user is None:
            raise NotFound("user", user_id)
        if right in READING or self._may_touch(user, right):
            return user, self._mint(right)
        raise self._no(right)

    def take_group(self, group_id: GroupId, right: Right) -> tuple[Group, Permit]:
        """The group, and leave to do this to it; raises NotFound for a group the actor may not see."""
        group = groups.one(self.unit, self.scope_to_see(Right.GROUP_READ), group_id)
        if group is None:
            raise NotFound("group", group_id)
        if right in READING or self.may_change_group(group_id, right):
            return group, self._mint(right)
        raise self._no(right)

    def may_change_group(self, group_id: GroupId, right: Right) -> bool:
        """True if the right reaches this group: all of them, or those that the actor administers."""
        scope = scope_of(self.actor, right)
        return scope.reach is Reach.ANYONE or (scope.reach is Reach.GROUPS and group_id in scope.groups)

    def scope_to_see(self, right: Right) -> Scope:
        """The scope of a reading right, empty when the actor has none, so that things are not found.

        Raises Forbidden when it is the API key that lacks the right: what a key may is no secret.
        """
        if not self.actor.roles:
            raise Unauthenticated
        if self._is_out_of_scope(right):
            raise self._no(right)
        return self._scope_of(right)

    def record(
        self,
        kind: Kind,
        target: Target,
        *,
        user_id: str | None = None,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Write an event in this unit, under the actor's name."""
        data = {**(data or {}), **self.caused_by}
        event = Event(
            kind=kind, target=target, user_id=user_id, before=before or {}, after=after or {}, data=data
        )
        events.append(self.unit, self.actor, self.interface, self.address, event)

    def demand_fresh_proof(self) -> None:
        """Raises ProofNeeded when the actor's browser session last saw proof of who they are too long ago."""
        proved_at = self.actor.proved_at
        if proved_at is not None and self.now - proved_at >= self.site.fresh_proof:
            raise ProofNeeded

    def seal(self, text: str) -> str:
        """A secret as it may be stored. Only servers have a vault."""
        return self._open_vault().seal(text)

    def unseal(self, sealed: str) -> str:
        """A stored secret again; raises VaultError."""
        return self._open_vault().open(sealed)

    def _open_vault(self) -> Vault:
        if self.vault is None:
            raise VaultError("this call has no vault")
        return self.vault

    def _mint(self, right: Right) -> Permit:
        if right in SENSITIVE:
            self.demand_fresh_proof()
        return Permit(right, self.actor)

    def _scope_of(self, right: Right) -> Scope:
        """The rights table's answer, asked once for each actor of this call."""
        known = self._scopes.get(right)
        if known is None or known[0] is not self.actor:
            known = self._scopes[right] = (self.actor, scope_of(self.actor, right))
        return known[1]

    def _may_touch(self, user: User, right: Right) -> bool:
        """Anyone with full reach; oneself; a group administrator who outranks the user."""
        known = reach(self.actor, right)
        if known is Reach.ANYONE:
            allowed = True
        elif known is Reach.NOBODY:
            allowed = False
        elif user.id == self.actor.user_id:
            allowed = True
        else:
            allowed = known is Reach.GROUPS and self._outranks(user)
        return allowed

    def _outranks(self, user: User) -> bool:
        """The user has no role, and administers no group beyond the actor's, that could be taken over."""
        direct = groups.memberships_of(self.unit, [user.id])
        administered = {entry.group_id for entry in direct if entry.is_admin}
        return not user.roles and administered <= self.actor.groups

    def _no(self, right: Right) -> Refused:
        if not self.actor.roles:
            return Unauthenticated()
        if self.actor.is_read_only and right not in READING:
            return Forbidden(
                "this API key may only read; %(right)s needs one that may write", right=repr(right.value)
            )
        if self._is_out_of_scope(right):
            return Forbidden(
                "this API key has none of the scopes that carry %(right)s: %(scopes)s",
                right=repr(right.value),
                scopes=", ".join(scopes_with(right)),
            )
        return Forbidden("your roles do not include %(right)s here", right=repr(right.value))

    def _is_out_of_scope(self, right: Right) -> bool:
        return bool(self.actor.scopes) and right not in rights_of(self.actor.scopes)


def user_target(user: User) -> Target:
    """The user as the target of an event."""
    return Target("user", user.id, user.username)


def group_target(group: Group) -> Target:
    """The group as the target of an event."""
    return Target("group", group.id, group.name)
