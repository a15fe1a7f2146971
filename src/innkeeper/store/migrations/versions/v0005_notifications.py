"""Notifications of what happens in folders, and how far each reader has been told."""

import sqlalchemy as sa
from alembic import op

from innkeeper.store.types import Document, UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("is_recursive", sa.Boolean(), nullable=False),
        sa.Column("verbs", Document, nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("subject_id", "path", name=op.f("uq_notifications_subject_id_path")),
    )
    op.create_index(op.f("ix_notifications_path"), "notifications", ["path"], unique=False)
    op.create_table(
        "notification_turns",
        sa.Column("notification_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("commit_order", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("refused_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_turns_notification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notification_turns_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notification_id", "user_id", name=op.f("pk_notification_turns")),
    )
    op.create_index(op.f("ix_notification_turns_due_at"), "notification_turns", ["due_at"], unique=False)
    op.create_index(op.f("ix_notification_turns_user_id"), "notification_turns", ["user_id"], unique=False)
