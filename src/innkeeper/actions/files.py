"""What people do with files, for the log."""

from innkeeper.actions.call import Call
from innkeeper.domain.actors import Actor
from innkeeper.domain.events import Kind, Target
from innkeeper.domain.words import UserId
from innkeeper.files.reports import FileReport, FileVerb
from innkeeper.store import folders

KINDS = {
    FileVerb.UPLOAD: Kind.FILE_UPLOADED,
    FileVerb.DOWNLOAD: Kind.FILE_DOWNLOADED,
    FileVerb.DELETE: Kind.FILE_DELETED,
    FileVerb.RENAME: Kind.FILE_MOVED,
    FileVerb.MAKE_FOLDER: Kind.FILE_FOLDER_MADE,
    FileVerb.REMOVE_FOLDER: Kind.FILE_FOLDER_REMOVED,
}


def report(call: Call, reports: list[tuple[UserId, str, str, FileReport]]) -> None:
    """Record finished file operations; each comes with user id, user name and address."""
    system = call.actor
    for user_id, username, address, done in reports:
        call.actor = Actor("user", user_id, username, user_id, roles=system.roles)
        call.address = address
        data: dict[str, object] = {
            "size": done.size,
            "transferred": done.transferred,
            "is_complete": done.is_complete,
        }
        if done.new_path is not None:
            data["new_path"] = done.new_path
        target = Target("file", done.path, done.path)
        call.record(KINDS[done.verb], target, user_id=user_id, data=data)
    call.actor = system


def known_paths(call: Call) -> list[str]:
    """The paths of every folder that has grants, a fence or notes: none of them may be moved at a door."""
    return folders.paths(call.unit)
