"""A password from elsewhere at real doors: it lets in, and its hash is replaced at the first good log-in."""

import asyncssh
import pytest

from innkeeper.kit.passwords import is_outdated
from tests.sftp_site import SftpSite
from tests.test_password_hashes import MADE, PASSWORD
from tests.test_sftp_login import Client, enter

pytest_plugins = ["tests.sftp_fixtures"]

FORMS = ["bcrypt-2y", "argon2i", "pbkdf2-sha256-django", "sha512-crypt", "ssha512", "md5-salt-before"]


def add(door: SftpSite, form: str) -> None:
    method = "password_with_imported_hash"
    door.add("iris", authentication_method=method, imported_password_hash=MADE[form])


@pytest.mark.parametrize("form", FORMS)
async def test_the_first_log_in_replaces_the_hash(door: SftpSite, form: str) -> None:
    add(door, form)
    before = door.user("iris")

    await enter(door, "iris", password=PASSWORD, preferred_auth="password")
    after = door.user("iris")
    await enter(door, "iris", client_factory=lambda: Client(PASSWORD), preferred_auth="keyboard-interactive")

    assert is_outdated(before.password_hash or "")
    assert not is_outdated(after.password_hash or "")
    assert door.user("iris").password_hash == after.password_hash
    assert (after.version, after.password_changed_at) == (before.version, before.password_changed_at)


async def test_a_wrong_password_replaces_nothing(door: SftpSite) -> None:
    add(door, "bcrypt-2b")

    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "iris", password=PASSWORD + "x", preferred_auth="password")

    assert door.user("iris").password_hash == MADE["bcrypt-2b"]


@pytest.mark.parametrize("typed", ["Zoe\u0308’s cafe\u0301 東京 7", "Zoë’s café\u3000東京 7"])
async def test_a_password_typed_apart_opens_what_was_stored_together(door: SftpSite, typed: str) -> None:
    door.add("zoe", password="Zoë’s café\u00a0東京 7")

    await enter(door, "zoe", password=typed, preferred_auth="password")
    await enter(door, "zoe", client_factory=lambda: Client(typed), preferred_auth="keyboard-interactive")


@pytest.mark.parametrize("text", ["x" * 1025, "x" * 20_000, "a\x00b", ""])
async def test_what_cannot_be_a_password_is_simply_wrong(door: SftpSite, text: str) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await enter(door, "bob", password=text, preferred_auth="password")

    assert door.log.admitted == []
