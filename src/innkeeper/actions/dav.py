"""Locks and dead properties of WebDAV: kept in the database, so that every node knows them.

They are notes of clients about files. What may be done with the files has been asked of the room before.
Paths are site paths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from innkeeper.actions.call import Call
from innkeeper.actions.files import shown
from innkeeper.domain.dav import DavLock, Locked, need_unlocked
from innkeeper.domain.errors import NotFound
from innkeeper.domain.words import UserId
from innkeeper.kit.ids import new_id
from innkeeper.store import dav

MOST_SECONDS = 3600


def need_free(
    call: Call, path: str, user_id: UserId, tokens: Sequence[str], *, names_change: bool, is_deep: bool
) -> None:
    """Raises Locked if someone's lock stands against writing to this path.

    `names_change`: the path is made, moved or removed. `is_deep`: with all below it.
    """
    path = shown(path)
    found = dav.locks_within(call.unit, path) if is_deep else dav.locks_above(call.unit, path)
    guards = DavLock.guards_names_of if names_change else DavLock.covers
    met = [lock for lock in found if guards(lock, path) or (is_deep and lock.path.startswith(path + "/"))]
    need_unlocked(met, user_id, tokens)


def covering(call: Call, path: str) -> list[DavLock]:
    """The locks that hold for this path."""
    path = shown(path)
    return [lock for lock in dav.locks_above(call.unit, path) if lock.covers(path)]


def lock(
    call: Call, path: str, user_id: UserId, *, is_exclusive: bool, is_deep: bool, owner: str, seconds: int
) -> DavLock:
    """Lock a path for a user, for at most an hour. Raises Locked."""
    dav.wait_for_turn(call.unit)
    dav.remove_expired_locks(call.unit)
    path = shown(path)
    found = dav.locks_within(call.unit, path) if is_deep else dav.locks_above(call.unit, path)
    for other in found:
        is_met = other.covers(path) or (is_deep and other.path.startswith(path.rstrip("/") + "/"))
        if is_met and (is_exclusive or other.is_exclusive):
            raise Locked(other.path)
    token, until = f"urn:uuid:{new_id()}", call.now + _lasting(seconds)
    made = DavLock(token, path, is_exclusive, is_deep, owner, user_id, call.now, until)
    dav.insert_lock(call.unit, made)
    return made


def refresh(call: Call, path: str, user_id: UserId, tokens: Sequence[str], seconds: int) -> DavLock | None:
    """Let one's lock begin anew; None if none of the tokens is one of a lock that holds here."""
    for known in covering(call, path):
        if known.token in tokens and known.user_id == user_id:
            renewed = replace(known, expires_at=call.now + _lasting(seconds))
            dav.renew_lock(call.unit, renewed)
            return renewed
    return None


def unlock(call: Call, path: str, user_id: UserId, token: str) -> None:
    """Give one's lock up. Raises NotFound if there is no such lock here, Locked if it is another's."""
    known = next((entry for entry in covering(call, path) if entry.token == token), None)
    if known is None:
        raise NotFound("lock", token)
    if known.user_id != user_id:
        raise Locked(known.path)
    dav.remove_lock(call.unit, token)


def notes(call: Call, folder: str, paths: Sequence[str]) -> tuple[list[DavLock], dict[str, dict[str, str]]]:
    """The locks that hold for any of these paths, which lie in or are this folder, and their properties."""
    keys = [shown(path) for path in paths]
    locks = {entry.token: entry for entry in dav.locks_above(call.unit, shown(folder))}
    locks |= {entry.token: entry for entry in dav.locks_of_many(call.unit, keys)}
    return list(locks.values()), dav.properties(call.unit, keys)


def set_properties(call: Call, path: str, values: Mapping[str, str | None]) -> None:
    """Set some dead properties, and remove those that are None."""
    dav.set_properties(call.unit, shown(path), values)


def follow_move(call: Call, path: str, new_path: str) -> None:
    """What was moved takes its properties along, and leaves its locks behind (section 7.5)."""
    dav.forget_properties(call.unit, shown(new_path))
    dav.copy_properties(call.unit, shown(path), shown(new_path))
    dav.forget(call.unit, shown(path))


def follow_copy(call: Call, path: str, new_path: str) -> None:
    """A copy has the properties of the original, and no locks."""
    dav.forget_properties(call.unit, shown(new_path))
    dav.copy_properties(call.unit, shown(path), shown(new_path))


def follow_delete(call: Call, path: str) -> None:
    """What is gone has neither."""
    dav.forget(call.unit, shown(path))


def follow(call: Call, changes: Sequence[tuple[str, str | None]]) -> None:
    """What other doors have moved, or deleted where there is no new path. Doing it again does nothing."""
    for path, new_path in changes:
        if not dav.has_notes(call.unit, path):
            continue
        if new_path is None:
            follow_delete(call, path)
        else:
            follow_move(call, path, new_path)


def _lasting(seconds: int) -> timedelta:
    return timedelta(seconds=max(1, min(seconds, MOST_SECONDS)))
