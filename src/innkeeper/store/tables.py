"""The tables. Ids are UUIDv7 text; integer keys only where order of writing matters."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from innkeeper.store.types import Document, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by itself only for a column of type INTEGER.
Position = BigInteger().with_variant(Integer(), "sqlite")

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Document, nullable=True),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("sort_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("authentication_method", Text, nullable=False),
    Column("password_hash", Text),
    Column("password_changed_at", UtcTime),
    Column("require_password_change", Boolean, nullable=False),
    Column("access_expires_at", UtcTime),
    Column("require_login_by", UtcTime),
    Column("disabled", Boolean, nullable=False),
    Column("suspended_at", UtcTime),
    Column("suspend_reason", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("primary_group", Text, ForeignKey("groups.id", ondelete="SET NULL")),
    Column("source", Text, nullable=False),
    Column("failed_logins", Integer, nullable=False),
    Column("locked_until", UtcTime),
    Column("last_login_at", UtcTime),
    Column("last_active_at", UtcTime),
    Column("sessions_valid_after", UtcTime),
    Column("second_factor_due_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Column("version", Integer, nullable=False),
    Column("details", Document, nullable=False),
    Index(None, "sort_name", "id"),
    Index(None, "email_key"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("notes", Text, nullable=False),
    Column("protocols", Document),
    Column("allowed_ips", Document, nullable=False),
    Column("require_2fa", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("group_id", Text, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", Text, primary_key=True),
    Column("member_kind", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("starts_at", UtcTime),
    Column("ends_at", UtcTime),
    Index(None, "member_id"),
)

folders = Table(
    "folders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("is_fenced", Boolean, nullable=False),
    Column("quota_mb", BigInteger),
    Column("notes", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("folder_id", Text, ForeignKey("folders.id", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False),
    Column("is_recursive", Boolean, nullable=False),
    Column("starts_at", UtcTime),
    Column("ends_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("subject_id", "folder_id", "level"),
    Index(None, "folder_id"),
)

ssh_keys = Table(
    "ssh_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("label", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("last_used_interface", Text, nullable=False, server_default=""),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "fingerprint"),
    Index(None, "fingerprint"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("is_read_only", Boolean, nullable=False),
    Column("scopes", Document, nullable=False, server_default="[]"),
    Column("allowed_ips", Document, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("last_used_interface", Text, nullable=False, server_default=""),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("interface", Text, nullable=False),
    Column("credential", Text, nullable=False),
    Column("credential_id", Text),
    Column("token_digest", Text, unique=True),
    Column("address", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("owes", Text, nullable=False, server_default=""),
    Column("proved_at", UtcTime),
    Column("device_id", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("end_reason", Text, nullable=False),
    Index(None, "user_id"),
)

events = Table(
    "events",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("commit_order", BigInteger, nullable=False, server_default="0"),
    Column("at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text),
    Column("actor_name", Text, nullable=False),
    Column("interface", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("target_kind", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("target_name", Text, nullable=False),
    Column("user_id", Text),
    Column("details", Document, nullable=False),
    Index(None, "target_id", "position"),
    Index(None, "user_id", "position"),
    Index(None, "actor_id", "position"),
    Index(None, "at"),
    Index(None, "commit_order", "position"),
)

subscriber_positions = Table(
    "subscriber_positions",
    metadata,
    Column("subscriber", Text, primary_key=True),
    Column("commit_order", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("options", Document, nullable=False),
    Column("header", Document, nullable=False),
    Column("counts", Document, nullable=False),
    Column("message", Text, nullable=False),
    Column("created_by", Text),
    Column("created_by_name", Text, nullable=False),
    Column("applied_by", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("planned_at", UtcTime),
    Column("applied_at", UtcTime),
    Column("rows_read", Integer, nullable=False),
    Column("rows_done", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

# Nearly every change is applied in the end; only the others are looked for.
IS_FAILED = text("outcome IN ('refused', 'stale')")

plan_changes = Table(
    "plan_changes",
    metadata,
    Column("plan_id", Text, ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("row_number", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("target_id", Text),
    Column("target_name", Text, nullable=False),
    Column("target_version", Integer),
    Column("details", Document, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("outcome_reason", Text, nullable=False),
    Index(None, "plan_id", "verdict", "number"),
    Index(None, "plan_id", "outcome", "number", sqlite_where=IS_FAILED, postgresql_where=IS_FAILED),
)

answers = Table(
    "answers",
    metadata,
    Column("place", Text, primary_key=True),
    Column("request_digest", Text, nullable=False),
    Column("document", Document),
    Column("target_id", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "created_at"),
)
