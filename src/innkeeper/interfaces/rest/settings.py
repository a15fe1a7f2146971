"""The settings of the site."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import settings
from innkeeper.domain.fields import LANGUAGES
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.words import FactorKind, Protocol, Role
from innkeeper.interfaces.rest.bodies import DocumentedBy, Route
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/settings", tags=["settings"], route_class=Route)


class SettingFields(BaseModel):
    """The settings that can be changed. What is absent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    site_name: str = Field("", min_length=1, max_length=200, pattern=r"^[^,]*[^,\s][^,]*$")
    language: str = Field("en", json_schema_extra={"enum": list(LANGUAGES)})
    time_zone: str = Field("UTC", description="An IANA zone.", examples=["Europe/Berlin"])
    protocols: list[Protocol] | None = Field(
        [], description="The doors that are open at all; null: every one."
    )
    allowed_ips: list[str] = Field(
        [], description="Networks that may come in; empty: all.", examples=[["203.0.113.0/24"]]
    )
    password_minimum_length: int = Field(10, ge=8, le=128)
    password_minimum_classes: int = Field(
        0, ge=0, le=4, description="How many of lower case, upper case, digits and others it must mix."
    )
    password_minimum_strength: int = Field(
        2, ge=0, le=4, description="From 0 (anything) to 4 (very hard to guess), as zxcvbn estimates it."
    )
    password_history: int = Field(
        5, ge=0, le=50, description="How many earlier passwords may not be taken again."
    )
    password_refuse_common: bool = Field(True, description="Refuse passwords from lists of common ones.")
    password_validity_days: int | None = Field(
        None, ge=1, le=36_500, description="After so many days a password must be changed; null: never."
    )
    password_warning_days: int = Field(
        14, ge=0, le=90, description="People are warned by mail so long before; 0: never."
    )
    password_reset_by_mail: bool = Field(True, description="The sign-in page offers to mail a reset link.")
    reset_link_minutes: int = Field(60, ge=5, le=1440, description="How long a reset link works.")
    signup_link_hours: int = Field(72, ge=1, le=720, description="How long the link to a first one works.")
    lockout_attempts: int = Field(10, ge=3, le=100, description="Wrong passwords until a lock-out.")
    lockout_minutes: int = Field(15, ge=1, le=1440, description="How long passwords are refused then.")
    session_idle_minutes: int = Field(60, ge=5, le=1440, description="How long a browser session may rest.")
    session_hours: int = Field(12, ge=1, le=720, description="How long a browser session may last.")
    fresh_proof_minutes: int = Field(
        10, ge=1, le=720, description="Sensitive changes need a proof that is no older than this."
    )
    remember_device_days: int = Field(
        30, ge=0, le=365, description="How long a remembered browser needs no second factor; 0: none is."
    )
    new_device_mail: bool = Field(True, description="Tell people of a sign-in from a new browser.")
    desktop_session_days: int = Field(
        90, ge=1, le=365, description="How long a desktop client may rest before it is approved again."
    )
    require_2fa: bool = Field(
        False, description="Everyone needs a second factor. Switched off, it ends after the delay."
    )
    require_2fa_roles: list[Role] = Field([], description="Roles whose holders need a second factor.")
    require_2fa_with_ssh_keys: bool = Field(False, description="Ask for it after an SSH key as well.")
    two_factor_grace_days: int = Field(
        7, ge=0, le=90, description="How long people may put off setting one up, from their first sign-in."
    )
    two_factor_leave_hours: int = Field(
        24, ge=0, le=720, description="How long switching it off, or removing the last one, waits."
    )
    two_factor_kinds: list[FactorKind] = Field([], description="The kinds that may be set up.")
    passkey_sign_in: bool = Field(True, description="A passkey alone is enough to sign in to the console.")
    passkey_models: list[UUID] = Field(
        [], description="AAGUIDs of the only models of keys that may be enrolled; empty: any."
    )
    ssh_key_unused_days: int | None = Field(
        None, ge=1, le=3650, description="SSH keys unused for so long are removed; null: never."
    )
    ssh_key_maximum_days: int | None = Field(
        None, ge=1, le=3650, description="SSH keys older than this are removed; null: never."
    )
    api_key_unused_days: int | None = Field(
        None, ge=1, le=3650, description="API keys unused for so long are removed; null: never."
    )
    api_key_maximum_days: int | None = Field(
        None, ge=1, le=3650, description="API keys older than this are removed; null: never."
    )
    home_pattern: str = Field(
        "",
        max_length=1000,
        description="Where new users get a folder of their own; empty: nowhere.",
        examples=["/home/{username}"],
    )
    home_quota_mb: int | None = Field(
        None, ge=1, le=1_000_000_000, description="The quota of such folders in MiB; null: no limit."
    )
    brake_percent: int = Field(10, ge=1, le=100, description="Larger plans ask for confirmation.")
    brake_users: int = Field(25, ge=1, le=1_000_000)


class SettingsDocument(BaseModel):
    """The settings as they are."""

    site_name: str
    language: str
    time_zone: str
    protocols: list[str]
    allowed_ips: list[str]
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
    require_2fa_roles: list[Role]
    require_2fa_with_ssh_keys: bool
    require_2fa_ends_at: datetime | None = Field(
        description="When a mandate that was switched off really ends; set by the server."
    )
    two_factor_grace_days: int
    two_factor_leave_hours: int
    two_factor_kinds: list[FactorKind]
    passkey_sign_in: bool
    passkey_models: list[str]
    ssh_key_unused_days: int | None
    ssh_key_maximum_days: int | None
    api_key_unused_days: int | None
    api_key_maximum_days: int | None
    home_pattern: str
    home_quota_mb: int | None
    brake_percent: int
    brake_users: int


SettingValues = Annotated[dict[str, Any], DocumentedBy(SettingFields)]


@router.get("", response_model=SettingsDocument)
async def show_settings(visit: Here) -> Any:
    """Show the settings."""
    return settings_document(await visit.read(settings.show))


@router.patch("", response_model=SettingsDocument, responses=refusals(409))
async def edit_settings(visit: Here, values: SettingValues) -> Any:
    """Change the settings that are given; refused if that would lock you out."""
    return settings_document(await visit.write(settings.edit, values))


def settings_document(site: SiteSettings) -> SettingsDocument:
    """The settings as the API shows them."""
    return SettingsDocument(**{name: getattr(site, name) for name in SettingsDocument.model_fields})
