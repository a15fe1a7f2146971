"""The life of an FTPS connection: patience runs out, it is cut from either side, the server stops."""

import ftplib
import os
import socket
import ssl
import struct
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from innkeeper.actions import users
from innkeeper.kit.gate import Limits
from tests.ftps_site import Client, FtpsSite
from tests.sftp_site import Supplies, wait_for

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
MEBIBYTE = 1024**2
RESET = struct.pack("ii", 1, 0)
SOON = 0.3


def big_file(site: FtpsSite, size: int = 256 * MEBIBYTE) -> None:
    with (site.files / "big").open("wb") as file:
        os.truncate(file.fileno(), size)


def data_connection(client: Client, command: str) -> ssl.SSLSocket:
    client.voidcmd("TYPE I")
    data = client.transfercmd(command)
    assert isinstance(data, ssl.SSLSocket)
    data.suppress_ragged_eofs = False  # type: ignore[attr-defined]  # tells an end from a cut; in no stubs
    return data


def threads() -> int:
    return sum(thread.name == "ftps" for thread in threading.enumerate())


def test_a_client_that_says_nothing_is_sent_away(tmp_path: Path, supplies: Supplies) -> None:
    with closing(FtpsSite(tmp_path, supplies, login_timeout=SOON)) as site:
        line = site.plain()

        assert line.answer().startswith("220 ")
        assert line.answer() == "421 Signing in took too long."
        assert line.answer() == ""
        line.close()
        wait_for(lambda: threads() == 0)


def test_a_handshake_that_never_ends_is_given_up(tmp_path: Path, supplies: Supplies) -> None:
    with closing(FtpsSite(tmp_path, supplies, login_timeout=SOON)) as site:
        line = site.plain()
        line.answer()
        line.ask("AUTH TLS")
        implicit = socket.create_connection(("127.0.0.1", site.implicit_port), timeout=20)

        assert line.answer() == ""
        assert implicit.recv(1) == b""
        line.close()
        implicit.close()
        wait_for(lambda: threads() == 0)


def test_an_idle_client_is_sent_away_but_not_in_the_middle_of_a_transfer(
    tmp_path: Path, supplies: Supplies
) -> None:
    with closing(FtpsSite(tmp_path, supplies, idle_timeout=SOON)) as site:
        client = site.signed_in()
        upload = data_connection(client, "STOR slow")
        for _ in range(4):
            upload.sendall(b"x")
            time.sleep(SOON / 2)
        upload.unwrap()
        upload.close()

        assert client.voidresp() == "226 Transfer complete."
        with pytest.raises(ftplib.error_temp, match="421 You have been idle"):
            client.voidresp()
        client.close()
        assert (site.files / "slow").read_bytes() == b"xxxx"
        wait_for(lambda: threads() == 0)


@pytest.mark.parametrize("command", ["RETR big", "STOR up"])
def test_a_transfer_that_stands_still_is_ended(tmp_path: Path, supplies: Supplies, command: str) -> None:
    with closing(FtpsSite(tmp_path, supplies, transfer_timeout=SOON)) as site:
        big_file(site)
        client = site.signed_in()
        data = data_connection(client, command)

        with pytest.raises(ftplib.error_temp, match="421"):
            client.voidresp()
        wait_for(lambda: threads() == 0)
        assert site.log.completeness == [False]
        data.close()
        client.close()


def test_a_data_connection_that_nobody_opens_is_given_up(tmp_path: Path, supplies: Supplies) -> None:
    with closing(FtpsSite(tmp_path, supplies, passive_timeout=SOON)) as site:
        client = site.signed_in()
        client.sendcmd("EPSV")
        client.sendcmd("STOR never")

        with pytest.raises(ftplib.error_temp, match="425"):
            client.voidresp()
        assert client.put("later", b"works") == "226 Transfer complete."
        client.close()


@pytest.mark.parametrize("how", ["without TLS's closing word", "reset"])
def test_a_cut_upload_is_incomplete_and_can_be_resumed(ftps: FtpsSite, how: str) -> None:
    client = ftps.signed_in()
    data = data_connection(client, "STOR file")
    data.sendall(b"first ")
    if how == "reset":
        wait_for(lambda: ftps.live.of_user(ftps.bob.id)[0].bytes_in == 6)
        data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    data.close()

    with pytest.raises(ftplib.error_temp, match="426"):
        client.voidresp()
    assert client.put("file", b"second", rest=6) == "226 Transfer complete."
    client.close()
    assert (ftps.files / "file").read_bytes() == b"first second"
    assert ftps.log.completeness == [False, True]


def test_an_aborted_download_leaves_the_connection_usable(ftps: FtpsSite) -> None:
    big_file(ftps)
    client = ftps.signed_in()
    data = data_connection(client, "RETR big")
    data.recv(1000)
    data.close()

    with pytest.raises(ftplib.error_temp, match="426"):
        client.voidresp()
    assert client.pwd() == "/"
    client.close()
    assert ftps.log.completeness == [False]


def test_abor_ends_a_transfer(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    data = data_connection(client, "STOR file")
    data.sendall(b"some")
    wait_for(lambda: ftps.live.of_user(ftps.bob.id)[0].bytes_in == 4)

    client.putcmd("ABOR")
    with pytest.raises(ftplib.error_temp, match="426"):
        client.getresp()
    assert client.getresp().startswith("226")
    assert client.put("file", b"anew") == "226 Transfer complete."
    data.close()
    client.close()
    assert ftps.log.completeness == [False, True]


def test_a_suspended_user_is_cut_off_in_the_middle_of_a_download(ftps: FtpsSite) -> None:
    big_file(ftps)
    client = ftps.signed_in()
    data = data_connection(client, "RETR big")
    data.recv(1000)

    began = time.monotonic()
    ftps.act(users.suspend, ftps.bob.id)
    with pytest.raises(OSError):  # an end that looks cut, not like the end of the file
        while data.recv(MEBIBYTE):
            pass

    assert time.monotonic() - began < 2
    wait_for(lambda: ftps.log.left)
    assert ftps.log.left[0].end_reason == "suspended"
    assert ftps.log.completeness == [False]
    data.close()
    client.close()
    wait_for(lambda: threads() == 0)


def test_the_banned_and_the_too_many_are_told_at_once(tmp_path: Path, supplies: Supplies) -> None:
    with closing(FtpsSite(tmp_path, supplies, most_connections=2)) as site:
        inside = [site.plain(), site.plain()]
        assert [line.answer()[:4] for line in inside] == ["220 ", "220 "]
        outside = site.plain()
        assert outside.answer().startswith("421 Too many connections")
        assert outside.answer() == ""

        for line in (*inside, outside):
            line.close()
        wait_for(lambda: threads() == 0)
        site.signed_in().close()


def test_wrong_passwords_ban_the_address(tmp_path: Path, supplies: Supplies) -> None:
    limits = Limits(failures_until_ban=3, first_delay=0.01, longest_delay=0.02)
    with closing(FtpsSite(tmp_path, supplies, limits)) as site:
        client = site.client()
        for _ in range(3):
            with pytest.raises(ftplib.error_perm):
                client.login("bob", "wrong")
        client.close()

        assert site.plain().answer().startswith("421 ")


def test_stopping_lets_a_transfer_finish_and_cuts_the_rest(ftps: FtpsSite) -> None:
    big_file(ftps)
    finishing, stuck, idle = ftps.signed_in(), ftps.signed_in(), ftps.signed_in()
    upload = data_connection(finishing, "STOR done")
    upload.sendall(b"one ")
    download = data_connection(stuck, "RETR big")
    stopped = threading.Thread(target=lambda: ftps.run(ftps.ftps.stop(patience=1)))

    began = time.monotonic()
    stopped.start()
    upload.sendall(b"two")
    upload.unwrap()
    upload.close()
    assert finishing.voidresp() == "226 Transfer complete."
    stopped.join()

    assert 0.9 < time.monotonic() - began < 3.5
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", ftps.ftps_port))
    with pytest.raises((EOFError, OSError)):
        idle.sendcmd("NOOP")
    wait_for(lambda: threads() == 0)
    assert {left.end_reason for left in ftps.log.left} == {"the server is stopping"}
    assert sorted(map(bool, ftps.log.completeness)) == [False, True]
    for thing in (download, finishing, stuck, idle):
        thing.close()


def test_a_client_that_reads_no_answers_is_cut(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    assert client.sock is not None
    client.sock.settimeout(5)

    with pytest.raises(OSError):
        while True:
            client.sock.sendall(b"FEAT\r\n" * 1000)

    client.close()
    wait_for(lambda: threads() == 0)
