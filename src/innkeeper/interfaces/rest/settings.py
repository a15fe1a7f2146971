"""The settings of the site."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import settings
from innkeeper.domain.fields import LANGUAGES
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.words import Protocol
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
    allowed_ips: list[str] = Field([], examples=[["203.0.113.0/24"]])
    password_minimum_length: int = Field(10, ge=8, le=128)
    password_validity_days: int | None = Field(None, ge=1, le=36_500)
    lockout_attempts: int = Field(10, ge=3, le=100)
    lockout_minutes: int = Field(15, ge=1, le=1440)
    session_idle_minutes: int = Field(60, ge=5, le=1440)
    session_hours: int = Field(12, ge=1, le=720)
    require_2fa: bool = False
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
    password_validity_days: int | None
    lockout_attempts: int
    lockout_minutes: int
    session_idle_minutes: int
    session_hours: int
    require_2fa: bool
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
