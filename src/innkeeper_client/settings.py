"""The settings of the site."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from innkeeper_client.steps import Steps, ask, change
from innkeeper_client.verbs import Noun, Verb, Way
from innkeeper_client.words import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The settings as they are."""

    site_name: str
    language: str
    time_zone: str
    protocols: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    password_minimum_length: int
    password_validity_days: int | None
    lockout_attempts: int
    lockout_minutes: int
    session_idle_minutes: int
    session_hours: int
    require_2fa: bool
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
    password_validity_days: int | None
    lockout_attempts: int
    lockout_minutes: int
    session_idle_minutes: int
    session_hours: int
    require_2fa: bool
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
