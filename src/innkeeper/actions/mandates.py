"""Why a user must have a second factor, for people who look at their page."""

from collections.abc import Collection
from dataclasses import replace

from innkeeper.actions.actors import belonging
from innkeeper.actions.call import Call
from innkeeper.domain.factors import Mandate, MandatedBy, mandates
from innkeeper.domain.rights import Right
from innkeeper.domain.words import UserId
from innkeeper.store import groups


def of_user(call: Call, user_id: UserId) -> list[Mandate]:
    """Every reason; a group that the reader may not see has no name."""
    user, _ = call.take_user(user_id, Right.USER_READ)
    found = mandates(user, belonging(call.unit, user_id), call.site, call.now)
    named = [mandate.name for mandate in found if mandate.by is MandatedBy.GROUP]
    seen = groups.named(call.unit, call.scope_to_see(Right.GROUP_READ), named)
    return [_seen(mandate, seen) for mandate in found]


def _seen(mandate: Mandate, seen: Collection[str]) -> Mandate:
    is_hidden = mandate.by is MandatedBy.GROUP and mandate.name.casefold() not in seen
    return replace(mandate, name="") if is_hidden else mandate
