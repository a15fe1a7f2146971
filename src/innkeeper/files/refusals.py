"""What the disk says, as a refusal in the words of the house: for doors whose answers have codes."""

import errno
from typing import ClassVar

from innkeeper.domain.errors import Forbidden, NotFound, NotNow, Refused, shorten
from innkeeper.domain.texts import N_

INTO_ITSELF = N_("a folder cannot be put into itself")
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.EXDEV, errno.EROFS, errno.EBUSY})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class AlreadyThere(Refused):
    """Something has this name already."""

    code: ClassVar[str] = "already_there"

    def __init__(self, path: str) -> None:
        super().__init__(N_("%(path)s is there already"), path=shorten(path))


class NoSpace(Refused):
    """The disk, or the share of it that may be used, is full."""

    code: ClassVar[str] = "no_space"

    def __init__(self) -> None:
        super().__init__(N_("there is not enough space left"))


def refusal_of(error: OSError, path: str) -> Refused:
    """The refusal for an error of the disk; raises the error again if it is none of the user's making."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return NotFound("path", path)
        case errno.EEXIST:
            return AlreadyThere(path)
        case errno.ENOTEMPTY:
            return NotNow(N_("the folder is not empty"))
        case errno.EINVAL:
            return NotNow(INTO_ITSELF)
        case errno.EISDIR:
            return NotNow(N_("this is a folder, not a file"))
        case number if number in _DENIED:
            return Forbidden(N_("this cannot be changed here"))
        case number if number in _FULL:
            return NoSpace()
    raise error
