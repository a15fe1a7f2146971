"""Files and folders as the console shows them."""

import mimetypes
import os
from dataclasses import dataclass
from datetime import UTC, datetime

from innkeeper.domain import paths
from innkeeper.files.trees import Found
from innkeeper.interfaces.console.file_paths import shown, to

# What browsers draw without running anything in it; never SVG, which is a program.
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
PDF = "application/pdf"
_TEXTS = frozenset({"application/json", "application/xml", "application/sql", "application/x-sh"})
_TEXT_ENDINGS = (".md", ".log", ".yaml", ".yml", ".toml", ".ini", ".conf", ".rst", ".tsv")
_ICONS = {"folder": "folder", "image": "image", "text": "file-text", "pdf": "file-text", "other": "file"}
# The times that can be told; some programs set others.
_EARLIEST, _LATEST = 0.0, datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file or folder: how it is called, where it leads, and what can be shown of it."""

    path: str
    name: str
    kind: str
    size: int
    changed_at: datetime

    @property
    def is_folder(self) -> bool:
        return self.kind == "folder"

    @property
    def shown_path(self) -> str:
        return shown(self.path)

    @property
    def icon(self) -> str:
        return _ICONS[self.kind]

    @property
    def href(self) -> str:
        """A folder's list, or the page of a file."""
        return self.to("" if self.is_folder else "/file")

    def to(self, verb: str) -> str:
        """The address of a page about it."""
        return to(verb, self.path)


def file_row(found: Found) -> FileRow:
    """A file or folder as the console shows it."""
    status = found.entry.status
    return FileRow(
        path=found.path,
        name=shown(paths.name(found.path)),
        kind="folder" if found.is_folder else kind_of(found.path),
        size=status.st_size,
        changed_at=datetime.fromtimestamp(min(max(status.st_mtime, _EARLIEST), _LATEST), UTC),
    )


def kind_of(path: str) -> str:
    """What a file is by its ending: image, pdf, text or other."""
    media_type = media_type_of(path)
    if media_type in IMAGES:
        return "image"
    if media_type == PDF:
        return "pdf"
    is_text = media_type.startswith("text/") or media_type in _TEXTS
    return "text" if is_text or path.lower().endswith(_TEXT_ENDINGS) else "other"


def media_type_of(path: str) -> str:
    """The media type by the ending."""
    return mimetypes.guess_type(os.path.basename(path))[0] or "application/octet-stream"  # noqa: PTH119
