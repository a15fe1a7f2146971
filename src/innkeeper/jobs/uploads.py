"""Forgets uploads that nobody went on with for a day. May run at any time, and on several nodes at once."""

from datetime import datetime

from innkeeper.actions.file_uploads import KEPT
from innkeeper.files.storage import Storage


def tidy_uploads(files: Storage, now: datetime) -> None:
    """Remove every such upload."""
    files.drop_old_uploads((now - KEPT).timestamp())
