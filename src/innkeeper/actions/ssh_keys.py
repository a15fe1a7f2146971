"""SSH public keys of users."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from innkeeper.actions.call import Call
from innkeeper.domain.changes import plain
from innkeeper.domain.credentials import LONGEST_LABEL, ParsedKey, SshKey, check_label, parse_ssh_key
from innkeeper.domain.errors import Invalid, NotFound, Problem
from innkeeper.domain.events import Kind, Target, difference
from innkeeper.domain.lifetimes import lifetime_of_ssh_keys, reason_against
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.texts import Text
from innkeeper.domain.users import User
from innkeeper.domain.words import SshKeyId, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.keypairs import LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE, KeyKind
from innkeeper.kit.paging import Page
from innkeeper.store import credentials, key_lists


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
    scope, rules = call.scope(Right.CREDENTIAL_READ), lifetime_of_ssh_keys(call.site)
    query = KeyQuery(user_id=user_id, fingerprint=fingerprint, limit=limit, cursor=cursor)
    return key_lists.page_of_ssh_keys(call.unit, scope, rules, query)


def prepare_pair(call: Call, user_id: UserId, *, kind: str, passphrase: str) -> KeyKind:
    """The kind of pair that may be made for the user; raises what `add` would, before that costs anything.

    Raises Invalid for a kind that is not made here, or a passphrase that ssh-keygen would not take.
    """
    call.take_user(user_id, Right.CREDENTIAL_EDIT)
    if kind not in set(KeyKind):
        raise Invalid(Problem("kind", kind, Text("one of %(names)s", {"names": ", ".join(KeyKind)})))
    if passphrase and not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        limits = {"low": SHORTEST_PASSPHRASE, "high": LONGEST_PASSPHRASE}
        raise Invalid(Problem("passphrase", None, Text("%(low)s to %(high)s characters", limits)))
    return KeyKind(kind)


def add(
    call: Call, user_id: UserId, public_key: str, *, label: str = "", expires_at: datetime | None = None
) -> SshKey:
    """Give a user a key.

    Raises Invalid for a bad or weak key, Duplicate if they have it. Another user may have the same.
    """
    user, permit = call.take_user(user_id, Right.CREDENTIAL_EDIT)
    check_label(label)
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
        label=(label or parsed.comment)[:LONGEST_LABEL],
        algorithm=parsed.algorithm,
        public_key=parsed.public_key,
        fingerprint=parsed.fingerprint,
        expires_at=expires_at,
        created_at=call.now,
    )
    credentials.insert_ssh_key(call.unit, permit, key)
    call.record(Kind.SSH_KEY_ADDED, _target(key), user_id=user.id, after=_picture(key))
    return key


def edit(call: Call, key_id: SshKeyId, values: Mapping[str, Any]) -> SshKey:
    """Change the label or the end of a key; connections that it opened end with it. Raises Invalid."""
    key, permit = _take(call, key_id)
    if "label" in values:
        check_label(values["label"])
    known = {name: value for name, value in values.items() if name in credentials.SSH_EDITABLE}
    edited = replace(key, **known)
    before, after = difference(_picture(key), _picture(edited))
    if after:
        credentials.save_ssh_key(call.unit, permit, edited)
        call.record(Kind.SSH_KEY_EDITED, _target(edited), user_id=key.user_id, before=before, after=after)
    return edited


def remove(call: Call, key_id: SshKeyId) -> None:
    """Take a key away; connections that it opened end."""
    key, permit = _take(call, key_id)
    _remove(call, permit, key, {})


def tidy(call: Call, *, limit: int) -> int:
    """Remove some of the keys that the site's rules no longer let in; answers how many it looked at."""
    permit = call.permit_for_site(Right.CREDENTIAL_EDIT)
    rules = lifetime_of_ssh_keys(call.site)
    overdue = key_lists.overdue_ssh_keys(call.unit, rules, limit=limit)
    for key in overdue:
        _remove(call, permit, key, {"reason": reason_against(key, call.site)})
    return len(overdue)


def _take(call: Call, key_id: SshKeyId) -> tuple[SshKey, Permit]:
    _, permit = call.take_user(show(call, key_id).user_id, Right.CREDENTIAL_EDIT)
    key = credentials.ssh_key_for_change(call.unit, key_id)
    if key is None:
        raise NotFound("SSH key", key_id)
    return key, permit


def _remove(call: Call, permit: Permit, key: SshKey, data: Mapping[str, object]) -> None:
    credentials.remove_ssh_key(call.unit, permit, key.id)
    before = _picture(key)
    call.record(Kind.SSH_KEY_REMOVED, _target(key), user_id=key.user_id, before=before, data=data)


def _target(key: SshKey) -> Target:
    return Target("ssh_key", key.id, key.fingerprint)


def _picture(key: SshKey) -> dict[str, object]:
    return {
        "label": key.label,
        "algorithm": key.algorithm,
        "fingerprint": key.fingerprint,
        "expires_at": plain(key.expires_at),
    }
