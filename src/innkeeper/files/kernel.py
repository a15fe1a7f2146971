"""Opening a path so that the kernel keeps it inside a directory, and renaming without replacing.

Python offers neither openat2(2) nor renameat2(2), hence ctypes.
"""

import ctypes
import errno
import os
from collections.abc import Callable

Opener = Callable[[int, bytes, int, int], int]

_SYS_OPENAT2 = 437  # the same on every architecture: numbers above 424 are shared
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_BENEATH = 0x08
_RESOLVE = _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS
_RENAME_NOREPLACE = 1
_ATTEMPTS = 8
_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_libc = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def choose_opener(directory: int) -> Opener:
    """openat2 where the kernel has it and lets us, else the walk; old seccomp filters answer EPERM."""
    try:
        os.close(open_beneath(directory, b".", os.O_PATH | os.O_DIRECTORY, 0))
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EPERM):
            return open_by_walking
        raise
    return open_beneath


def open_beneath(directory: int, path: bytes, flags: int, mode: int) -> int:
    """Open a relative path; the kernel refuses every symbolic link and every way out of the directory."""
    created_mode = mode if flags & os.O_CREAT else 0
    how = _OpenHow(flags | os.O_CLOEXEC | os.O_NOFOLLOW, created_mode, _RESOLVE)
    for _ in range(_ATTEMPTS):
        descriptor = int(_libc.syscall(_SYS_OPENAT2, directory, path, ctypes.byref(how), ctypes.sizeof(how)))
        if descriptor >= 0:
            return descriptor
        # EAGAIN: a rename elsewhere in the tree raced with the walk, see openat2(2).
        if ctypes.get_errno() not in (errno.EAGAIN, errno.EINTR):
            break
    raise _error(path)


def open_by_walking(directory: int, path: bytes, flags: int, mode: int) -> int:
    """The same by one openat per component, each refusing links: slower, for kernels without openat2."""
    *folders, last = path.split(b"/")
    at = os.dup(directory)
    try:
        for folder in folders:
            below = os.open(_plain(folder), _STEP, dir_fd=at)
            os.close(at)
            at = below
        return os.open(_plain(last), flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=at)
    finally:
        os.close(at)


def rename_without_replacing(source_folder: int, source: bytes, target_folder: int, target: bytes) -> None:
    """Rename, and fail with FileExistsError when the target exists; atomic wherever the file system can."""
    if hasattr(_libc, "renameat2"):
        if _libc.renameat2(source_folder, source, target_folder, target, _RENAME_NOREPLACE) == 0:
            return
        # Network and FUSE file systems do not know the flag and answer EINVAL.
        if ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):
            raise _error(target)
    _look_then_rename(source_folder, source, target_folder, target)


def _look_then_rename(source_folder: int, source: bytes, target_folder: int, target: bytes) -> None:
    try:
        os.lstat(target, dir_fd=target_folder)
    except FileNotFoundError:
        os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)


def _plain(name: bytes) -> bytes:
    if name in (b"", b".."):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), name)
    return name


def _error(path: bytes) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), os.fsdecode(path))
