"""The first administrator of a new site, by a link that works once."""

from collections.abc import Mapping
from typing import Any

from innkeeper.actions import settings as setting_actions
from innkeeper.actions import users as user_actions
from innkeeper.actions.call import Call
from innkeeper.domain.actors import system
from innkeeper.domain.errors import NotFound, NotNow
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.users import User
from innkeeper.domain.words import Role
from innkeeper.kit.ids import digest, new_secret
from innkeeper.store import settings, users

LINK = "setup_link"


def is_due(call: Call) -> bool:
    """True while nobody exists yet."""
    return users.is_empty(call.unit)


def make_link(call: Call) -> str | None:
    """A new one-time setup token (the one before stops working); None on a site that is set up."""
    if not users.is_empty(call.unit):
        return None
    token = new_secret()
    settings.save_internal(call.unit, LINK, digest(token))
    return token


def check_link(call: Call, token: str) -> None:
    """Raises NotFound unless this is the token of the newest setup link, not used yet."""
    if not users.is_empty(call.unit) or settings.read_internal(call.unit, LINK) != digest(token):
        raise NotFound("setup link", "")


def finish(call: Call, token: str, values: Mapping[str, Any], site: Mapping[str, Any]) -> User:
    """Make the first administrator through the setup link, and name the site."""
    check_link(call, token)
    return first_administrator(call, values, site)


def first_administrator(call: Call, values: Mapping[str, Any], site: Mapping[str, Any]) -> User:
    """Make the first administrator; raises NotNow on a site that has users, Invalid for bad values."""
    if not users.is_empty(call.unit):
        raise NotNow("this site is set up already; sign in as an administrator")
    call.actor = system("setup")
    user = user_actions.create(call, {**values, "roles": [Role.SITE_ADMINISTRATOR.value]})
    if site:
        setting_actions.edit(call, site)
    settings.save_internal(call.unit, LINK, None)
    call.record(Kind.SITE_SET_UP, Target("settings", "site"), user_id=user.id)
    return user
