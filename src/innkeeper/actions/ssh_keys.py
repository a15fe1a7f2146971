"""SSH public keys of users."""

from datetime import datetime

from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.credentials import ParsedKey, SshKey, parse_ssh_key
from innkeeper.domain.errors import NotFound
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import SshKeyId, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.store import credentials


def show(call: Call, key_id: SshKeyId) -> SshKey:
    """One key by id."""
    key = credentials.ssh_key(call.unit, call.scope_to_see(Right.CREDENTIAL_READ), key_id)
    if key is None:
        raise NotFound("SSH key", key_id)
    return key


def page(
    call: Call,
    *,
    user_id: UserId | None = None,
    fingerprint: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[SshKey]:
    """A page of keys, narrowed to a user or a fingerprint."""
    return credentials.page_of_ssh_keys(
        call.unit,
        call.scope(Right.CREDENTIAL_READ),
        user_id=user_id,
        fingerprint=fingerprint,
        limit=limit,
        cursor=cursor,
    )


def add(
    call: Call, user_id: UserId, public_key: str, *, label: str = "", expires_at: datetime | None = None
) -> SshKey:
    """Give a user a key; raises Invalid for a bad or weak key, Duplicate if they have it."""
    user, permit = call.take_user(user_id, Right.CREDENTIAL_EDIT)
    return put(call, permit, user, parse_ssh_key(public_key), label, expires_at=expires_at)


def put(
    call: Call,
    permit: Permit,
    user: User,
    parsed: ParsedKey,
    label: str,
    *,
    expires_at: datetime | None = None,
) -> SshKey:
    """Store a parsed key for a user whom the caller has taken."""
    key = SshKey(
        id=SshKeyId(new_id()),
        user_id=user.id,
        label=(label or parsed.comment)[:200],
        algorithm=parsed.algorithm,
        public_key=parsed.public_key,
        fingerprint=parsed.fingerprint,
        expires_at=expires_at,
        created_at=call.now,
    )
    credentials.insert_ssh_key(call.unit, permit, key)
    call.record(Kind.SSH_KEY_ADDED, _target(key), user_id=user.id, after=_picture(key))
    return key


def remove(call: Call, key_id: SshKeyId) -> None:
    """Take a key away; connections that it opened end."""
    key = show(call, key_id)
    _, permit = call.take_user(key.user_id, Right.CREDENTIAL_EDIT)
    credentials.remove_ssh_key(call.unit, permit, key_id)
    call.record(Kind.SSH_KEY_REMOVED, _target(key), user_id=key.user_id, before=_picture(key))


def _target(key: SshKey) -> Target:
    return Target("ssh_key", key.id, key.fingerprint)


def _picture(key: SshKey) -> dict[str, object]:
    return {
        "label": key.label,
        "algorithm": key.algorithm,
        "fingerprint": key.fingerprint,
        "expires_at": plain(key.expires_at),
    }
