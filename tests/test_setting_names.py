"""The site's settings have the same names everywhere: domain, API, client, documents."""

from dataclasses import fields
from pathlib import Path

from innkeeper.domain.other_fields import SETTING_CHECKERS
from innkeeper.domain.settings import SiteSettings
from innkeeper.interfaces.rest.settings import SettingFields, SettingsDocument
from innkeeper_client import settings as client

ALL = [field.name for field in fields(SiteSettings)]
SET_BY_THE_SERVER = {"require_2fa_ends_at"}
DOCUMENTS = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_setting_can_be_read_and_set_by_the_api_and_its_client() -> None:
    settable = [name for name in ALL if name not in SET_BY_THE_SERVER]

    assert list(SettingsDocument.model_fields) == ALL
    assert list(SettingFields.model_fields) == settable
    assert [field.name for field in fields(client.SiteSettings)] == ALL
    assert list(client.SettingFields.__annotations__) == settable
    assert list(SETTING_CHECKERS) == settable


def test_the_api_says_what_each_setting_is_by_default() -> None:
    told = {name: field.default for name, field in SettingFields.model_fields.items()}
    plain = {name: value for name, value in told.items() if value not in ([], "")}

    assert {name: getattr(SiteSettings(), name) for name in plain} == plain


def test_every_setting_is_in_the_documents() -> None:
    text = DOCUMENTS.read_text("utf-8")

    assert [name for name in ALL if f"| `{name}` |" not in text] == []
