"""Users whose passwords may soon run out: a coarse look, the rule decides."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from innkeeper.domain.rights import Scope
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import users
from innkeeper.store.unit import Unit
from innkeeper.store.user_rows import user_of


def chunk(unit: Unit, scope: Scope, site: SiteSettings, *, after: UserId | None, limit: int) -> list[User]:
    """The next users by id who have an address and a password that may run out in the time of warnings."""
    query = select(users).where(
        users_in(scope, users.c.id),
        users.c.deleted_at.is_(None),
        users.c.email != "",
        users.c.password_hash.is_not(None),
        _may_run_out(unit, site),
    )
    if after is not None:
        query = query.where(users.c.id > after)
    return [user_of(row) for row in unit.rows(query.order_by(users.c.id).limit(limit))]


def _may_run_out(unit: Unit, site: SiteSettings) -> ColumnElement[bool]:
    """A validity of the user's own, or the site's, that ends before the warnings would be over."""
    own: ColumnElement[bool] = users.c.details["password_validity_days"].as_integer().is_not(None)
    if not site.password_validity_days:
        return own
    ended = unit.now - timedelta(days=site.password_validity_days)
    changed = users.c.password_changed_at
    soon = and_(changed > ended, changed <= ended + timedelta(days=site.password_warning_days))
    return or_(own, soon)
