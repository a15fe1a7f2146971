"""Whom a rule of the site reaches, counted: each question is one query, however many users there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, false, func, or_, select, true

from innkeeper.domain.factors import site_mandate
from innkeeper.domain.lifetimes import Lifetime
from innkeeper.domain.rights import Scope
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import LOCKABLE
from innkeeper.domain.words import FactorKind, Role, Status, SubjectKind
from innkeeper.store.door_tables import connections
from innkeeper.store.key_lists import is_removed
from innkeeper.store.scopes import users_in
from innkeeper.store.sign_in_tables import factors
from innkeeper.store.tables import api_keys, groups, memberships, sessions, ssh_keys, users
from innkeeper.store.unit import Unit
from innkeeper.store.user_lists import status_case

# Those who may come in, or could after a while.
AROUND = (Status.ACTIVE, Status.INVITED, Status.LOCKED)


def people(unit: Unit, scope: Scope) -> int:
    """How many users sign in with a password of Innkeeper's."""
    return _count(unit, _people(unit, scope))


def without_factor(unit: Unit, scope: Scope) -> int:
    """How many of them have no second factor."""
    return _count(unit, _people(unit, scope).where(~_has_factor(unit)))


def newly_mandated(unit: Unit, scope: Scope, before: SiteSettings, after: SiteSettings) -> int:
    """How many have no second factor and would have to set one up, who do not have to now."""
    reached = _is_mandated(unit, after), ~_is_mandated(unit, before), ~_has_factor(unit)
    return _count(unit, _ruled_by_site(unit, scope).where(*reached))


def released(unit: Unit, scope: Scope, before: SiteSettings, after: SiteSettings) -> int:
    """How many would no longer have to have a second factor."""
    reached = _is_mandated(unit, before), ~_is_mandated(unit, after)
    return _count(unit, _ruled_by_site(unit, scope).where(*reached))


def holders_of(unit: Unit, scope: Scope, kinds: Iterable[FactorKind]) -> int:
    """How many have a second factor of one of these kinds."""
    mine = _counting(unit).where(factors.c.kind.in_([kind.value for kind in kinds]))
    return _count(unit, _people(unit, scope).where(mine.exists()))


def holders_of_passkeys(unit: Unit, scope: Scope) -> int:
    """How many have a passkey."""
    mine = _counting(unit).where(factors.c.is_passkey.is_(True))
    return _count(unit, _people(unit, scope).where(mine.exists()))


def holders_of_keys_and_factors(unit: Unit, scope: Scope) -> int:
    """How many have an SSH key and a second factor."""
    has_key = exists().where(ssh_keys.c.user_id == users.c.id)
    return _count(unit, _people(unit, scope).where(has_key, _has_factor(unit)))


def newly_due_passwords(unit: Unit, scope: Scope, before: int | None, after: int | None) -> int:
    """How many passwords would have to be changed at once by the site's validity, which do not yet."""
    if after is None:
        return 0
    own = users.c.details["password_validity_days"].as_integer()
    changed = users.c.password_changed_at
    clauses = [changed <= unit.now - timedelta(days=after), own.is_(None), users.c.password_hash.is_not(None)]
    if before is not None:
        clauses.append(changed > unit.now - timedelta(days=before))
    unasked = users.c.require_password_change.is_(False)
    return _count(unit, _people(unit, scope).where(unasked, *clauses))


def removed_ssh_keys(unit: Unit, scope: Scope, before: Lifetime, after: Lifetime) -> int:
    """How many SSH keys the new rules remove, and the old ones do not."""
    return _count(unit, _newly_removed(unit, scope, ssh_keys, before, after))


def removed_api_keys(unit: Unit, scope: Scope, before: Lifetime, after: Lifetime) -> int:
    """How many API keys the new rules remove, and the old ones do not."""
    return _count(unit, _newly_removed(unit, scope, api_keys, before, after))


def rested_sessions(unit: Unit, scope: Scope, interface: str, before: timedelta, after: timedelta) -> int:
    """How many open sessions have rested too long for the new rule, but not for the old one."""
    used = sessions.c.last_used_at
    rested = used <= unit.now - after, used > unit.now - before
    return _count(unit, _open_sessions(unit, scope).where(sessions.c.interface == interface, *rested))


def users_of_door(unit: Unit, scope: Scope, interface: str, since: datetime) -> int:
    """How many users came in through a door of late."""
    if interface == "api":
        used = select(api_keys.c.user_id).where(api_keys.c.last_used_at > since)
        used = used.where(users_in(scope, api_keys.c.user_id))
    else:
        used = _lately(scope, since).where(sessions.c.interface == interface)
    return int(unit.scalar(select(func.count()).select_from(used.distinct().subquery())))


def open_links(unit: Unit, scope: Scope, interface: str) -> int:
    """How many sessions and connections are open at a door."""
    links = select(connections).where(
        users_in(scope, connections.c.user_id),
        connections.c.interface == interface,
        connections.c.ended_at.is_(None),
        connections.c.lease_until > unit.now,
    )
    return _count(unit, links) + (
        _count(unit, _open_sessions(unit, scope).where(sessions.c.interface == interface))
        if interface in ("web", "desktop")
        else 0
    )


def addresses(unit: Unit, scope: Scope, since: datetime) -> Sequence[tuple[str, str]]:
    """From where users came of late, as pairs of user and address; without those the site's list misses."""
    is_free = users.c.details["bypass_site_allowed_ips"].as_boolean()
    bound = _lately(scope, since).join(users, users.c.id == sessions.c.user_id)
    bound = bound.where(or_(is_free.is_(None), is_free.is_(False)))
    rows = unit.rows(bound.add_columns(sessions.c.address).distinct())
    return [(row.user_id, row.address) for row in rows]


def _people(unit: Unit, scope: Scope) -> Select[Any]:
    return select(users).where(
        users_in(scope, users.c.id),
        users.c.authentication_method.in_([method.value for method in LOCKABLE]),
        status_case(unit.now).in_([status.value for status in AROUND]),
    )


def _counting(unit: Unit) -> Select[Any]:
    """The second factors of the user in the outer query that count."""
    return select(factors.c.id).where(
        factors.c.user_id == users.c.id,
        factors.c.confirmed_at.is_not(None),
        or_(factors.c.removal_at.is_(None), factors.c.removal_at > unit.now),
    )


def _has_factor(unit: Unit) -> ColumnElement[bool]:
    return _counting(unit).exists()


def _ruled_by_site(unit: Unit, scope: Scope) -> Select[Any]:
    """Those for whom neither their own field nor a group decides whether they need a second factor."""
    own: ColumnElement[bool] = users.c.details["require_2fa"].as_boolean()
    return _people(unit, scope).where(own.is_(None), users.c.id.not_in(_in_strict_groups(unit)))


def _is_mandated(unit: Unit, site: SiteSettings) -> ColumnElement[bool]:
    """What the site says, like `mandates` of the domain; a test holds both together."""
    roles = site.require_2fa_roles
    if site_mandate(site, unit.now) or Role.USER in roles:
        return true()
    by_role = [users.c.roles.contains(role.value, autoescape=True) for role in roles]
    administers = exists().where(memberships.c.member_id == users.c.id, memberships.c.is_admin, _holds(unit))
    return or_(false(), *by_role, *([administers] if Role.GROUP_ADMINISTRATOR in roles else []))


def _in_strict_groups(unit: Unit) -> Select[Any]:
    """Who belongs to a group that asks for a second factor, through nesting, now."""
    below = select(groups.c.id).where(groups.c.require_2fa.is_(True)).cte("strict", recursive=True)
    nested = select(memberships.c.member_id).join(below, memberships.c.group_id == below.c.id)
    below = below.union(nested.where(memberships.c.member_kind == SubjectKind.GROUP.value, _holds(unit)))
    return select(memberships.c.member_id).where(
        memberships.c.group_id.in_(select(below.c.id)),
        memberships.c.member_kind == SubjectKind.USER.value,
        _holds(unit),
    )


def _holds(unit: Unit) -> ColumnElement[bool]:
    here = memberships.c
    return and_(
        or_(here.starts_at.is_(None), here.starts_at <= unit.now),
        or_(here.ends_at.is_(None), here.ends_at > unit.now),
    )


def _newly_removed(unit: Unit, scope: Scope, table: Table, before: Lifetime, after: Lifetime) -> Select[Any]:
    now = timedelta()
    falls = is_removed(table, after, unit, now), ~is_removed(table, before, unit, now)
    lives = or_(table.c.expires_at.is_(None), table.c.expires_at > unit.now)
    return select(table).where(users_in(scope, table.c.user_id), lives, *falls)


def _open_sessions(unit: Unit, scope: Scope) -> Select[Any]:
    return select(sessions).where(
        users_in(scope, sessions.c.user_id), sessions.c.ended_at.is_(None), sessions.c.expires_at > unit.now
    )


def _lately(scope: Scope, since: datetime) -> Select[Any]:
    return select(sessions.c.user_id).where(
        users_in(scope, sessions.c.user_id), sessions.c.created_at > since
    )


def _count(unit: Unit, found: Select[Any]) -> int:
    return int(unit.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)))
