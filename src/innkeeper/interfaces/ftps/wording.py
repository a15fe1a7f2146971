"""How a refusal or an error of the disk is told to an FTP client. The only place that translates."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyftpdlib.exceptions import FilesystemError

from innkeeper.domain.errors import NotFound, Refused
from innkeeper.files.refusals import refusal_of

ABSENT = "No such file"


@contextmanager
def told_as_ftp() -> Iterator[None]:
    """Refusals as the errors that pyftpdlib passes on. What is hidden and what is absent sound the same."""
    try:
        yield
    except Refused as refused:
        raise FilesystemError(words_of(refused)) from refused
    except OSError as error:
        raise FilesystemError(words_of(refusal_of(error, "the file"))) from error


def words_of(refused: Refused) -> str:
    """One line, begun with a capital letter, without the full stop."""
    if isinstance(refused, NotFound):
        return ABSENT
    words = " ".join(refused.message.split()).rstrip(".")
    return words[:1].upper() + words[1:]
