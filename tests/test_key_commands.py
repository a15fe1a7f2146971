"""Keys at the command line and in the client, against a live server: made, used by OpenSSH, gone again."""

import json
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from innkeeper.domain.lifetimes import KeyView
from innkeeper.domain.scopes import KeyScope
from innkeeper.kit.keypairs import KeyKind
from innkeeper_client import Client, Forbidden, Invalid, words
from tests.programs import need
from tests.servers import COMMAND, Node, environment


class Desk:
    """A server, and the command at somebody's desk."""

    def __init__(self, node: Node, key: str) -> None:
        self.node = node
        self.key = key

    def run(self, *arguments: str, given: str = "", key: str = "") -> "subprocess.CompletedProcess[str]":
        reach = {"INNKEEPER_API_KEY": key or self.key, "INNKEEPER_SERVER": self.node.http}
        return subprocess.run(
            [*COMMAND, "--output", "json", *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env={**environment(), **reach},
        )

    def json(self, *arguments: str, given: str = "", key: str = "") -> Any:
        done = self.run(*arguments, given=given, key=key)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def sftp(self, user: str, key: Path, *, passphrase: str = "") -> "subprocess.CompletedProcess[str]":
        """OpenSSH's client with this key file; what it asks for is answered by a script."""
        script = key.with_name("askpass")
        script.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
        script.chmod(0o700)
        asking = {"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        options = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "PreferredAuthentications": "publickey",
        }
        pairs = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        port = ["-P", str(self.node.sftp_port), "-i", str(key)]
        return subprocess.run(
            [need("sftp"), "-F", "none", "-q", *pairs, *port, f"{user}@127.0.0.1"],
            input="pwd\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**environment(), **asking},
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    node = Node(tmp_path_factory.mktemp("keys") / "data")
    key = node.init()
    yield Desk(node.start(), key)
    assert node.stop() == 0


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize("passphrase", ["", "open sesame"])
def test_a_generated_key_opens_the_door_for_openssh_until_it_is_removed(
    desk: Desk, tmp_path: Path, kind: KeyKind, passphrase: str
) -> None:
    name = f"{kind}-{len(passphrase)}"
    desk.json("users", "create", name)
    file = tmp_path / "key"
    asked = ("--passphrase-stdin",) if passphrase else ()

    made = desk.json(
        "ssh-keys",
        "generate",
        name,
        str(file),
        "--kind",
        kind,
        "--label",
        "desk",
        *asked,
        given=passphrase + "\n",
    )

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.with_name("key.pub").read_text() == f"{made['public_key']} desk\n"
    assert "private_key" not in made
    assert "Remote working directory" in desk.sftp(name, file, passphrase=passphrase).stdout
    used = desk.json("ssh-keys", "list", "--user", name)[0]
    assert (used["last_used_interface"], used["last_used_at"] is not None) == ("sftp", True)
    assert not passphrase or desk.sftp(name, file, passphrase="wrong one").returncode != 0
    assert desk.run("ssh-keys", "remove", made["id"]).returncode == 0
    assert desk.sftp(name, file, passphrase=passphrase).returncode != 0


def test_a_key_is_never_written_over_another(desk: Desk, tmp_path: Path) -> None:
    desk.json("users", "create", "olga")
    (tmp_path / "key.pub").write_text("mine")

    refused = desk.run("ssh-keys", "generate", "olga", str(tmp_path / "key"))
    nowhere = desk.run("ssh-keys", "generate", "olga", str(tmp_path / "none" / "key"))

    assert (refused.returncode, nowhere.returncode) == (1, 1)
    assert "is there already" in refused.stderr
    assert desk.json("ssh-keys", "list", "--user", "olga") == []
    assert (tmp_path / "key.pub").read_text() == "mine"
    assert not (tmp_path / "key").exists()


def test_keys_are_edited_and_emptied(desk: Desk, tmp_path: Path) -> None:
    desk.json("users", "create", "pia")
    ssh = desk.json("ssh-keys", "generate", "pia", str(tmp_path / "key"), "--label", "desk")
    api = desk.json(
        "api-keys", "create", "pia", "script", "--scope", "users:read", "--allowed-ip", "127.0.0.1"
    )

    renamed = desk.json(
        "ssh-keys", "edit", ssh["id"], "--label", "laptop", "--expires-at", "2031-01-31T00:00Z"
    )
    emptied = desk.json("ssh-keys", "edit", ssh["id"], "--clear", "expires-at")
    widened = desk.json("api-keys", "edit", api["id"], "--clear", "scopes", "--clear", "allowed-ip")
    narrowed = desk.json(
        "api-keys", "edit", api["id"], "--name", "nightly", "--scope", "users:read", "--scope", "events:read"
    )

    assert (renamed["label"], renamed["expires_at"]) == ("laptop", "2031-01-31T00:00:00+00:00")
    assert (emptied["label"], emptied["expires_at"]) == ("laptop", None)
    assert (api["scopes"], api["allowed_ips"]) == (["users:read"], ["127.0.0.1/32"])
    assert (widened["scopes"], widened["allowed_ips"]) == ([], [])
    assert (narrowed["name"], narrowed["scopes"]) == ("nightly", ["users:read", "events:read"])


def test_a_scoped_key_is_refused_with_what_it_lacks(desk: Desk) -> None:
    desk.json("users", "create", "quinn")
    key = desk.json("api-keys", "create", "ada", "reader", "--scope", "users:read")

    refused = desk.run("users", "suspend", "quinn", key=key["token"])

    assert desk.json("users", "show", "quinn", key=key["token"])["username"] == "quinn"
    assert refused.returncode == 1
    assert "users:write" in refused.stderr


def test_views_show_the_keys_that_deserve_a_look(desk: Desk) -> None:
    desk.json("users", "create", "rosa")
    soon = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    key = desk.json("api-keys", "create", "rosa", "soon", "--expires-at", soon)

    found = desk.json("api-keys", "list", "--text", "rosa", "--view", "expiring")
    unused = desk.json("api-keys", "list", "--text", "rosa", "--view", "unused")

    assert [one["id"] for one in found] == [key["id"]]
    assert unused == []
    assert desk.json("ssh-keys", "list", "--view", "shared") == []


def test_who_could_come_in_is_told_with_the_list_that_decides(desk: Desk) -> None:
    desk.json("users", "create", "sam", "--allowed-ip", "192.0.2.0/24")

    def ask(address: str) -> Any:
        return desk.json("users", "admission", "sam", "--interface", "sftp", "--address", address)

    assert ask("192.0.2.7")["may_come_in"] is True
    outside = ask("203.0.113.7")
    assert (outside["may_come_in"], outside["reason"]) == (False, "address_not_allowed")
    assert outside["decided_by"] == [{"owner": "user", "group_id": None, "group": ""}]
    assert desk.run("users", "admission", "sam", "--interface", "sftp", "--address", "x").returncode == 1


def test_the_client_has_the_same_verbs(desk: Desk) -> None:
    with Client(desk.key, desk.node.http) as client:
        user = client.users.create("tina")
        made = client.ssh_keys.generate(user.id, kind="ecdsa", label="desk")
        key = client.api_keys.create(user.id, "script", scopes=["credentials:write"])

        assert made.private_key.startswith("-----BEGIN OPENSSH")
        assert made.private_key not in repr(made)
        assert client.ssh_keys.edit(made.id, label="laptop").label == "laptop"
        assert client.api_keys.edit(key.id, name="nightly").name == "nightly"
        assert client.users.admission(user.id, "web", "192.0.2.7").decided_by[0].owner == "site"
        with pytest.raises(Invalid):
            client.ssh_keys.generate(user.id, passphrase="abc")
    with Client(key.token, desk.node.http) as limited:
        assert limited.api_keys.create(user.id, "child").scopes == ("credentials:write",)
        with pytest.raises(Invalid):
            limited.api_keys.create(user.id, "child", scopes=["users:write"])
        with pytest.raises(Forbidden):
            limited.groups.list()


def test_the_client_knows_the_words_of_the_server() -> None:
    assert get_args(words.KeyScope) == tuple(scope.value for scope in KeyScope)
    assert get_args(words.KeyView) == tuple(view.value for view in KeyView)
    assert get_args(words.KeyKind) == tuple(kind.value for kind in KeyKind)
