"""Second factors: what a user has beside a password, and whether it is asked for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from innkeeper.domain.groups import Belonging
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


class MandatedBy(StrEnum):
    """What can demand a second factor of a user."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Mandate:
    """One reason why a user must have a second factor: the name of the group or role, and until when."""

    by: MandatedBy
    name: str = ""
    until: datetime | None = None


def mandates(user: User, belongs: Belonging, site: SiteSettings, now: datetime) -> list[Mandate]:
    """Every reason why this user must have a second factor. Their own field, if it is set, decides alone."""
    if user.require_2fa is not None:
        return [Mandate(MandatedBy.USER)] if user.require_2fa else []
    administers = {Role.GROUP_ADMINISTRATOR} if any(entry.is_admin for entry in belongs.direct) else set()
    roles = {Role.USER, *user.roles, *administers}
    found = [Mandate(MandatedBy.GROUP, group.name) for group in belongs.groups if group.require_2fa]
    found += [Mandate(MandatedBy.ROLE, role.value) for role in site.require_2fa_roles if role in roles]
    if site_mandate(site, now):
        found.append(Mandate(MandatedBy.SITE, until=None if site.require_2fa else site.require_2fa_ends_at))
    return found


def is_mandated(user: User, belongs: Belonging, site: SiteSettings, now: datetime) -> bool:
    """The user must have a second factor: by their own field if it is set, else by group, role or site."""
    return bool(mandates(user, belongs, site, now))


def grace_ends_at(user: User, site: SiteSettings, now: datetime) -> datetime:
    """Until when a mandated user without a second factor may still sign in without one."""
    return user.second_factor_due_at or now + timedelta(days=site.two_factor_grace_days)
