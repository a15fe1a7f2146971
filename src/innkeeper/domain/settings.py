"""What an administrator sets for the whole site."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from innkeeper.domain.words import FactorKind, Protocol, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The site's own settings, with the values of a new site. Minutes, hours and days are whole numbers."""

    site_name: str = "Innkeeper"
    language: str = "en"
    time_zone: str = "UTC"
    protocols: tuple[str, ...] = tuple(Protocol)
    allowed_ips: tuple[str, ...] = ()
    password_minimum_length: int = 10
    password_minimum_classes: int = 0
    password_minimum_strength: int = 2
    password_history: int = 5
    password_refuse_common: bool = True
    password_validity_days: int | None = None
    password_warning_days: int = 14
    password_reset_by_mail: bool = True
    reset_link_minutes: int = 60
    signup_link_hours: int = 72
    lockout_attempts: int = 10
    lockout_minutes: int = 15
    session_idle_minutes: int = 60
    session_hours: int = 12
    fresh_proof_minutes: int = 10
    remember_device_days: int = 30
    new_device_mail: bool = True
    desktop_session_days: int = 90
    require_2fa: bool = False
    require_2fa_roles: tuple[Role, ...] = ()
    require_2fa_with_ssh_keys: bool = False
    require_2fa_ends_at: datetime | None = None
    two_factor_grace_days: int = 7
    two_factor_leave_hours: int = 24
    two_factor_kinds: tuple[FactorKind, ...] = tuple(FactorKind)
    passkey_sign_in: bool = True
    passkey_models: tuple[str, ...] = ()
    ssh_key_unused_days: int | None = None
    ssh_key_maximum_days: int | None = None
    api_key_unused_days: int | None = None
    api_key_maximum_days: int | None = None
    home_pattern: str = ""
    home_quota_mb: int | None = None
    brake_percent: int = 10
    brake_users: int = 25

    @property
    def session_idle(self) -> timedelta:
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def session_length(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def lockout_time(self) -> timedelta:
        return timedelta(minutes=self.lockout_minutes)

    @property
    def fresh_proof(self) -> timedelta:
        return timedelta(minutes=self.fresh_proof_minutes)

    @property
    def desktop_rest(self) -> timedelta:
        return timedelta(days=self.desktop_session_days)


def with_changes(site: SiteSettings, checked: Mapping[str, Any], now: datetime) -> SiteSettings:
    """The settings with these values, and with what follows from them.

    A mandate for second factors ends later than it is switched off: a stolen session must not drop it.
    """
    ends_at = site.require_2fa_ends_at
    if checked.get("require_2fa") is True:
        ends_at = None
    elif checked.get("require_2fa") is False and site.require_2fa:
        ends_at = now + timedelta(hours=site.two_factor_leave_hours)
    return replace(site, **checked, require_2fa_ends_at=ends_at)
