"""Create, edit, clone, suspend, reactivate, unlock, delete and restore users."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from innkeeper.actions import homes, password_links, passwords, seeds
from innkeeper.actions.call import Call, user_target
from innkeeper.domain.changes import changed_user, full_picture, new_user, picture
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, NotNow, Problem, Stale
from innkeeper.domain.events import Kind, difference
from innkeeper.domain.fields import check
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Reach, Right, editable_fields
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User
from innkeeper.domain.words import AuthenticationMethod, Role, Source, Status, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page
from innkeeper.store import groups, user_lists, users

Values = Mapping[str, Any]


def show(call: Call, user_id: UserId) -> User:
    """One user by id."""
    return call.take_user(user_id, Right.USER_READ)[0]


def find(call: Call, username: str) -> User:
    """One user by name, whatever its case."""
    user = users.by_username(call.unit, call.scope_to_see(Right.USER_READ), username)
    if user is None:
        raise NotFound("user", username)
    return user


def page(call: Call, query: UserQuery) -> Page[User]:
    """A page of users."""
    return user_lists.page(call.unit, call.scope(Right.USER_READ), query)


def counts(call: Call, query: UserQuery) -> dict[Status, int]:
    """How many users the query finds in each state."""
    return user_lists.counts(call.unit, call.scope(Right.USER_READ), query)


def create(call: Call, values: Values, *, source: Source = Source.MANUAL) -> User:
    """Make a user, with groups, grants, keys and password when they are among the values.

    Raises Invalid with every problem, Duplicate if the name is taken.
    """
    return create_checked(call, check(values, zone=call.site.time_zone), source=source)


def create_checked(call: Call, checked: Values, *, source: Source) -> User:
    """`create` for values that have been through `check`."""
    permit = call.permit(Right.USER_CREATE)
    _refuse_fields(call, checked, Right.USER_CREATE)
    if checked.get("roles"):
        call.permit_for_site(Right.USER_ROLES)
    _demand_own_group(call, checked)
    user = new_user(UserId(new_id()), checked, source=source, now=call.now)
    user = seeds.with_primary_group(call, user, checked)
    user = passwords.initial(call, user, checked)
    user = homes.assign(call, user, checked)
    if checked.get("disabled"):
        user = replace(user, disabled=True, suspended_at=call.now)
    users.insert_user(call.unit, permit, user)
    call.record(Kind.USER_CREATED, user_target(user), user_id=user.id, after=picture(user))
    seeds.plant(call, permit, user, checked)
    homes.open_up(call, user, checked)
    if user.is_invited:
        password_links.welcome(call, user)
    return user


def edit(call: Call, user_id: UserId, values: Values, *, version: int | None = None) -> User:
    """Change some fields; lists (groups, grants, keys) become what the values say.

    Raises Invalid, Duplicate, Stale when `version` is given and the user has moved on.
    """
    return edit_checked(call, user_id, check(values, zone=call.site.time_zone), version=version)


def edit_checked(call: Call, user_id: UserId, checked: Values, *, version: int | None = None) -> User:
    """`edit` for values that have been through `check`."""
    user, permit = call.take_user(user_id, Right.USER_EDIT)
    if version is not None and version != user.version:
        raise Stale(
            "user %(user)s is at version %(version)s, not %(seen)s; look again",
            user=repr(user.username),
            version=user.version,
            seen=version,
        )
    _refuse_deleted(user)
    _refuse_fields(call, checked, Right.USER_EDIT, user)
    _keep_administrator(call, user, checked)
    if set(checked.get("roles", user.roles)) != set(user.roles):
        call.permit_for_site(Right.USER_ROLES)
    edited = seeds.with_primary_group(call, changed_user(user, checked), checked)
    before, after = difference(full_picture(user), full_picture(edited))
    if after:
        edited = users.save(call.unit, permit, edited)
        call.record(Kind.USER_EDITED, user_target(edited), user_id=user.id, before=before, after=after)
    seeds.arrange(call, permit, edited, checked)
    return _switch(call, passwords.edit(call, edited, checked), checked)


def clone(call: Call, user_id: UserId, values: Values) -> User:
    """A new user with the settings, groups and grants of another; never secrets, keys, mail or name."""
    model, _ = call.take_user(user_id, Right.USER_READ)
    copied = seeds.copied_values(call, model)
    return create(call, {**copied, **values})


def suspend(call: Call, user_id: UserId, *, reason: str = "") -> User:
    """Disable a user and end every session; they stay as they are in all else. Nothing if already so."""
    user, permit = call.take_user(user_id, Right.USER_SUSPEND)
    _refuse_deleted(user)
    if user.disabled:
        return user
    _refuse_self(call, user, N_("you cannot suspend yourself; ask another administrator"))
    _keep_last_administrator(call, user)
    suspended = replace(
        user, disabled=True, suspended_at=call.now, suspend_reason=reason[:500], sessions_valid_after=call.now
    )
    suspended = users.save(call.unit, permit, suspended)
    call.record(Kind.USER_SUSPENDED, user_target(user), user_id=user.id, data={"reason": reason[:500]})
    return suspended


def reactivate(call: Call, user_id: UserId) -> User:
    """Enable a suspended user. Sessions that were ended stay ended. Nothing if not suspended."""
    user, permit = call.take_user(user_id, Right.USER_SUSPEND)
    _refuse_deleted(user)
    if not user.disabled:
        return user
    active = replace(user, disabled=False, suspended_at=None, suspend_reason="")
    active = users.save(call.unit, permit, active)
    call.record(Kind.USER_REACTIVATED, user_target(user), user_id=user.id)
    return active


def unlock(call: Call, user_id: UserId) -> User:
    """Forget the wrong passwords that locked a user out. Nothing if not locked."""
    user, permit = call.take_user(user_id, Right.USER_SUSPEND)
    if user.locked_until is None and not user.failed_logins:
        return user
    unlocked = users.save(call.unit, permit, replace(user, locked_until=None, failed_logins=0))
    call.record(Kind.USER_UNLOCKED, user_target(user), user_id=user.id)
    return unlocked


def delete(call: Call, user_id: UserId) -> User:
    """Move a user to the recycle bin: out at once, but whole if restored. Nothing if already there."""
    user, permit = call.take_user(user_id, Right.USER_DELETE)
    if user.deleted_at is not None:
        return user
    _refuse_self(call, user, N_("you cannot delete yourself; ask another administrator"))
    _keep_last_administrator(call, user)
    deleted = replace(user, deleted_at=call.now, sessions_valid_after=call.now)
    deleted = users.save(call.unit, permit, deleted)
    call.record(Kind.USER_DELETED, user_target(user), user_id=user.id)
    return deleted


def restore(call: Call, user_id: UserId) -> User:
    """Bring a user back from the recycle bin. Nothing if not there."""
    user, permit = call.take_user(user_id, Right.USER_DELETE)
    if user.deleted_at is None:
        return user
    restored = users.save(call.unit, permit, replace(user, deleted_at=None))
    call.record(Kind.USER_RESTORED, user_target(user), user_id=user.id)
    return restored


def _switch(call: Call, user: User, checked: Values) -> User:
    """`disabled` among edited fields means suspend or reactivate, with all that follows from it."""
    if checked.get("disabled") is True:
        return suspend(call, user.id)
    return reactivate(call, user.id) if checked.get("disabled") is False else user


def _refuse_fields(call: Call, checked: Values, right: Right, user: User | None = None) -> None:
    reach = call.scope(right).reach
    if user is not None and user.id == call.actor.user_id and reach is Reach.GROUPS:
        reach = Reach.SELF
    allowed = editable_fields(reach)
    refused = sorted(set(checked) - allowed) if allowed is not None else []
    if refused:
        raise Forbidden("your role may not set %(fields)s", fields=", ".join(refused))


def _demand_own_group(call: Call, checked: Values) -> None:
    """Whoever may create only within their groups must name at least one of them, and no other."""
    scope = call.scope(Right.USER_CREATE)
    if scope.reach is Reach.ANYONE:
        return
    own = {group.name.casefold() for group in groups.many(call.unit, scope, scope.groups).values()}
    named = {name.casefold() for name in checked.get("groups", ())}
    if not named or not named <= own:
        raise Invalid(Problem("groups", sorted(named), "one or more of the groups that you administer"))


def _refuse_deleted(user: User) -> None:
    if user.deleted_at is not None:
        raise NotNow("user %(user)s is in the recycle bin; restore them first", user=repr(user.username))


def _refuse_self(call: Call, user: User, refusal: str) -> None:
    if user.id == call.actor.user_id:
        raise NotNow(refusal)


def _keep_administrator(call: Call, user: User, checked: Values) -> None:
    if not user.is_site_administrator:
        return
    method = checked.get("authentication_method", user.authentication_method)
    loses = Role.SITE_ADMINISTRATOR not in checked.get("roles", user.roles)
    expires = checked.get("access_expires_at") is not None
    if loses or expires or method is AuthenticationMethod.NONE:
        _keep_last_administrator(call, user)


def _keep_last_administrator(call: Call, user: User) -> None:
    if user.is_site_administrator and not users.other_site_administrators(call.unit, user.id):
        raise NotNow(
            "%(user)s is the last site administrator who can sign in; make another one first",
            user=repr(user.username),
        )
