"""Second factors: what a user has beside a password, and whether it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from innkeeper.domain.groups import Group
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorId, FactorKind, Role, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One second factor. It counts once it was confirmed.

    `sealed_secret` is the encrypted secret of an app (TOTP); `last_step` its newest accepted time step, so
    that no code counts twice. `credential_id` and `public_key` (base64url) are WebAuthn's; `is_passkey` says
    that it verifies its user and can be found without a user name, so it may sign in alone. A factor whose
    `removal_at` is set is on its way out.
    """

    id: FactorId
    user_id: UserId
    kind: FactorKind
    name: str
    sealed_secret: str | None = field(default=None, repr=False)
    last_step: int | None = None
    credential_id: str | None = None
    public_key: str | None = None
    sign_count: int = 0
    transports: tuple[str, ...] = ()
    aaguid: str = ""
    is_passkey: bool = False
    confirmed_at: datetime | None = None
    last_used_at: datetime | None = None
    removal_at: datetime | None = None
    created_at: datetime

    def counts(self, now: datetime) -> bool:
        """Confirmed, and not removed yet."""
        return self.confirmed_at is not None and (self.removal_at is None or now < self.removal_at)


def site_mandate(site: SiteSettings, now: datetime) -> bool:
    """Everyone needs a second factor; also while a mandate that was switched off runs out."""
    return site.require_2fa or (site.require_2fa_ends_at is not None and now < site.require_2fa_ends_at)


def is_mandated(user: User, groups: Iterable[Group], site: SiteSettings, now: datetime) -> bool:
    """The user must have a second factor: by their own field if it is set, else by group, role or site."""
    if user.require_2fa is not None:
        return user.require_2fa
    roles = {*user.roles, Role.USER}
    by_role = any(role in roles for role in site.require_2fa_roles)
    return by_role or any(group.require_2fa for group in groups) or site_mandate(site, now)


def grace_ends_at(user: User, site: SiteSettings, now: datetime) -> datetime:
    """Until when a mandated user without a second factor may still sign in without one."""
    return user.second_factor_due_at or now + timedelta(days=site.two_factor_grace_days)
