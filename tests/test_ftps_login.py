"""Signing in at the FTPS door: what opens it, and that every refusal sounds the same."""

import ftplib
import logging
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from innkeeper.actions import api_keys
from innkeeper.kit.gate import Limits
from tests.ftps_site import Client, FtpsSite
from tests.sftp_factors import add_app, app_code
from tests.sftp_site import PASSWORD, Supplies, wait_for

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
WRONG = "530 User name or password is wrong."


def refusal(site: FtpsSite, name: str, password: str) -> str:
    client = site.client()
    with pytest.raises(ftplib.error_perm) as refused:
        client.login(name, password)
    client.close()
    return str(refused.value)


def test_a_password_opens_the_door_and_the_log_knows_cipher_and_program(ftps: FtpsSite) -> None:
    client = ftps.client()
    client.auth()
    client.sendcmd("CLNT FileZilla 3.68")
    client.enter()

    room = ftps.live.of_user(ftps.bob.id)[0]
    assert (room.interface, room.stay.address) == ("ftps", "127.0.0.1")
    client.quit()
    wait_for(lambda: ftps.log.left)
    left = ftps.log.left[0]
    assert ftps.log.clients == ["FileZilla 3.68"]
    assert left.cipher.startswith("ECDHE-")
    assert left.end_reason == "disconnected"


def test_an_api_key_stands_in_for_the_password(ftps: FtpsSite) -> None:
    _, token = ftps.act(api_keys.create, ftps.bob.id, "backup", scopes=["files:read"])
    (ftps.files / "a").write_bytes(b"here")

    client = ftps.signed_in("bob", token)

    assert client.get("a") == b"here"
    with pytest.raises(ftplib.error_perm, match="550"):
        client.put("b", b"")
    client.close()


def test_a_code_comes_right_behind_the_password_and_counts_once(ftps: FtpsSite) -> None:
    add_app(ftps, ftps.bob)
    code = app_code(ftps)

    assert refusal(ftps, "bob", PASSWORD) == WRONG
    ftps.signed_in("bob", PASSWORD + code).close()
    assert refusal(ftps, "bob", PASSWORD + code) == WRONG


def test_every_refusal_sounds_the_same(ftps: FtpsSite) -> None:
    ftps.add("barred", password=PASSWORD, protocols=["sftp"])
    ftps.add("far", password=PASSWORD, allowed_ips=["10.0.0.0/8"])
    late = ftps.add("late", password=PASSWORD, access_expires_at=_soon())
    ftps.clock.advance(hours=2)

    refusals = {refusal(ftps, name, PASSWORD) for name in ("barred", "far", late.username, "nobody", "")}

    assert refusal(ftps, "bob", "wrong") == WRONG
    assert refusals - {"501 Syntax error: command needs an argument."} == {WRONG}
    reasons = {reason for _, reason in ftps.log.refused}
    assert {"protocol_not_allowed", "address_not_allowed", "expired", "wrong_password"} <= reasons


def test_a_refusal_comes_late(tmp_path: Path, supplies: Supplies) -> None:
    with closing(FtpsSite(tmp_path, supplies, Limits(first_delay=0.3, longest_delay=0.3))) as site:
        began = time.monotonic()

        assert {refusal(site, name, "wrong") for name in ("bob", "nobody")} == {WRONG}

        assert time.monotonic() - began >= 0.6


def test_plain_passwords_are_refused_before_they_are_sent(ftps: FtpsSite) -> None:
    line = ftps.plain()

    assert line.answer().startswith("220 ")
    assert line.ask("USER bob").startswith("530 ")
    assert line.ask("PASS x").startswith("530 ")
    assert line.ask("LIST").startswith("530 ")
    line.close()
    assert ftps.log.refused == []


def test_data_connections_need_tls_as_well(ftps: FtpsSite) -> None:
    client = ftps.client()
    client.login("bob", PASSWORD)

    with pytest.raises(ftplib.error_perm, match="534"):
        client.prot_c()
    for command in ("PASV", "EPSV"):
        with pytest.raises(ftplib.error_perm, match="521"):
            client.sendcmd(command)
    client.close()


def test_active_mode_and_other_dangers_are_not_there(ftps: FtpsSite) -> None:
    client = ftps.signed_in()

    for command in ("PORT 127,0,0,1,7,7", "EPRT |1|127.0.0.1|2000|", "SITE CHMOD 777 a", "STOU a", "REIN"):
        with pytest.raises(ftplib.error_perm, match=r"^50"):
            client.sendcmd(command)
    with pytest.raises(ftplib.error_perm, match="503"):
        client.sendcmd("USER ada")
    client.close()


def test_commands_smuggled_in_before_the_handshake_are_dropped(ftps: FtpsSite) -> None:
    client = ftps.client()
    assert client.sock is not None
    client.sock.sendall(b"AUTH TLS\r\nUSER mallory\r\nNOOP\r\n")
    assert client.getresp().startswith("234")
    client.sock = client.context.wrap_socket(client.sock)
    client.file = client.sock.makefile("r", encoding="utf-8")

    client.sock.sendall(b"PASS x\r\n")

    with pytest.raises(ftplib.error_perm, match="503 Send USER first"):
        client.getresp()
    client.close()


def test_old_versions_of_tls_are_refused(ftps: FtpsSite) -> None:
    done = ftps.curl("--tls-max", "1.1", ftps.url())

    assert done.returncode == 35, done.stderr


def test_a_client_that_tries_too_often_is_sent_away(ftps: FtpsSite) -> None:
    client = ftps.client()
    client.auth()

    answers = [_try(client) for _ in range(5)]

    assert answers[:4] == [WRONG] * 4
    assert answers[4] == f"{WRONG} Too many tries."
    with pytest.raises((EOFError, OSError)):
        client.sendcmd("NOOP")
    client.close()


def test_passwords_and_contents_are_in_no_log(ftps: FtpsSite, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ftps.signed_in().close()
        assert refusal(ftps, "bob", "a wrong one") == WRONG

    assert [text for text in caplog.messages if PASSWORD in text or "a wrong one" in text] == []


def _try(client: Client) -> str:
    try:
        client.sendcmd("USER bob")
        return client.sendcmd("PASS wrong")
    except ftplib.error_perm as refused:
        return str(refused)


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()
