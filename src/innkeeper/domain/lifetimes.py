"""How long SSH and API keys live by the site's rules. Asked at every use, and by the job that tidies up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from innkeeper.domain.credentials import ApiKey, SshKey
from innkeeper.domain.settings import SiteSettings

Key = SshKey | ApiKey

# What lists of keys call unused, old and soon.
UNUSED_FOR = timedelta(days=90)
OLD_AFTER = timedelta(days=365)
SOON = timedelta(days=30)


class KeyView(StrEnum):
    """Which keys a list shows: those that deserve a look, and why. Only SSH keys can be shared."""

    ALL = "all"
    UNUSED = "unused"
    EXPIRING = "expiring"
    OLD = "old"
    SHARED = "shared"


class RemovalReason(StrEnum):
    """The rule by which a key is removed; stands in the event."""

    UNUSED = "unused"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How many days keys of a kind may lie unused, and how old they may become; None is for ever."""

    unused_days: int | None
    maximum_days: int | None


@dataclass(frozen=True, slots=True)
class Removal:
    """When a key no longer counts by the site's rules, and by which."""

    at: datetime
    reason: RemovalReason


def lifetime_of_ssh_keys(site: SiteSettings) -> Lifetime:
    """The rules for SSH keys."""
    return Lifetime(site.ssh_key_unused_days, site.ssh_key_maximum_days)


def lifetime_of_api_keys(site: SiteSettings) -> Lifetime:
    """The rules for API keys."""
    return Lifetime(site.api_key_unused_days, site.api_key_maximum_days)


def rules_for(key: Key, site: SiteSettings) -> Lifetime:
    """The rules for keys of its kind."""
    return lifetime_of_ssh_keys(site) if isinstance(key, SshKey) else lifetime_of_api_keys(site)


def removal_of(key: Key, site: SiteSettings) -> Removal | None:
    """The rule that will remove the key first, unless it is used before; None without such a rule."""
    rules = rules_for(key, site)
    removals = []
    if rules.unused_days is not None:
        since = max(key.created_at, key.last_used_at or key.created_at)
        removals.append(Removal(since + timedelta(days=rules.unused_days), RemovalReason.UNUSED))
    if rules.maximum_days is not None:
        removals.append(Removal(key.created_at + timedelta(days=rules.maximum_days), RemovalReason.TOO_OLD))
    return min(removals, key=lambda removal: removal.at, default=None)


def reason_against(key: Key, site: SiteSettings) -> str:
    """The rule by which a key goes that is known to be overdue."""
    removal = removal_of(key, site)
    assert removal is not None, "whoever found it overdue asked the same rules"
    return removal.reason.value


def end_of(key: Key, site: SiteSettings) -> datetime | None:
    """When the key ends even if it is in use: by itself, or by its age."""
    oldest = rules_for(key, site).maximum_days
    too_old = key.created_at + timedelta(days=oldest) if oldest is not None else None
    return min((end for end in (key.expires_at, too_old) if end is not None), default=None)


def is_good(key: Key, site: SiteSettings, now: datetime) -> bool:
    """True while the key may be used: not past its own end, and not past the site's rules."""
    if key.expires_at is not None and now >= key.expires_at:
        return False
    removal = removal_of(key, site)
    return removal is None or now < removal.at
