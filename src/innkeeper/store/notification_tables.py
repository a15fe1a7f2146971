"""The tables of notifications: who wants to hear of which folder, and how far each has been told."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from innkeeper.store.tables import metadata
from innkeeper.store.types import Document, UtcTime

notifications = Table(
    "notifications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("is_recursive", Boolean, nullable=False),
    Column("verbs", Document, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("created_by", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    UniqueConstraint("subject_id", "path"),
    Index(None, "path"),
)

# One row for each reader: the place in the log up to which they were told, and when they are next.
notification_turns = Table(
    "notification_turns",
    metadata,
    Column("notification_id", Text, ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("commit_order", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("refused_at", UtcTime),
    Index(None, "due_at"),
    Index(None, "user_id"),
)
