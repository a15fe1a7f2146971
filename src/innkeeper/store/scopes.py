"""A scope as a WHERE clause: what is outside it is not found."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from innkeeper.domain.rights import Reach, Scope
from innkeeper.store.tables import memberships


def users_in(scope: Scope, user_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows whose `user_id` column names a user within the scope."""
    if scope.reach is Reach.ANYONE:
        clause: ColumnElement[bool] = true()
    elif scope.reach is Reach.GROUPS:
        members = select(memberships.c.member_id).where(memberships.c.group_id.in_(sorted(scope.groups)))
        clause = or_(user_id == scope.user_id, user_id.in_(members))
    elif scope.reach is Reach.SELF:
        clause = user_id == scope.user_id
    else:
        clause = false()
    return clause


def groups_in(scope: Scope, group_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows whose `group_id` column names a group within the scope: administered, or one's own."""
    if scope.reach is Reach.ANYONE:
        clause: ColumnElement[bool] = true()
    elif scope.reach in (Reach.GROUPS, Reach.SELF):
        own = select(memberships.c.group_id).where(memberships.c.member_id == scope.user_id)
        clause = or_(group_id.in_(sorted(scope.groups)), group_id.in_(own))
    else:
        clause = false()
    return clause


def subjects_in(scope: Scope, subject_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows about a user or group within the scope."""
    return or_(users_in(scope, subject_id), groups_in(scope, subject_id))
