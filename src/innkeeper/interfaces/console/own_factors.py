"""What the page about one's own second factors shows, gathered at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from innkeeper.actions import factors, users
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Unauthenticated
from innkeeper.domain.factors import Factor
from innkeeper.domain.recovery import HOW_MANY
from innkeeper.domain.words import Duty, FactorKind

# Below that it is time for new recovery codes.
FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFactors:
    """The reader's second factors and recovery codes, what they may add, and what is demanded of them."""

    factors: Sequence[Factor]
    codes_left: int
    codes_at_first: int
    may_add: frozenset[str]
    must_have_one: bool
    due_at: datetime | None
    is_owed: bool

    @property
    def has_few_codes(self) -> bool:
        return bool(self.factors) and self.codes_left < FEW

    @property
    def leaving(self) -> Sequence[Factor]:
        """Those whose removal waits."""
        return [factor for factor in self.factors if factor.removal_at is not None]


def read(call: Call) -> OwnFactors:
    """All of it; raises Unauthenticated for calls in nobody's name."""
    if call.actor.user_id is None:
        raise Unauthenticated
    user = users.show(call, call.actor.user_id)
    held = factors.page(call, user_id=user.id).items
    kinds = set(call.site.two_factor_kinds)
    if not user.email or any(factor.kind is FactorKind.EMAIL for factor in held):
        kinds.discard(FactorKind.EMAIL)
    return OwnFactors(
        factors=held,
        codes_left=factors.recovery_codes_left(call, user.id),
        codes_at_first=HOW_MANY,
        may_add=frozenset(kind.value for kind in kinds),
        must_have_one=factors.must_have_one(call, user),
        due_at=user.second_factor_due_at,
        is_owed=Duty.SECOND_FACTOR in call.actor.owes,
    )
