"""Taking second factors away: one's own, the last one later; all of another's at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from innkeeper.actions.call import Call, user_target
from innkeeper.actions.factors import must_have_one, picture, show, take_own, target, tell
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import NotNow
from innkeeper.domain.events import Kind
from innkeeper.domain.factors import Factor
from innkeeper.domain.mails import MailKind
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorId, UserId
from innkeeper.store import devices, factors, users

AT_ONCE = 200


def remove(call: Call, factor_id: FactorId) -> Factor | None:
    """Take one's own factor away. The last one stays for a while, so that its user hears of it.

    Answers the factor while it stays, None when it is gone. Raises NotNow for the last one of whoever must
    have one.
    """
    factor = show(call, factor_id)
    user, permit = take_own(call, factor.user_id)
    if factor.confirmed_at is None:
        factors.give_up(call.unit, factor.id)
        return None
    if factor.removal_at is not None:
        return factor
    if _is_last(call, factor) and must_have_one(call, user):
        raise NotNow(N_("you must have a second factor; add another one before you remove this"))
    if _is_last(call, factor) and call.site.two_factor_leave_hours:
        return _put_off(call, permit, user, factor)
    _remove(call, permit, user, [factor])
    return None


def keep(call: Call, factor_id: FactorId) -> Factor:
    """Let a factor stay whose removal waits. Nothing if none does."""
    factor = show(call, factor_id)
    user, permit = take_own(call, factor.user_id)
    if factor.removal_at is None:
        return factor
    factors.set_removal(call.unit, permit, factor.id, None)
    before, after = {"removal_at": plain(factor.removal_at)}, {"removal_at": None}
    call.record(Kind.FACTOR_EDITED, target(factor), user_id=user.id, before=before, after=after)
    return replace(factor, removal_at=None)


def reset(call: Call, user_id: UserId) -> int:
    """Take all second factors of another user away, and end their sessions; answers how many there were."""
    user, permit = call.take_user(user_id, Right.FACTOR_RESET)
    if user.id == call.actor.user_id:
        raise NotNow(
            N_("you cannot reset your own second factors; remove them, or ask another administrator")
        )
    known = factors.of_user(call.unit, user.id)
    if not known and not factors.recovery_codes_left(call.unit, user.id):
        return 0
    factors.remove(call.unit, permit, [factor.id for factor in known])
    _forget_the_rest(call, permit, user)
    # They had one before, so that there is no grace for setting up the next.
    due_at = call.now if must_have_one(call, user) else None
    users.save(call.unit, permit, replace(user, sessions_valid_after=call.now, second_factor_due_at=due_at))
    count = sum(factor.counts(call.now) for factor in known)
    call.record(Kind.FACTORS_RESET, user_target(user), user_id=user.id, data={"factors": count})
    tell(call, MailKind.FACTORS_RESET, user)
    return count


def remove_due(call: Call) -> int:
    """Tidy away some of the factors whose time has come; answers how many. They count no more already."""
    removed = 0
    for user_id in factors.users_with_due(call.unit, AT_ONCE):
        user, permit = call.take_user(user_id, Right.FACTOR_RESET)
        removed += remove_due_of(call, permit, user)
    return removed


def remove_due_of(call: Call, permit: Permit, user: User) -> int:
    """The same for a user whom the caller has taken; another node may have been faster, so it looks again."""
    known = factors.of_user(call.unit, user.id)
    due = [factor for factor in known if _is_due(call, factor)]
    _remove(call, permit, user, due)
    return len(due)


def _is_last(call: Call, factor: Factor) -> bool:
    """No other factor counts and stays."""
    others = [other for other in factors.of_user(call.unit, factor.user_id) if other.id != factor.id]
    return not any(other.counts(call.now) and other.removal_at is None for other in others)


def _is_due(call: Call, factor: Factor) -> bool:
    return factor.removal_at is not None and factor.removal_at <= call.now


def _put_off(call: Call, permit: Permit, user: User, factor: Factor) -> Factor:
    removal_at = call.now + timedelta(hours=call.site.two_factor_leave_hours)
    factors.set_removal(call.unit, permit, factor.id, removal_at)
    data = {"removal_at": plain(removal_at)}
    call.record(Kind.FACTOR_REMOVAL_ASKED, target(factor), user_id=user.id, data=data)
    tell(call, MailKind.FACTOR_REMOVAL_ASKED, user, factor, removal_at=removal_at)
    return replace(factor, removal_at=removal_at)


def _remove(call: Call, permit: Permit, user: User, gone: Iterable[Factor]) -> None:
    gone = list(gone)
    if not gone:
        return
    factors.remove(call.unit, permit, [factor.id for factor in gone])
    for factor in gone:
        call.record(Kind.FACTOR_REMOVED, target(factor), user_id=user.id, before=picture(factor))
        tell(call, MailKind.FACTOR_REMOVED, user, factor)
    if not any(factor.counts(call.now) for factor in factors.of_user(call.unit, user.id)):
        _forget_the_rest(call, permit, user)


def _forget_the_rest(call: Call, permit: Permit, user: User) -> None:
    """Without a second factor nothing can stand in for it, and no browser can be trusted to do without."""
    factors.replace_recovery_codes(call.unit, permit, user.id, ())
    devices.end_trust_of(call.unit, user.id)
