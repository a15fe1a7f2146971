"""The tables of the doors: locks and dead properties of WebDAV."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text

from innkeeper.store.tables import metadata
from innkeeper.store.types import UtcTime

dav_locks = Table(
    "dav_locks",
    metadata,
    Column("token", Text, primary_key=True),
    Column("path", Text, nullable=False),
    Column("is_exclusive", Boolean, nullable=False),
    Column("is_deep", Boolean, nullable=False),
    Column("owner", Text, nullable=False),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "path"),
    Index(None, "expires_at"),
)

dav_properties = Table(
    "dav_properties",
    metadata,
    Column("path", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
