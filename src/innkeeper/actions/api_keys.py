"""API keys of users: a token that is shown once."""

from collections.abc import Sequence
from datetime import datetime

from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.errors import Invalid, NotFound, Problem
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.fields import check
from innkeeper.domain.rights import Right
from innkeeper.domain.words import ApiKeyId, UserId
from innkeeper.kit.ids import digest, new_id, new_secret
from innkeeper.kit.paging import Page
from innkeeper.store import credentials

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
    scope = call.scope(Right.CREDENTIAL_READ)
    return credentials.page_of_api_keys(call.unit, scope, user_id=user_id, limit=limit, cursor=cursor)


def create(
    call: Call,
    user_id: UserId,
    name: str,
    *,
    is_read_only: bool = False,
    allowed_ips: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for a user; answers it with the token, which is never shown again. Raises Invalid."""
    user, permit = call.take_user(user_id, Right.CREDENTIAL_EDIT)
    if not 1 <= len(name) <= 200 or "\x00" in name:
        raise Invalid(Problem("name", name, "a name of 1 to 200 characters"))
    token = PREFIX + new_secret()
    key = ApiKey(
        id=ApiKeyId(new_id()),
        user_id=user_id,
        name=name,
        prefix=token[:10],
        token_digest=digest(token),
        is_read_only=is_read_only,
        allowed_ips=check({"allowed_ips": list(allowed_ips)})["allowed_ips"],
        expires_at=expires_at,
        created_at=call.now,
    )
    credentials.insert_api_key(call.unit, permit, key)
    call.record(Kind.API_KEY_CREATED, _target(key), user_id=user.id, after=_picture(key))
    return key, token


def revoke(call: Call, key_id: ApiKeyId) -> None:
    """Make a key worthless from the next request on."""
    key = show(call, key_id)
    _, permit = call.take_user(key.user_id, Right.CREDENTIAL_EDIT)
    credentials.remove_api_key(call.unit, permit, key_id)
    call.record(Kind.API_KEY_REVOKED, _target(key), user_id=key.user_id, before=_picture(key))


def _target(key: ApiKey) -> Target:
    return Target("api_key", key.id, key.name)


def _picture(key: ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "prefix": key.prefix,
        "is_read_only": key.is_read_only,
        "allowed_ips": list(key.allowed_ips),
        "expires_at": plain(key.expires_at),
    }
