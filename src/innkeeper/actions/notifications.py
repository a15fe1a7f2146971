"""Notifications: who is to hear of what happens to files in a folder. `actions/notices.py` tells them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from innkeeper.actions import access
from innkeeper.actions.actors import EVERYONE, actor_of, belonging
from innkeeper.actions.call import Call
from innkeeper.domain.access import Ability
from innkeeper.domain.errors import Invalid, NotFound, Problem
from innkeeper.domain.events import Kind, Target, difference
from innkeeper.domain.groups import Belonging
from innkeeper.domain.notifications import FileNews, Frequency, Notification, hour_of, next_due, zone_of
from innkeeper.domain.paths import is_within, normalize
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId, NotificationId, Role, SubjectKind, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.kit.vault import VaultError
from innkeeper.store import events, groups, users
from innkeeper.store import notifications as store

TOKEN = "unsubscribe"


def show(call: Call, notification_id: NotificationId) -> Notification:
    """One notification by id."""
    found = store.one(call.unit, call.scope_to_see(Right.NOTIFICATION_READ), notification_id)
    if found is None:
        raise NotFound("notification", notification_id)
    return found


def page(
    call: Call,
    *,
    subject_id: str | None = None,
    path: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Notification]:
    """A page of notifications, narrowed to a user or group, or to a folder."""
    scope = call.scope(Right.NOTIFICATION_READ)
    return store.page(call.unit, scope, subject_id=subject_id, path=path, limit=limit, cursor=cursor)


def add(
    call: Call,
    path: str,
    subject_kind: SubjectKind,
    subject_id: str,
    *,
    verbs: Iterable[FileNews] = (FileNews.UPLOAD,),
    frequency: Frequency = Frequency.HOURLY,
    is_recursive: bool = True,
) -> Notification:
    """Let a user, or everyone in a group, hear of a folder from now on.

    Raises Invalid for a folder that the user may not list, Duplicate if there is one for this folder.
    """
    permit, name = _take_subject(call, subject_kind, subject_id)
    wanted = Notification(
        id=NotificationId(new_id()),
        subject_kind=subject_kind,
        subject_id=subject_id,
        path=normalize(path),
        is_recursive=is_recursive,
        verbs=_checked(verbs),
        frequency=frequency,
        created_by=call.actor.user_id,
        created_at=call.now,
        changed_at=call.now,
    )
    if subject_kind is SubjectKind.USER:
        _check_sight(call, UserId(subject_id), wanted.path)
    store.insert(call.unit, permit, wanted)
    begin(call, wanted)
    _record(call, Kind.NOTIFICATION_ADDED, wanted, after=picture(wanted), name=name)
    return wanted


def edit(
    call: Call,
    notification_id: NotificationId,
    *,
    verbs: Iterable[FileNews],
    frequency: Frequency,
    is_recursive: bool,
) -> Notification:
    """Change what is told and how often. What was not told yet comes with the next mail."""
    known = show(call, notification_id)
    permit, name = _take_subject(call, known.subject_kind, known.subject_id)
    edited = replace(known, verbs=_checked(verbs), frequency=frequency, is_recursive=is_recursive)
    before, after = difference(picture(known), picture(edited))
    if not after:
        return known
    edited = replace(edited, changed_at=call.now)
    store.save(call.unit, permit, edited)
    for user_id in store.readers(call.unit, known.id):
        _reschedule(call, edited, UserId(user_id))
    _record(call, Kind.NOTIFICATION_EDITED, edited, before=before, after=after, name=name)
    return edited


def remove(call: Call, notification_id: NotificationId) -> None:
    """Take a notification away; what was not told yet is not told any more."""
    known = show(call, notification_id)
    permit, name = _take_subject(call, known.subject_kind, known.subject_id)
    _remove(call, permit, known, name)


def refuse(call: Call, notification_id: NotificationId) -> None:
    """Hear no more of this folder: one's own notification goes, one for a group tells the others alone."""
    known = show(call, notification_id)
    _refuse(call, known, call.actor.user_id)


def open_link(call: Call, token: str) -> Notification:
    """What the link in a mail unsubscribes from; raises NotFound when that is gone."""
    notification, _ = _behind(call, token)
    return notification


def follow_link(call: Call, token: str) -> Notification:
    """Unsubscribe the reader of a mail from exactly what it was about; once is enough, twice does no harm."""
    notification, user = _behind(call, token)
    # The link opens nothing else, so it acts with no more than what every user may.
    call.actor = replace(actor_of(user, Belonging()), roles=frozenset({Role.USER}))
    _refuse(call, notification, user.id)
    return notification


def link_of(call: Call, notification: Notification, user: User) -> str:
    """The path on this site that unsubscribes this user; sealed, so that it cannot be made up."""
    return f"/unsubscribe/{call.seal(json.dumps([TOKEN, notification.id, user.id])).rstrip('=')}"


def begin(call: Call, notification: Notification) -> None:
    """Give a turn to everyone who is to be told and has none yet; what happens from now on is for them."""
    missing = _subjects(call, notification) - store.readers(call.unit, notification.id)
    found = (users.one(call.unit, EVERYONE, UserId(user_id)) for user_id in sorted(missing))
    due = [(user.id, due_at(call, notification, user)) for user in found if user is not None]
    store.begin_turns(call.unit, notification.id, due, events.last_place(call.unit))


def due_at(call: Call, notification: Notification, user: User) -> datetime:
    """When this user's batch is due that begins now."""
    zone = zone_of(user, call.site.time_zone)
    return next_due(notification.frequency, call.now, zone=zone, hour=hour_of(user))


def sees(call: Call, user: User, belongs: Belonging) -> Callable[[str], bool]:
    """Whether the user may, at this moment, list a folder."""
    compiled = access.of_user(call.unit, user, belongs)

    def sees_folder(folder: str) -> bool:
        return is_within(folder, user.user_root) and bool(compiled.abilities(folder) & Ability.LIST)

    return sees_folder


def picture(notification: Notification) -> dict[str, object]:
    """The notification as plain JSON values for the log."""
    return {
        "path": notification.path,
        "verbs": [verb.value for verb in notification.verbs],
        "frequency": notification.frequency.value,
        "is_recursive": notification.is_recursive,
    }


def _checked(verbs: Iterable[FileNews]) -> tuple[FileNews, ...]:
    wanted = set(verbs)
    if not wanted:
        raise Invalid(Problem("verbs", None, "at least one kind of news", "missing"))
    return tuple(verb for verb in FileNews if verb in wanted)


def _check_sight(call: Call, user_id: UserId, path: str) -> None:
    user = users.one(call.unit, EVERYONE, user_id)
    if user is None or not sees(call, user, belonging(call.unit, user_id))(path):
        raise Invalid(Problem("path", path, "a folder that the user may list"))


def _take_subject(call: Call, kind: SubjectKind, subject_id: str) -> tuple[Permit, str]:
    if kind is SubjectKind.USER:
        user, permit = call.take_user(UserId(subject_id), Right.NOTIFICATION_EDIT)
        return permit, user.username
    group, permit = call.take_group(GroupId(subject_id), Right.NOTIFICATION_EDIT)
    return permit, group.name


def _subjects(call: Call, notification: Notification) -> set[str]:
    if notification.subject_kind is SubjectKind.USER:
        return {notification.subject_id}
    return set(groups.users_below(call.unit, GroupId(notification.subject_id)))


def _reschedule(call: Call, notification: Notification, user_id: UserId) -> None:
    user = users.one(call.unit, EVERYONE, user_id)
    if user is not None:
        store.reschedule(call.unit, notification.id, user_id, due_at(call, notification, user))


def _remove(call: Call, permit: Permit, notification: Notification, name: str) -> None:
    store.remove(call.unit, permit, notification.id)
    _record(call, Kind.NOTIFICATION_REMOVED, notification, before=picture(notification), name=name)


def _refuse(call: Call, notification: Notification, user_id: UserId | None) -> None:
    if user_id is None or user_id not in _subjects(call, notification):
        raise NotFound("notification", notification.id)
    user, permit = call.take_user(user_id, Right.NOTIFICATION_EDIT)
    if notification.subject_kind is SubjectKind.USER:
        _remove(call, permit, notification, user.username)
        return
    begin(call, notification)
    if notification.id not in store.refused_by(call.unit, user_id):
        store.refuse(call.unit, permit, notification.id, user_id)
        _record(call, Kind.NOTIFICATION_REFUSED, notification, name=user.username, user_id=user_id)


def _behind(call: Call, token: str) -> tuple[Notification, User]:
    try:
        known = json.loads(call.unseal(token + "=" * (-len(token) % 4)))
        purpose, notification_id, user_id = known
    except (VaultError, ValueError, TypeError):
        raise NotFound("link", "") from None
    notification = store.one(call.unit, EVERYONE, notification_id) if purpose == TOKEN else None
    user = users.one(call.unit, EVERYONE, user_id) if notification is not None else None
    if notification is None or user is None:
        raise NotFound("link", "")
    return notification, user


def _record(
    call: Call,
    kind: Kind,
    notification: Notification,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    name: str = "",
    user_id: str | None = None,
) -> None:
    for_user = notification.subject_id if notification.subject_kind is SubjectKind.USER else user_id
    call.record(
        kind,
        Target("notification", notification.id, notification.path),
        user_id=for_user,
        before=before,
        after=after,
        data={
            "subject_kind": notification.subject_kind.value,
            "subject_id": notification.subject_id,
            "subject": name,
        },
    )
