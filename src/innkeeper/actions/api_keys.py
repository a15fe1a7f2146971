"""API keys of users: a token that is shown once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from innkeeper.actions.actors import EVERYONE
from innkeeper.actions.call import Call
from innkeeper.domain.api_keys import check, exceeds, within
from innkeeper.domain.changes import plain
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.errors import Forbidden, NotFound
from innkeeper.domain.events import Kind, Target, difference
from innkeeper.domain.lifetimes import lifetime_of_api_keys, reason_against
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.words import ApiKeyId, UserId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.kit.paging import Page
from innkeeper.store import credentials, key_lists

PREFIX = "ink_"


def show(call: Call, key_id: ApiKeyId) -> ApiKey:
    """One key by id."""
    key = credentials.api_key(call.unit, call.scope_to_see(Right.CREDENTIAL_READ), key_id)
    if key is None:
        raise NotFound("API key", key_id)
    return key


def page(
    call: Call, *, user_id: UserId | None = None, limit: int = 100, cursor: str | None = None
) -> Page[ApiKey]:
    """A page of keys, narrowed to a user."""
    scope, rules = call.scope(Right.CREDENTIAL_READ), lifetime_of_api_keys(call.site)
    query = KeyQuery(user_id=user_id, limit=limit, cursor=cursor)
    return key_lists.page_of_api_keys(call.unit, scope, rules, query)


def create(
    call: Call,
    user_id: UserId,
    name: str,
    *,
    is_read_only: bool = False,
    scopes: Sequence[str] = (),
    allowed_ips: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for a user; answers it with the token, which is never shown again.

    Without scopes it may all that its user may. Made with another key it reaches no further than that one.
    Raises Invalid.
    """
    user, permit = call.take_user(user_id, Right.CREDENTIAL_EDIT)
    checked = check({"name": name, "scopes": scopes, "allowed_ips": allowed_ips})
    token = PREFIX + new_secret()
    key = ApiKey(
        id=ApiKeyId(new_id()),
        user_id=user_id,
        prefix=token[:10],
        token_digest=digest(token),
        is_read_only=is_read_only,
        expires_at=expires_at,
        created_at=call.now,
        **checked,
    )
    key = within(key, _maker(call))
    credentials.insert_api_key(call.unit, permit, key)
    call.record(Kind.API_KEY_CREATED, _target(key), user_id=user.id, after=_picture(key))
    return key, token


def edit(call: Call, key_id: ApiKeyId, values: Mapping[str, Any]) -> ApiKey:
    """Change name, end, addresses or scopes. Raises Invalid.

    With an API key only keys can be edited that reach no further than it, before and after.
    """
    key, permit = _take(call, key_id)
    maker = _maker(call)
    if maker is not None and exceeds(key, maker):
        raise Forbidden("the key %(name)s reaches further than the API key that asks", name=repr(key.name))
    known = {name: value for name, value in values.items() if name in credentials.API_EDITABLE}
    edited = within(replace(key, **check(known)), maker)
    before, after = difference(_picture(key), _picture(edited))
    if after:
        credentials.save_api_key(call.unit, permit, edited)
        call.record(Kind.API_KEY_EDITED, _target(edited), user_id=key.user_id, before=before, after=after)
    return edited


def revoke(call: Call, key_id: ApiKeyId) -> None:
    """Make a key worthless from the next request on."""
    key, permit = _take(call, key_id)
    _revoke(call, permit, key, {})


def tidy(call: Call, *, limit: int) -> int:
    """Revoke some of the keys that the site's rules no longer let in; answers how many it looked at."""
    permit = call.permit_for_site(Right.CREDENTIAL_EDIT)
    rules = lifetime_of_api_keys(call.site)
    overdue = key_lists.overdue_api_keys(call.unit, rules, limit=limit)
    for key in overdue:
        _revoke(call, permit, key, {"reason": reason_against(key, call.site)})
    return len(overdue)


def _maker(call: Call) -> ApiKey | None:
    """What the new key may not exceed: the API key that asks, or the scopes of a desktop connection."""
    if call.actor.kind != "api_key" or call.actor.id is None:
        return _as_a_key(call) if call.actor.scopes else None
    return credentials.api_key(call.unit, EVERYONE, ApiKeyId(call.actor.id))


def _as_a_key(call: Call) -> ApiKey:
    """A desktop connection that was let in for some scopes only."""
    return ApiKey(
        id=ApiKeyId(""),
        user_id=UserId(call.actor.user_id or ""),
        name="",
        prefix="",
        token_digest="",
        scopes=tuple(sorted(call.actor.scopes)),
        created_at=call.now,
    )


def _take(call: Call, key_id: ApiKeyId) -> tuple[ApiKey, Permit]:
    _, permit = call.take_user(show(call, key_id).user_id, Right.CREDENTIAL_EDIT)
    key = credentials.api_key_for_change(call.unit, key_id)
    if key is None:
        raise NotFound("API key", key_id)
    return key, permit


def _revoke(call: Call, permit: Permit, key: ApiKey, data: Mapping[str, object]) -> None:
    credentials.remove_api_key(call.unit, permit, key.id)
    before = _picture(key)
    call.record(Kind.API_KEY_REVOKED, _target(key), user_id=key.user_id, before=before, data=data)


def _target(key: ApiKey) -> Target:
    return Target("api_key", key.id, key.name)


def _picture(key: ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "prefix": key.prefix,
        "is_read_only": key.is_read_only,
        "scopes": list(key.scopes),
        "allowed_ips": list(key.allowed_ips),
        "expires_at": plain(key.expires_at),
    }
