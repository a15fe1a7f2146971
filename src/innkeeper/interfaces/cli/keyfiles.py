"""Key files as OpenSSH likes them: the private one for its owner alone, the public one beside it."""

import os
from pathlib import Path

from innkeeper.interfaces.cli.asking import fail

ONLY_OWNER, EVERYONE = 0o600, 0o644


def refuse_existing(file: Path) -> None:
    """Stop before anything is made that there would be no place for."""
    for path in (file, public_file(file)):
        if os.path.lexists(path):
            fail(f"{path} is there already; a key is never written over another")
    if not os.access(file.absolute().parent, os.W_OK | os.X_OK):
        fail(f"{file.absolute().parent} cannot be written")


def keep_pair(file: Path, private_key: str, public_key: str) -> None:
    """Write both halves; never over a file that is there."""
    _write(file, private_key, ONLY_OWNER)
    _write(public_file(file), public_key + "\n", EVERYONE)


def public_file(file: Path) -> Path:
    """Where the public half lies."""
    return file.with_name(file.name + ".pub")


def _write(path: Path, text: str, mode: int) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(opened, "w") as file:
        file.write(text)
