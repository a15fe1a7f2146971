"""Logging in with OpenSSH's sftp at a terminal: what a person is asked and told, step by step."""

import pytest

from innkeeper.actions import settings
from innkeeper.domain.words import FactorKind
from tests.sftp_factors import add_app, add_factor, add_recovery_codes, app_code
from tests.sftp_site import HOME, PASSWORD, SftpSite
from tests.sftp_terminal import Terminal, sftp

pytest_plugins = ["tests.sftp_fixtures"]
NO_KEY = ("-o", "PubkeyAuthentication=no")
BY_PASSWORD = (*NO_KEY, "-o", "PreferredAuthentications=password,keyboard-interactive")
ONLY_PASSWORD = (*NO_KEY, "-o", "PreferredAuthentications=password")
APP_PROMPT = "Code from your app, or a recovery code: "
NEW = "a wholly other engine"


def look_around(terminal: Terminal) -> None:
    terminal.answer("sftp> ", "pwd")
    terminal.answer("Remote working directory: /", "bye")
    assert terminal.end() == 0


def credentials(door: SftpSite) -> list[object]:
    return [event.data["credential"] for event in door.log.events("login.succeeded")]


def test_a_key_asks_for_nothing(door: SftpSite) -> None:
    with sftp(door, "ada") as terminal:
        look_around(terminal)

    assert "assword" not in terminal.shown
    assert credentials(door) == ["public_key"]


def test_a_password(door: SftpSite) -> None:
    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        look_around(terminal)

    assert PASSWORD not in terminal.shown
    assert credentials(door) == ["password"]


@pytest.mark.parametrize(
    ("options", "question"), [(NO_KEY, "Password: "), (BY_PASSWORD, "bob@127.0.0.1's password: ")]
)
def test_a_password_and_a_code(door: SftpSite, options: tuple[str, ...], question: str) -> None:
    add_app(door, door.bob)

    with sftp(door, "bob", *options) as terminal:
        terminal.answer(question, PASSWORD)
        terminal.answer(APP_PROMPT, "000000")
        terminal.wait_for("That code is wrong, or was used before.")
        terminal.answer(APP_PROMPT, app_code(door))
        look_around(terminal)

    assert credentials(door) == ["password+totp"]


def test_a_code_that_was_used_and_a_recovery_code(door: SftpSite) -> None:
    add_app(door, door.bob)
    codes, code = add_recovery_codes(door, door.bob), app_code(door)
    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.answer(APP_PROMPT, code)
        look_around(terminal)

    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.answer(APP_PROMPT, code)
        terminal.answer(APP_PROMPT, codes[3])
        look_around(terminal)
    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.answer(APP_PROMPT, codes[3])
        terminal.wait_for("That code is wrong, or was used before.")

    assert credentials(door) == ["password+totp", "password+recovery_code"]


def test_a_key_and_a_code_where_the_site_demands_it(door: SftpSite) -> None:
    add_app(door, door.ada)
    door.act(settings.edit, {"require_2fa_with_ssh_keys": True})

    with sftp(door, "ada") as terminal:
        terminal.answer(APP_PROMPT, app_code(door))
        look_around(terminal)

    assert credentials(door) == ["public_key+totp"]


def test_key_password_and_code(door: SftpSite) -> None:
    add_app(door, door.add_with_both("carol"))

    with sftp(door, "carol") as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.answer(APP_PROMPT, app_code(door))
        look_around(terminal)

    assert credentials(door) == ["public_key+password+totp"]


def test_five_wrong_codes_and_it_is_over(door: SftpSite) -> None:
    add_app(door, door.bob)

    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        for _ in range(5):
            terminal.answer(APP_PROMPT, "000000")
        terminal.wait_for("Too many authentication failures")
        assert terminal.end() != 0

    assert door.log.refused == [("bob", "wrong_second_factor")] * 5


def test_a_password_that_must_be_changed_by_the_method_for_it(door: SftpSite) -> None:
    door.edit(door.bob, require_password_change=True)

    with sftp(door, "bob", *ONLY_PASSWORD) as terminal:
        terminal.answer("bob@127.0.0.1's password: ", PASSWORD)
        terminal.wait_for(f"else at {HOME}/account/password")
        terminal.wait_for("Your password must be changed. Choose a new one.")
        terminal.answer("Enter bob@127.0.0.1's old password: ", PASSWORD)
        terminal.answer("Enter bob@127.0.0.1's new password: ", "short")
        terminal.answer("Retype bob@127.0.0.1's new password: ", "short")
        terminal.wait_for("That password cannot be taken. Expected: at least 10 characters")
        terminal.answer("Enter bob@127.0.0.1's old password: ", PASSWORD)
        terminal.answer("Enter bob@127.0.0.1's new password: ", NEW)
        terminal.answer("Retype bob@127.0.0.1's new password: ", NEW)
        look_around(terminal)
    with sftp(door, "bob", *ONLY_PASSWORD) as terminal:
        terminal.answer("bob@127.0.0.1's password: ", NEW)
        look_around(terminal)

    assert len(door.log.events("password.changed")) == 1
    assert credentials(door) == ["password", "password"]


@pytest.mark.parametrize(
    ("options", "question"), [(NO_KEY, "Password: "), (BY_PASSWORD, "bob@127.0.0.1's password: ")]
)
def test_a_password_that_must_be_changed_after_a_code(
    door: SftpSite, options: tuple[str, ...], question: str
) -> None:
    door.edit(door.bob, require_password_change=True)
    add_app(door, door.bob)

    with sftp(door, "bob", *options) as terminal:
        terminal.answer(question, PASSWORD)
        terminal.answer(APP_PROMPT, app_code(door))
        terminal.wait_for("Your password must be changed. Choose a new one.")
        terminal.answer("New password: ", NEW)
        terminal.answer("The same again: ", "something else entirely")
        terminal.wait_for("These were two different passwords. Try again.")
        terminal.answer("New password: ", PASSWORD)
        terminal.answer("The same again: ", PASSWORD)
        terminal.wait_for("That password cannot be taken. Expected: none of the user's last 5 passwords")
        terminal.answer("New password: ", NEW)
        terminal.answer("The same again: ", NEW)
        look_around(terminal)

    assert credentials(door) == ["password+totp"]


def test_german_for_those_who_read_german(door: SftpSite) -> None:
    door.edit(door.bob, require_password_change=True, language="de")
    add_app(door, door.bob)

    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.answer("Code aus Ihrer App oder ein Wiederherstellungscode: ", app_code(door))
        terminal.wait_for("Ihr Passwort muss geändert werden: hier, wenn Ihr Programm danach fragt")
        terminal.wait_for("Ihr Passwort muss geändert werden. Wählen Sie ein neues.")
        terminal.answer("Neues Passwort: ", "kurz")
        terminal.answer("Noch einmal dasselbe: ", "kurz")
        terminal.wait_for("Dieses Passwort geht nicht. Erwartet wird: mindestens 10 Zeichen")


def test_days_that_a_password_has_left(door: SftpSite) -> None:
    door.act(settings.edit, {"password_validity_days": 30})
    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        look_around(terminal)
    assert "expires" not in terminal.shown
    door.clock.advance(days=27)

    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.wait_for(f"Days until your password expires: 3. Change it at {HOME}/account/password")
        look_around(terminal)
    with sftp(door, "ada") as terminal:
        look_around(terminal)
    assert "expires" not in terminal.shown


def test_codes_by_mail_are_announced(door: SftpSite) -> None:
    door.edit(door.bob, email="bob@example.com")
    add_factor(door, door.bob, FactorKind.EMAIL)

    with sftp(door, "bob", *NO_KEY) as terminal:
        terminal.answer("Password: ", PASSWORD)
        terminal.wait_for("A code is on its way to your mailbox.")
        terminal.wait_for("Code from the mail, or a recovery code: ")
