"""How this process is run: flags before environment before `innkeeper.toml`, one name in all three."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import ClassVar

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class SettingsError(Exception):
    """A setting has a value that cannot be used."""


class Settings(BaseSettings):
    """Read once at start, frozen; names are the flags with `_` for `-` and INNKEEPER_ in front."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="INNKEEPER_", toml_file="innkeeper.toml", frozen=True, extra="forbid"
    )

    data: Path = Field(Path("innkeeper-data"), description="where database, files and keys live")
    http: str = Field("127.0.0.1:8080", description="console and API listen here")
    sftp: str = Field("127.0.0.1:2022", description="SFTP listens here; empty for no SFTP")
    ftps: str = Field("", description="FTPS (explicit TLS) listens here; empty for none")
    ftps_implicit: str = Field("", description="FTPS (implicit TLS) listens here; empty for none")
    ftps_passive_ports: str = Field(
        "50000-50100", description="ports for data connections of FTPS, FIRST-LAST; empty for any"
    )
    ftps_passive_address: str = Field(
        "", description="IPv4 address that FTPS clients are told for data connections, behind a NAT"
    )
    ftp_without_tls: bool = Field(False, description="let FTP clients in without TLS as well")
    tls_certificate: str = Field(
        "", description="file of the certificate for FTPS, with its chain; empty for a self-signed one"
    )
    tls_key: str = Field("", description="file of that certificate's key")
    storage: str = Field(
        "", description="s3://bucket/prefix?endpoint=…&region=…; empty for files/ in the data directory"
    )
    storage_key_id: str = Field("", description="access key of the bucket; empty for the environment's")
    storage_secret: str = Field("", repr=False, description="secret of that key")
    database_url: str = Field("", description="postgresql://…; empty for SQLite in the data directory")
    public_url: str = Field("", description="how browsers reach the console, like https://files.example.com")
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-For is believed, by comma")
    smtp_url: str = Field(
        "", repr=False, description="smtp://user:password@host:587 or smtps://…; empty for no mail"
    )
    mail_from: str = Field("", description="who mails come from, like Innkeeper <files@example.com>")
    vault_key: str = Field(
        "", repr=False, description="key for stored secrets, the same on all nodes; several by comma"
    )
    breached_passwords: str = Field(
        "",
        description="file of breached passwords' SHA-1 hashes, as Have I Been Pwned gives it; empty for none",
    )
    log_level: str = Field("info", description="debug, info, warning or error")
    log_json: bool = Field(False, description="log lines as JSON objects")

    @field_validator("http", "sftp", "ftps", "ftps_implicit")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            split_address(value)
        return value

    @field_validator("ftps_passive_ports")
    @classmethod
    def _ports(cls, value: str) -> str:
        split_ports(value)
        return value

    @field_validator("ftps_passive_address")
    @classmethod
    def _ipv4(cls, value: str) -> str:
        if value:
            IPv4Address(value)
        return value

    @field_validator("tls_key")
    @classmethod
    def _key(cls, value: str, others: ValidationInfo) -> str:
        if bool(value) != bool(others.data.get("tls_certificate")):
            raise ValueError("expected both tls_certificate and tls_key, or neither")
        return value

    @field_validator("storage")
    @classmethod
    def _storage(cls, value: str) -> str:
        if value and not value.startswith("s3://"):
            raise ValueError("expected s3://bucket/prefix?endpoint=https://…&region=…")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "sqlite:///")):
            raise ValueError("expected postgresql://user@host/database")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value not in ("debug", "info", "warning", "error"):
            raise ValueError("expected debug, info, warning or error")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(**flags: object) -> Settings:
    """The settings, flags that are None left to the other sources; raises SettingsError with one line."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"setting {name!r}: {first['msg']}, got {first.get('input')!r}") from error
    except ValueError as error:
        raise SettingsError(f"innkeeper.toml: {error}") from error


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT`, with brackets around an IPv6 host; raises ValueError."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535 or not host:
        raise ValueError("expected HOST:PORT, like 127.0.0.1:8080 or [::1]:8080")
    return host.strip("[]"), int(port)


def split_ports(ports: str) -> range:
    """`FIRST-LAST`, both included, or nothing; raises ValueError."""
    first, _, last = ports.partition("-")
    if not ports:
        return range(0)
    if not (first.isdigit() and last.isdigit() and 1024 <= int(first) <= int(last) <= 65535):
        raise ValueError("expected FIRST-LAST, from 1024 to 65535, like 50000-50100")
    return range(int(first), int(last) + 1)
