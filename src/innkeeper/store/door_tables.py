"""The tables of the doors: open connections; locks and dead properties of WebDAV."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text

from innkeeper.store.tables import metadata
from innkeeper.store.types import UtcTime

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("node", Text, nullable=False),
    Column("interface", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("credential", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("end_reason", Text, nullable=False),
    Column("bytes_in", BigInteger, nullable=False),
    Column("bytes_out", BigInteger, nullable=False),
    Column("current_path", Text, nullable=False),
    Column("cipher", Text, nullable=False, server_default=""),
    Index(None, "user_id"),
    Index(None, "session_id"),
    Index(None, "ended_at", "lease_until"),
)

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
