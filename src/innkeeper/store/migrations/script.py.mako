"""${message}."""

import sqlalchemy as sa

from alembic import op
from innkeeper.store.types import Document, UtcTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
