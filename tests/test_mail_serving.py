"""Mail by a whole server: from a request to its reader, without a mail server, and by the command."""

import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import COMMAND, Node, environment, ok
from tests.smtp_sink import PASSWORD, Sink

pytest_plugins = ["tests.smtp_sink"]

FROM = "Innkeeper <files@example.com>"


def wait_for(api: httpx.Client, state: str, seconds: float = 20) -> dict[str, Any]:
    """The mail about the new API key, once it has come so far."""
    end = time.monotonic() + seconds
    while True:
        found = ok(api.get("/mails"))["items"]
        mails: list[dict[str, Any]] = [mail for mail in found if mail["kind"] == "api_key_created"]
        if [mail for mail in mails if mail["state"] == state]:
            return mails[0]
        assert time.monotonic() < end, found
        time.sleep(0.1)


def make_a_key(api: httpx.Client) -> None:
    me = ok(api.get("/me"))
    ok(api.post("/api-keys", json={"user_id": me["id"], "name": "backup"}))


def listed(node: Node, key: str, *arguments: str) -> str:
    """What `innkeeper mails list` prints."""
    reach = {"server": node.http, "api_key": key}
    command = [*COMMAND, "--output", "csv", "mails", "list", "--user", "ada", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment(**reach)
    ).stdout


def mail_test(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "mail-test", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**settings),
    )


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (1, "", 1), done.stderr
    return lines[0].removeprefix("innkeeper: ")


def test_what_happens_is_told_by_mail(tmp_path: Path, secure_smtp_sink: Sink) -> None:
    node = Node(tmp_path / "data", settings={"smtp_url": secure_smtp_sink.url, "mail_from": FROM})
    key = node.init()
    api = node.start().client(key)

    make_a_key(api)
    secure_smtp_sink.wait()
    mail = wait_for(api, "sent")

    [received] = [one for one in secure_smtp_sink.received if "backup" in one.text]
    assert received.recipients == ["ada@example.com"]
    assert f"{node.http}/account" in received.text
    assert received.is_encrypted
    assert mail["sent_at"] is not None
    assert "An API key was made" in listed(node, key, "--state", "sent")
    assert "An API key was made" not in listed(node, key, "--state", "failed")
    assert node.stop() == 0


def test_without_a_mail_server_mails_are_kept_unsent(tmp_path: Path) -> None:
    node = Node(tmp_path / "data")
    key = node.init()
    api = node.start().client(key)

    make_a_key(api)

    assert wait_for(api, "unsent")["error"] == ""
    assert node.stop() == 0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"smtp_url": "mail.example.com"}, "smtp_url: expected smtp://user:password@host:587"),
        ({"smtp_url": "smtp://u:s3cret@h:x"}, "smtp_url: expected smtp://user:password@host:587"),
        (
            {"smtp_url": "smtp://mail.example.com"},
            "mail_from: expected Innkeeper <files@example.com>, got ''",
        ),
        ({"smtp_url": "smtp://h", "mail_from": FROM, "http": ""}, "public_url: needed where http is empty"),
    ],
)
def test_settings_that_cannot_be_right_are_one_line(
    tmp_path: Path, settings: dict[str, str], expected: str
) -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--data", str(tmp_path / "data"), "--sftp", ""],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**settings),
    )

    assert refused(done).startswith(expected)
    assert "s3cret" not in done.stderr


def test_command_sends_a_mail_and_prints_the_answer(secure_smtp_sink: Sink) -> None:
    done = mail_test("--to", "ada@example.com", smtp_url=secure_smtp_sink.url, mail_from=FROM)

    [received] = secure_smtp_sink.received
    assert (done.returncode, done.stdout) == (0, "queued as 1\n"), done.stderr
    assert received.message["Subject"] == "Test from Innkeeper"


def test_command_tells_what_went_wrong(smtp_sink: Sink, secure_smtp_sink: Sink) -> None:
    smtp_sink.answers["ada@example.com"] = "550 no such user"
    wrong = f"smtp://u:wrong@127.0.0.1:{secure_smtp_sink.port}"
    to = ("--to", "ada@example.com")

    assert "550 no such user" in refused(mail_test(*to, smtp_url=smtp_sink.url, mail_from=FROM))
    assert "cannot be used" in refused(mail_test(*to, smtp_url="smtp://127.0.0.1:1", mail_from=FROM))
    assert "535" in refused(mail_test(*to, smtp_url=wrong, mail_from=FROM))
    assert "smtp_url: empty" in refused(mail_test(*to))
    assert "no mail can be sent" in refused(mail_test("--to", "ada", smtp_url=smtp_sink.url, mail_from=FROM))
    assert PASSWORD not in refused(mail_test(*to, smtp_url=secure_smtp_sink.url, mail_from="nobody"))
