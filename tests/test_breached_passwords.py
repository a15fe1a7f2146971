"""The list of breached passwords: looked up in the file, whatever its size and line ends."""

import hashlib
from pathlib import Path

import pytest

from innkeeper.kit.breached_passwords import BadBreachedFile, BreachedPasswords


def listed(path: Path, passwords: list[str], *, end: str = "\r\n", last: bool = True) -> BreachedPasswords:
    """A file as the downloader of Have I Been Pwned writes it."""
    hashes = {hashlib.sha1(text.encode()).hexdigest().upper(): text for text in passwords}
    lines = [f"{digest}:{10 ** (place % 9)}" for place, digest in enumerate(sorted(hashes))]
    path.write_bytes((end.join(lines) + (end if last else "")).encode())
    return BreachedPasswords(path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_every_password_of_the_list_is_found_and_no_other(
    tmp_path: Path, size: int, end: str, *, last: bool
) -> None:
    passwords = [f"password {number}" for number in range(size)]
    breached = listed(tmp_path / "list.txt", passwords, end=end, last=last)

    assert all(breached.holds(text) for text in passwords)
    assert not any(breached.holds(text + "!") for text in passwords)
    breached.close()


def test_a_list_without_counts_and_with_small_letters_will_do(tmp_path: Path) -> None:
    lines = sorted(hashlib.sha1(text.encode()).hexdigest() for text in ("one", "two", "pässword"))
    (tmp_path / "list.txt").write_text("\n".join(lines))

    breached = BreachedPasswords(tmp_path / "list.txt")

    assert breached.holds("pässword")
    assert not breached.holds("three")
    breached.close()


@pytest.mark.parametrize("content", ["", "password\n", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD:1\n"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.txt").write_text(content)

    with pytest.raises(BadBreachedFile, match="line 1: expected a SHA-1"):
        BreachedPasswords(tmp_path / "list.txt")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBreachedFile, match="No such file"):
        BreachedPasswords(tmp_path / "list.txt")
