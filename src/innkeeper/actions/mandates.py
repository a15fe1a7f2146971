"""Why a user must have a second factor, and until when; for those who look at pages."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from innkeeper.actions.actors import belonging
from innkeeper.actions.call import Call
from innkeeper.actions.factors import must_have_one
from innkeeper.domain.factors import Mandate, MandatedBy, mandates
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.store import factors, groups


def of_user(call: Call, user_id: UserId) -> list[Mandate]:
    """Every reason; a group that the reader may not see has no name."""
    user, _ = call.take_user(user_id, Right.USER_READ)
    found = mandates(user, belonging(call.unit, user_id), call.site, call.now)
    named = [mandate.name for mandate in found if mandate.by is MandatedBy.GROUP]
    seen = groups.named(call.unit, call.scope_to_see(Right.GROUP_READ), named)
    return [_seen(mandate, seen) for mandate in found]


def due_at(call: Call, user: User) -> datetime | None:
    """Until when a user who must have a second factor, and has none yet, may put that off."""
    due = user.second_factor_due_at
    if due is None or due <= call.now or not must_have_one(call, user):
        return None
    return None if any(factor.counts(call.now) for factor in factors.of_user(call.unit, user.id)) else due


def _seen(mandate: Mandate, seen: Collection[str]) -> Mandate:
    is_hidden = mandate.by is MandatedBy.GROUP and mandate.name.casefold() not in seen
    return replace(mandate, name="") if is_hidden else mandate
