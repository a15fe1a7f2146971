"""Second factors through the client and at the command line, against a live server."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyotp
import pytest

from innkeeper_client import Client, Invalid, NotNow
from tests.servers import COMMAND, Node, environment

Run = Callable[..., str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, str]]:
    node = Node(tmp_path_factory.mktemp("factors") / "data")
    key = node.init()
    node.start()
    yield node, key
    assert node.stop() == 0


def key_of(client: Client, username: str) -> tuple[str, str]:
    """A new user, and a key in their name."""
    user = client.users.create(username, email=f"{username}@example.com")
    return user.id, client.api_keys.create(user.id, "test").token


def code_of(secret: str | None) -> str:
    return pyotp.TOTP(secret or "").at(datetime.now(UTC))


def test_a_factor_from_beginning_to_end(served: tuple[Node, str]) -> None:
    node, key = served
    with Client(key, node.http) as ada:
        user_id, token = key_of(ada, "una")
        with Client(token, node.http) as una:
            begun = una.factors.begin(user_id, "totp", "Phone")
            with pytest.raises(Invalid):
                una.factors.confirm(begun.id, "12345")
            confirmed = una.factors.confirm(begun.id, code_of(begun.secret))
            renamed = una.factors.rename(begun.id, "Work phone")
            leaving = una.factors.remove(begun.id)
            kept = una.factors.keep(begun.id)
            fresh = una.factors.make_recovery_codes(user_id)
            with pytest.raises(NotNow):
                una.factors.confirm(begun.id, "123456")

        assert begun.otpauth_uri is not None
        assert len(confirmed.recovery_codes) == len(fresh) == 10
        assert (renamed.name, kept.removal_at) == ("Work phone", None)
        assert leaving is not None
        assert leaving.removal_at is not None
        assert [factor.id for factor in ada.factors.iterate(user_id=user_id)] == [begun.id]
        assert ada.factors.get(begun.id).kind == "totp"
        assert ada.factors.recovery_codes_left(user_id) == 10
        assert (ada.users.reset_2fa(user_id), ada.users.reset_2fa(user_id)) == (1, 0)


def test_what_was_begun_is_given_up(served: tuple[Node, str]) -> None:
    node, key = served
    with Client(key, node.http) as ada:
        user_id, token = key_of(ada, "ulf")
        with Client(token, node.http) as ulf:
            begun = ulf.factors.begin(user_id, "email", "Mailbox")

            assert begun.secret is None
            assert ulf.factors.remove(begun.id) is None


def test_the_commands(served: tuple[Node, str]) -> None:
    node, key = served
    with Client(key, node.http) as ada:
        _, token = key_of(ada, "ina")

    def run(*arguments: str, api_key: str = token) -> str:
        reach = {"INNKEEPER_API_KEY": api_key, "INNKEEPER_SERVER": node.http}
        command = [*COMMAND, "--output", "json", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**environment(), **reach}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    begun = json.loads(run("factors", "add-app", "Phone"))
    confirmed = json.loads(run("factors", "confirm", begun["id"], code_of(begun["secret"])))
    assert len(confirmed["recovery_codes"]) == 10
    assert len(json.loads(run("factors", "recovery-codes"))) == 10
    assert json.loads(run("factors", "rename", begun["id"], "Old phone"))["name"] == "Old phone"
    assert json.loads(run("factors", "remove", begun["id"]))["removal_at"]
    assert json.loads(run("factors", "keep", begun["id"]))["removal_at"] is None
    mailed = json.loads(run("factors", "add-email", "Mailbox"))
    assert run("factors", "remove", mailed["id"]) == ""
    listed = json.loads(run("factors", "list", "--user", "ina", api_key=key))
    assert [factor["name"] for factor in listed] == ["Old phone"]
    run("users", "reset-2fa", "ina", api_key=key)
    assert json.loads(run("factors", "list", api_key=key)) == []
