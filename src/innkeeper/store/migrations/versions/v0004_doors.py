"""The cipher of connections; quotas of folders; locks and dead properties of WebDAV."""

import sqlalchemy as sa
from alembic import op

from innkeeper.store.types import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("connections", sa.Column("cipher", sa.Text(), nullable=False, server_default=""))
    op.add_column("folders", sa.Column("quota_mb", sa.BigInteger(), nullable=True))
    op.create_table(
        "dav_locks",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("is_exclusive", sa.Boolean(), nullable=False),
        sa.Column("is_deep", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_dav_locks_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_dav_locks")),
    )
    op.create_index(op.f("ix_dav_locks_path"), "dav_locks", ["path"], unique=False)
    op.create_index(op.f("ix_dav_locks_expires_at"), "dav_locks", ["expires_at"], unique=False)
    op.create_table(
        "dav_properties",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", "name", name=op.f("pk_dav_properties")),
    )
