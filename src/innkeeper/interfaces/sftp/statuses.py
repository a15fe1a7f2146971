"""How a refusal or an error of the disk is told to an SFTP client. The only place that translates."""

import errno
import struct

import structlog

from innkeeper.domain.errors import Forbidden, NotFound, NotNow, Refused
from innkeeper.files.presence import RoomEnded
from innkeeper.interfaces.sftp.packets import BadPacket, Status

logger = structlog.get_logger(__name__)

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.EXDEV, errno.EROFS})


def status_of(error: Exception) -> tuple[Status, str]:
    """The code and the words. What is hidden and what is absent get the same ones."""
    if isinstance(error, OSError):
        return _status_of_disk(error)
    if isinstance(error, NotFound):
        return Status.NO_SUCH_FILE, "No such file"
    if isinstance(error, Forbidden | NotNow | RoomEnded):
        return Status.PERMISSION_DENIED, error.message
    if isinstance(error, Refused):
        return Status.FAILURE, error.message
    if isinstance(error, BadPacket | struct.error):
        return Status.BAD_MESSAGE, "The request is cut short"
    if isinstance(error, OverflowError):
        return Status.FAILURE, "No file is that large"
    logger.error("An SFTP request failed unexpectedly.", exc_info=error)
    return Status.FAILURE, "The server failed; the administrator finds the reason in its log"


def _status_of_disk(error: OSError) -> tuple[Status, str]:
    if error.errno in _ABSENT:
        return Status.NO_SUCH_FILE, "No such file"
    code = Status.PERMISSION_DENIED if error.errno in _DENIED else Status.FAILURE
    return code, error.strerror or "Failure"
