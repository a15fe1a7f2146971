"""What lies on the disk of the demo site at the moment being played."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from innkeeper.domain.paths import is_within, parent


@dataclass(slots=True)
class Shelf:
    """Files by path, with content and time; written to the disk once the history has been played."""

    files: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    folders: set[str] = field(default_factory=lambda: {"/"})

    def put(self, path: str, content: bytes, at: datetime) -> None:
        """Add or replace a file."""
        self.files[path] = (content, at)

    def move(self, path: str, new_path: str) -> None:
        """Rename a file."""
        self.files[new_path] = self.files.pop(path)

    def remove(self, path: str) -> None:
        """Delete a file."""
        del self.files[path]

    def within(self, folder: str) -> list[str]:
        """The paths in a folder and below, oldest first."""
        return [path for path in self.files if is_within(path, folder)]

    def write(self, directory: Path) -> None:
        """Write everything below a directory, with the times of the history."""
        for folder in self.folders:
            (directory / folder[1:]).mkdir(parents=True, exist_ok=True)
        for path, (content, at) in self.files.items():
            place = directory / path[1:]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            os.utime(place, (at.timestamp(), at.timestamp()))

    def add_folder(self, path: str) -> None:
        """Note that a folder exists, and those above it."""
        while path not in self.folders:
            self.folders.add(path)
            path = parent(path)
