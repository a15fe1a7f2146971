"""Keys as lists show them: whose each is, when the site's rules will remove it, who else holds it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar

from innkeeper.actions.call import Call
from innkeeper.domain.credentials import ApiKey, SshKey
from innkeeper.domain.lifetimes import (
    KeyView,
    Removal,
    lifetime_of_api_keys,
    lifetime_of_ssh_keys,
    removal_of,
)
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.kit.paging import Page
from innkeeper.store import key_lists, users

P = ParamSpec("P")
K = TypeVar("K", SshKey, ApiKey)


@dataclass(frozen=True, slots=True)
class Listed(Generic[K]):
    """A key with its owner's name. `others`: how many more users hold it, told to those who see everyone."""

    key: K
    owner: str
    removal: Removal | None
    others: int = 0


def ssh_keys(call: Call, query: KeyQuery) -> Page[Listed[SshKey]]:
    """A page of SSH keys."""
    scope = call.scope(Right.CREDENTIAL_READ)
    if query.view is KeyView.SHARED and scope.reach is not Reach.ANYONE:
        return Page([])
    page = key_lists.page_of_ssh_keys(call.unit, scope, lifetime_of_ssh_keys(call.site), query)
    return Page(_listed_ssh_keys(call, page.items), page.next_cursor)


def api_keys(call: Call, query: KeyQuery) -> Page[Listed[ApiKey]]:
    """A page of API keys."""
    scope = call.scope(Right.CREDENTIAL_READ)
    page = key_lists.page_of_api_keys(call.unit, scope, lifetime_of_api_keys(call.site), query)
    return Page(_listed(call, page.items), page.next_cursor)


def ssh_key(
    call: Call, action: Callable[Concatenate[Call, P], SshKey], *args: P.args, **kwargs: P.kwargs
) -> Listed[SshKey]:
    """Run an action that answers an SSH key, and show the key as lists do."""
    return _listed_ssh_keys(call, [action(call, *args, **kwargs)])[0]


def api_key(
    call: Call, action: Callable[Concatenate[Call, P], ApiKey], *args: P.args, **kwargs: P.kwargs
) -> Listed[ApiKey]:
    """Run an action that answers an API key, and show the key as lists do."""
    return _listed(call, [action(call, *args, **kwargs)])[0]


def new_api_key(
    call: Call,
    action: Callable[Concatenate[Call, P], tuple[ApiKey, str]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> tuple[Listed[ApiKey], str]:
    """The same for one that comes with its token."""
    key, token = action(call, *args, **kwargs)
    return _listed(call, [key])[0], token


def count_ssh_keys(call: Call, text: str, views: Sequence[KeyView]) -> dict[KeyView, int]:
    """How many SSH keys each view shows."""
    scope, rules = call.scope(Right.CREDENTIAL_READ), lifetime_of_ssh_keys(call.site)
    queries = {view: KeyQuery(text=text, view=view) for view in views}
    return {view: key_lists.count_ssh_keys(call.unit, scope, rules, query) for view, query in queries.items()}


def count_api_keys(call: Call, text: str, views: Sequence[KeyView]) -> dict[KeyView, int]:
    """How many API keys each view shows."""
    scope, rules = call.scope(Right.CREDENTIAL_READ), lifetime_of_api_keys(call.site)
    queries = {view: KeyQuery(text=text, view=view) for view in views}
    return {view: key_lists.count_api_keys(call.unit, scope, rules, query) for view, query in queries.items()}


def _listed_ssh_keys(call: Call, keys: Sequence[SshKey]) -> list[Listed[SshKey]]:
    sees_all = reach(call.actor, Right.CREDENTIAL_READ) is Reach.ANYONE
    held = key_lists.holders(call.unit, [key.fingerprint for key in keys]) if sees_all else {}
    return [
        Listed(one.key, one.owner, one.removal, held.get(one.key.fingerprint, 1) - 1)
        for one in _listed(call, keys)
    ]


def _listed(call: Call, keys: Sequence[K]) -> list[Listed[K]]:
    owners = users.names(call.unit, {key.user_id for key in keys})
    return [Listed(key, owners.get(key.user_id, ""), removal_of(key, call.site)) for key in keys]
