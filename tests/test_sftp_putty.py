"""Logging in with PuTTY's psftp, whose way of asking WinSCP and FileZilla have as well."""

import asyncssh
import pytest

from innkeeper.actions import settings
from tests.programs import need
from tests.sftp_factors import add_app, app_code
from tests.sftp_site import PASSWORD, SftpSite
from tests.sftp_terminal import Terminal

pytest_plugins = ["tests.sftp_fixtures"]
APP_PROMPT = "Code from your app, or a recovery code: "
NEW = "a wholly other engine"


def psftp(door: SftpSite, user: str, *options: str) -> Terminal:
    """psftp, which knows the server by its fingerprint."""
    host_key = asyncssh.read_private_key(door.settings.keys / "ssh_host_ed25519_key").get_fingerprint()
    port = ["-P", str(door.port)]
    return Terminal(door, need("psftp"), *port, "-hostkey", host_key, *options, f"{user}@127.0.0.1")


def look_around(terminal: Terminal) -> None:
    terminal.answer("psftp> ", "pwd")
    terminal.answer("Remote directory is /", "bye")
    assert terminal.end() == 0


def test_a_password_and_a_code(door: SftpSite) -> None:
    add_app(door, door.bob)

    with psftp(door, "bob") as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.answer(APP_PROMPT, "000000")
        terminal.wait_for("That code is wrong, or was used before.")
        terminal.answer(APP_PROMPT, app_code(door))
        look_around(terminal)

    assert [event.data["credential"] for event in door.log.events("login.succeeded")] == ["password+totp"]


def test_a_stored_password_and_a_code(door: SftpSite) -> None:
    """A stored password answers the first question, so that the code is the first that a person sees."""
    add_app(door, door.bob)
    door.edit(door.bob, language="de")

    with psftp(door, "bob", "-pw", PASSWORD) as terminal:
        terminal.answer("Code aus Ihrer App oder ein Wiederherstellungscode: ", app_code(door))
        look_around(terminal)


@pytest.mark.parametrize("options", [(), ("-pw", PASSWORD)])
def test_a_password_that_must_be_changed(door: SftpSite, options: tuple[str, ...]) -> None:
    door.edit(door.bob, require_password_change=True)

    with psftp(door, "bob", *options) as terminal:
        if not options:
            terminal.answer("Password: ", PASSWORD)
        terminal.wait_for("Your password must be changed. Choose a new one.")
        terminal.answer("New password: ", NEW)
        terminal.answer("The same again: ", NEW)
        look_around(terminal)

    assert len(door.log.events("password.changed")) == 1


def test_days_that_a_password_has_left(door: SftpSite) -> None:
    door.act(settings.edit, {"password_validity_days": 30})
    door.clock.advance(days=27)

    with psftp(door, "bob") as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.wait_for("Days until your password expires: 3.")
        look_around(terminal)
