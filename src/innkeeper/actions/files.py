"""What people do with files, for the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from innkeeper.actions.call import Call
from innkeeper.domain.actors import Actor
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.words import UserId
from innkeeper.files.reports import FileReport, FileVerb
from innkeeper.store import folders

MEBIBYTE = 1 << 20
KINDS = {
    FileVerb.UPLOAD: Kind.FILE_UPLOADED,
    FileVerb.DOWNLOAD: Kind.FILE_DOWNLOADED,
    FileVerb.DELETE: Kind.FILE_DELETED,
    FileVerb.RENAME: Kind.FILE_MOVED,
    FileVerb.MAKE_FOLDER: Kind.FILE_FOLDER_MADE,
    FileVerb.REMOVE_FOLDER: Kind.FILE_FOLDER_REMOVED,
}


@dataclass(frozen=True, slots=True)
class Reported:
    """A finished file operation, and whose it was."""

    user_id: UserId
    username: str
    interface: str
    address: str
    done: FileReport


def report(call: Call, reports: Sequence[Reported]) -> None:
    """Record finished file operations under the names of those who did them."""
    for entry in reports:
        done = entry.done
        data: dict[str, object] = {
            "size": done.size,
            "transferred": done.transferred,
            "is_complete": done.is_complete,
        }
        if done.new_path is not None:
            data["new_path"] = shown(done.new_path)
        actor = Actor("user", entry.user_id, entry.username, entry.user_id)
        own = Call(call.unit, actor, entry.interface, entry.address)
        target = Target("file", shown(done.path), shown(done.path))
        own.record(KINDS[done.verb], target, user_id=entry.user_id, data=data)


def shown(path: str) -> str:
    """A path as text for the log: bytes that are no UTF-8 become the replacement character."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def known_paths(call: Call) -> list[str]:
    """The paths of every folder that has grants, a fence or notes: none of them may be moved at a door."""
    return folders.paths(call.unit)


def limits(call: Call) -> dict[str, int]:
    """How many bytes may lie in folders with a quota, and below."""
    return {path: number * MEBIBYTE for path, number in folders.quotas(call.unit).items()}
