"""Files and folders: listed, moved, and carried in parts, so that neither side holds a file in memory."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import httpx

from innkeeper_client.errors import InnkeeperError
from innkeeper_client.reading import Page
from innkeeper_client.steps import PREFIX, Request, Steps, ask, ask_page, exchange, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way

PART = 8 * 1024 * 1024
Sort = Literal["name", "-name", "size", "-size", "modified", "-modified"]
_TUS = {"Tus-Resumable": "1.0.0"}
_PART_KIND = {**_TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file or folder. `encoded_path` tells names apart that are no UTF-8."""

    name: str
    path: str
    encoded_path: str
    kind: Literal["file", "folder"]
    size: int
    modified_at: datetime
    etag: str


class Files(Noun[Way]):
    """What lies on the site, as far as the caller may see it."""

    @Verb
    def list(
        self,
        path: str = "/",
        *,
        text: str = "",
        sort: Sort = "name",
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[File]]:
        """Answer a page of a folder, folders first. `text`: a part of the name."""
        query = {"path": path, "text": text, "sort": sort, "limit": limit, "cursor": cursor}
        return ask_page(File, "/files", query)

    iterate = Walk(list)

    @Verb
    def stat(self, path: str) -> Steps[File]:
        """Answer a file or folder by its path; raises NotFound."""
        return ask(File, "GET", "/files/stat", query={"path": path})

    @Verb
    def get(self, path: str, target: Path) -> Steps[File]:
        """Download a file to `target`, in parts that are asked for again after a trouble.

        Raises Stale if the file changes meanwhile; then `target` holds the beginning of the old one.
        """
        found = yield from ask(File, "GET", "/files/stat", query={"path": path})
        with target.open("wb") as file:
            while file.tell() < found.size or (found.size == 0 and found.kind == "folder"):
                part = f"bytes={file.tell()}-{file.tell() + PART - 1}"
                headers = {"Range": part, "If-Match": found.etag}
                answer = yield from _sent("GET", "/files/content", {"path": path}, headers)
                file.write(answer.content)
        return found

    @Verb
    def put(self, source: Path | BinaryIO | bytes, path: str, *, overwrite: bool = True) -> Steps[File]:
        """Upload a file; it appears at once when its last part is there. A `Path` keeps its time."""
        if isinstance(source, bytes):
            return (yield from _put_parts(_Parts.of_bytes(source), path, "", overwrite=overwrite))
        if not isinstance(source, Path):
            return (yield from _put_parts(_Parts.of_file(source), path, "", overwrite=overwrite))
        modified = datetime.fromtimestamp(source.stat().st_mtime, UTC).isoformat()
        with source.open("rb") as file:
            return (yield from _put_parts(_Parts.of_file(file), path, modified, overwrite=overwrite))

    @Verb
    def make_folder(self, path: str) -> Steps[File]:
        """Make a folder."""
        return ask(File, "POST", "/files/folders", body={"path": path})

    @Verb
    def move(self, path: str, new_path: str, *, overwrite: bool = False) -> Steps[File]:
        """Move or rename a file or folder."""
        return ask(File, "POST", "/files/move", body=_from_to(path, new_path, overwrite=overwrite))

    @Verb
    def copy(self, path: str, new_path: str, *, overwrite: bool = False) -> Steps[File]:
        """Copy a file, or a folder with all that may be read of it."""
        return ask(File, "POST", "/files/copy", body=_from_to(path, new_path, overwrite=overwrite))

    @Verb
    def delete(self, path: str, *, is_recursive: bool = False) -> Steps[None]:
        """Delete a file or an empty folder; with `is_recursive` a folder with all it holds."""
        return tell("DELETE", "/files", query={"path": path, "recursive": is_recursive})


class _Parts:
    """Something to upload, read from any offset."""

    def __init__(self, size: int, file: BinaryIO | None, data: bytes) -> None:
        self.size = size
        self._file = file
        self._data = data

    @classmethod
    def of_bytes(cls, data: bytes) -> "_Parts":
        return cls(len(data), None, data)

    @classmethod
    def of_file(cls, file: BinaryIO) -> "_Parts":
        return cls(file.seek(0, 2), file, b"")

    def at(self, offset: int) -> bytes:
        if self._file is None:
            return self._data[offset : offset + PART]
        self._file.seek(offset)
        return self._file.read(PART)


def _put_parts(parts: _Parts, path: str, modified: str, *, overwrite: bool) -> Steps[File]:
    pairs = {"path": path, "modified_at": modified, "is_exclusive": "" if overwrite else "true"}
    metadata = ",".join(
        f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items() if value
    )
    headers = {**_TUS, "Upload-Length": str(parts.size), "Upload-Metadata": metadata}
    begun = yield from _sent("POST", "/uploads", {}, headers)
    address = begun.headers["Location"].removeprefix(PREFIX)
    offset = 0
    while offset < parts.size:
        offset = yield from _put_part(parts, address, offset)
    return (yield from ask(File, "GET", "/files/stat", query={"path": path}))


def _put_part(parts: _Parts, address: str, offset: int) -> Steps[int]:
    """The new offset. A part whose answer got lost is refused the second time; then the server is asked."""
    headers = {**_PART_KIND, "Upload-Offset": str(offset)}
    try:
        answer = yield from _sent("PATCH", address, {}, headers, parts.at(offset))
    except InnkeeperError as error:
        if error.code not in ("wrong_offset", "locked"):
            raise
        answer = yield from _sent("HEAD", address, {}, _TUS)
    return int(answer.headers["Upload-Offset"])


def _sent(
    method: str, path: str, query: dict[str, str], headers: dict[str, str], content: bytes | None = None
) -> Steps[httpx.Response]:
    return exchange(
        Request(method, path, query=query, headers=headers, content=content, is_repeatable=method != "POST")
    )


def _from_to(path: str, new_path: str, *, overwrite: bool) -> dict[str, object]:
    return {"path": path, "new_path": new_path, "overwrite": overwrite}
