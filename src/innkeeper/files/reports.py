"""What a room tells when a file operation is over; the history of the site is made of these."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class FileVerb(StrEnum):
    """What was done."""

    UPLOAD = "upload"
    DOWNLOAD = "download"
    DELETE = "delete"
    RENAME = "rename"
    MAKE_FOLDER = "make_folder"
    REMOVE_FOLDER = "remove_folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """One finished operation, in site paths. `size` is the file's, `transferred` what went over the wire.

    `is_complete` is false for a file that the connection's end closed, and for a download that stopped early.
    """

    verb: FileVerb
    path: str
    new_path: str | None = None
    size: int = 0
    transferred: int = 0
    is_complete: bool = True


Report = Callable[[FileReport], None]
