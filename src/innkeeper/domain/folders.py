"""Folders that Innkeeper knows by name, and the grants on them. Other folders need no row."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper.domain.words import FolderId, GrantId, Level, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder with settings of its own. A fence stops grants from the folders above it.

    `quota_mb` is how many mebibytes may lie in it and below, None for no limit.
    """

    id: FolderId
    path: str
    is_fenced: bool = False
    quota_mb: int | None = None
    notes: str = ""
    created_at: datetime
    updated_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A permission for a user or a group on a folder, with the folders below when recursive."""

    id: GrantId
    subject_kind: SubjectKind
    subject_id: str
    folder_id: FolderId
    path: str
    level: Level
    is_recursive: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    created_at: datetime
