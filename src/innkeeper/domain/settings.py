"""What an administrator sets for the whole site."""

from dataclasses import dataclass
from datetime import timedelta

from innkeeper.domain.words import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The site's own settings, with the values of a new site. Minutes, hours and days are whole numbers."""

    site_name: str = "Innkeeper"
    language: str = "en"
    time_zone: str = "UTC"
    protocols: tuple[str, ...] = tuple(Protocol)
    allowed_ips: tuple[str, ...] = ()
    password_minimum_length: int = 10
    password_validity_days: int | None = None
    lockout_attempts: int = 10
    lockout_minutes: int = 15
    session_idle_minutes: int = 60
    session_hours: int = 12
    require_2fa: bool = False
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
