"""The settings of the site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from innkeeper_client.steps import Steps, ask, change
from innkeeper_client.verbs import Noun, Verb, Way
from innkeeper_client.words import AnyRole, FactorKind, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The settings as they are."""

    site_name: str
    language: str
    time_zone: str
    protocols: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    password_minimum_length: int
    password_minimum_classes: int
    password_minimum_strength: int
    password_history: int
    password_refuse_common: bool
    password_validity_days: int | None
    password_warning_days: int
    password_reset_by_mail: bool
    reset_link_minutes: int
    signup_link_hours: int
    lockout_attempts: int
    lockout_minutes: int
    session_idle_minutes: int
    session_hours: int
    fresh_proof_minutes: int
    remember_device_days: int
    new_device_mail: bool
    desktop_session_days: int
    require_2fa: bool
    require_2fa_roles: tuple[AnyRole, ...]
    require_2fa_with_ssh_keys: bool
    require_2fa_ends_at: datetime | None
    two_factor_grace_days: int
    two_factor_leave_hours: int
    two_factor_kinds: tuple[FactorKind, ...]
    passkey_sign_in: bool
    passkey_models: tuple[str, ...]
    ssh_key_unused_days: int | None
    ssh_key_maximum_days: int | None
    api_key_unused_days: int | None
    api_key_maximum_days: int | None
    home_pattern: str
    home_quota_mb: int | None
    brake_percent: int
    brake_users: int


class SettingFields(TypedDict, total=False):
    """The settings that can be changed. What is absent stays as it is."""

    site_name: str
    language: str
    time_zone: str
    protocols: Sequence[Protocol]
    allowed_ips: Sequence[str]
    password_minimum_length: int
    password_minimum_classes: int
    password_minimum_strength: int
    password_history: int
    password_refuse_common: bool
    password_validity_days: int | None
    password_warning_days: int
    password_reset_by_mail: bool
    reset_link_minutes: int
    signup_link_hours: int
    lockout_attempts: int
    lockout_minutes: int
    session_idle_minutes: int
    session_hours: int
    fresh_proof_minutes: int
    remember_device_days: int
    new_device_mail: bool
    desktop_session_days: int
    require_2fa: bool
    require_2fa_roles: Sequence[AnyRole]
    require_2fa_with_ssh_keys: bool
    two_factor_grace_days: int
    two_factor_leave_hours: int
    two_factor_kinds: Sequence[FactorKind]
    passkey_sign_in: bool
    passkey_models: Sequence[str]
    ssh_key_unused_days: int | None
    ssh_key_maximum_days: int | None
    api_key_unused_days: int | None
    api_key_maximum_days: int | None
    home_pattern: str
    home_quota_mb: int | None
    brake_percent: int
    brake_users: int


class Settings(Noun[Way]):
    """What an administrator sets for the whole site."""

    @Verb
    def get(self) -> Steps[SiteSettings]:
        """Answer the settings."""
        return ask(SiteSettings, "GET", "/settings")

    @Verb
    def edit(self, **fields: Unpack[SettingFields]) -> Steps[SiteSettings]:
        """Change the settings that are given; refused if that would lock you out."""
        return change(SiteSettings, "/settings", fields)
