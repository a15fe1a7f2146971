"""The tables of signing in: second factors, what is handed out once, devices, desktop connections, mail."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from innkeeper.store.tables import metadata
from innkeeper.store.types import Document, UtcTime

factors = Table(
    "factors",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sealed_secret", Text),
    Column("last_step", BigInteger),
    Column("credential_id", Text, unique=True),
    Column("public_key", Text),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Document, nullable=False),
    Column("aaguid", Text, nullable=False),
    Column("is_passkey", Boolean, nullable=False),
    Column("confirmed_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("removal_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("code_digest", Text, nullable=False),
    Column("used_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "code_digest"),
)

password_history = Table(
    "password_history",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("token_digest", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE")),
    Column("document", Document, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Index(None, "user_id", "purpose"),
    Index(None, "expires_at"),
)

devices = Table(
    "devices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("client", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("trusted_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)

device_grants = Table(
    "device_grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device_digest", Text, nullable=False, unique=True),
    Column("user_code", Text, nullable=False, unique=True),
    Column("client_name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE")),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE")),
    Column("interval_seconds", Integer, nullable=False),
    Column("last_polled_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "expires_at"),
)

session_tokens = Table(
    "session_tokens",
    metadata,
    Column("token_digest", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Index(None, "session_id"),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="SET NULL")),
    Column("kind", Text, nullable=False),
    Column("to_address", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("data", Document, nullable=False),
    Column("sealed", Text),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("cause", Text, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Index(None, "user_id", "id"),
    Index(None, "state", "id"),
)
