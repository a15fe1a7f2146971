"""Files and folders at the FTPS door, command by command, and what each level may do with them."""

import ftplib
import os
import resource
import ssl
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.ftps_site import Client, FtpsSite
from tests.sftp_site import wait_for

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
MEBIBYTE = 2**20
LEVELS = {
    "list": ["list"],
    "read": ["list", "read"],
    "write": ["put"],
    "upload": ["list", "put"],
    "full": ["list", "read", "put", "replace", "delete"],
}


def test_every_command_for_files_and_folders(ftps: FtpsSite) -> None:
    client = ftps.signed_in()

    assert client.mkd("a") == "/a"
    client.cwd("a")
    assert client.pwd() == "/a"
    client.put("one", b"1")
    client.storbinary("APPE one", BytesIO(b"23"))
    assert (client.size("one"), client.get("/a/one")) == (3, b"123")
    client.sendcmd("MFMT 20010203040506 one")
    assert client.sendcmd("MDTM one") == "213 20010203040506"
    client.put("two", b"two")
    client.rename("one", "two")
    told = [(name, facts["size"], facts["modify"]) for name, facts in client.mlsd("/a")]
    assert told == [("two", "3", "20010203040506")]
    assert "type=file;" in client.sendcmd("MLST two")
    assert client.nlst() == ["two"]
    with pytest.raises(ftplib.error_perm, match="550 The folder is not empty"):
        client.rmd("/a")
    client.delete("two")
    client.sendcmd("CDUP")
    client.rmd("a")
    assert list(client.mlsd("/")) == []
    client.close()


def test_resuming_begins_inside_the_file_only(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    client.put("f", b"0123456789")

    assert client.get("f", rest=7) == b"789"
    client.put("f", b"xyz", rest=8)
    assert client.get("f") == b"01234567xyz"
    with pytest.raises(ftplib.error_perm, match="554"):
        client.get("f", rest=99)
    client.close()


def test_names_that_are_no_utf8_come_and_go_unchanged(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    (ftps.files / "line\nbreak").touch()
    assert client.sock is not None

    client.sock.sendall(b"MKD caf\xe9\r\n")
    answer = client.sock.recv(1000)

    assert b'257 "/caf\xe9"' in answer
    assert sorted(os.listdir(os.fsencode(ftps.files))) == [b"caf\xe9", b"line\nbreak"]
    assert ftps.curl("-l", "--output", "names", ftps.url()).returncode == 0
    assert sorted((ftps.folder / "names").read_bytes().split()) == [b"caf\xe9", b"line?break"]
    client.close()


def test_a_folder_of_5000_is_listed_whole(ftps: FtpsSite) -> None:
    for number in range(5_000):
        (ftps.files / f"{number:05}").touch()
    client = ftps.signed_in()
    lines: list[str] = []

    client.retrlines("LIST", lines.append)

    assert len(lines) == len(list(client.mlsd())) == len(client.nlst()) == 5_000
    client.close()


def test_text_mode_turns_line_ends_both_ways(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    lines: list[str] = []

    client.storlines("STOR text", BytesIO(b"one\ntwo\n"))
    client.retrlines("RETR text", lines.append)

    assert (ftps.files / "text").read_bytes() == b"one\ntwo\n"
    assert lines == ["one", "two"]
    client.close()


def test_data_connections_reuse_the_session_of_the_control_connection(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    client.put("f", b"x")
    assert isinstance(client.sock, ssl.SSLSocket)

    plain, _ = ftplib.FTP.ntransfercmd(client, "RETR f")
    with client.context.wrap_socket(plain, session=client.sock.session) as data:
        assert data.recv(10) == b"x"
        assert data.session_reused
    client.close()


def test_a_second_transfer_at_once_is_refused_and_the_first_goes_on(ftps: FtpsSite) -> None:
    with (ftps.files / "f").open("wb") as file:
        file.truncate(64 * MEBIBYTE)  # more than fits into the buffers on the way
    client = ftps.signed_in()
    client.voidcmd("TYPE I")

    with pytest.raises(ftplib.error_temp, match="425"):
        client.sendcmd("RETR f")
    with client.transfercmd("RETR f") as data:
        with pytest.raises(ftplib.error_temp, match="450"):
            client.sendcmd("RETR f")
        while data.recv(65536):
            pass
        data.unwrap()  # type: ignore[attr-defined]
    assert client.voidresp().startswith("226")
    client.close()
    wait_for(lambda: ftps.log.completeness == [True])


@pytest.mark.parametrize("level", LEVELS)
def test_levels_hold_for_every_command(ftps: FtpsSite, level: str) -> None:
    (ftps.files / "there").write_bytes(b"old")
    ftps.edit(ftps.bob, grants=[f"/:{level}"])
    client = ftps.signed_in()
    commands: dict[str, Callable[[], Any]] = {
        "list": lambda: client.nlst().index("there"),
        "read": lambda: client.get("there"),
        "put": lambda: client.put("new", b"n"),
        "replace": lambda: client.put("there", b"new"),
        "delete": lambda: client.delete("there"),
    }

    assert [name for name, command in commands.items() if _is_done(command)] == LEVELS[level]
    client.close()


def test_what_is_hidden_is_told_like_what_is_absent(ftps: FtpsSite) -> None:
    (ftps.files / "secret").mkdir()
    (ftps.files / "secret" / "f").touch()
    (ftps.files / "open").mkdir()
    ftps.edit(ftps.bob, grants=["/open:full"])
    client = ftps.signed_in()
    client.voidcmd("TYPE I")

    for command in ("RNFR", "DELE", "RMD", "CWD", "SIZE", "MDTM", "MLST", "MFMT 20200101000000", "MLSD"):
        hidden = [_refusal(client, f"{command} {path}") for path in ("/secret/f", "/secret")]
        assert set(hidden) == {_refusal(client, f"{command} /absent")}, command
    assert client.nlst("/") == ["open"]
    client.close()


def test_transfers_take_little_memory_however_large_the_file(ftps: FtpsSite) -> None:
    """The client of this test lives in the same process, and keeps nothing either."""
    with (ftps.files / "large").open("wb") as file:
        file.truncate(300 * MEBIBYTE)
    clients = [ftps.signed_in() for _ in range(4)]
    for client in clients:
        client.retrbinary("RETR large", lambda _: None, blocksize=65536, rest=299 * MEBIBYTE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    readers = [threading.Thread(target=_read_slowly, args=(client,)) for client in clients]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    for client in clients:
        client.close()
    assert grown < 24 * 1024, f"{grown} KiB"


def _read_slowly(client: Client) -> None:
    client.retrbinary("RETR large", lambda _: None, blocksize=65536, rest=200 * MEBIBYTE)


def _is_done(command: Callable[[], Any]) -> bool:
    try:
        command()
    except (ftplib.Error, ValueError):
        return False
    return True


def _refusal(client: Client, command: str) -> str:
    with pytest.raises(ftplib.error_perm) as refused:
        client.makepasv() if command.startswith("MLSD") else None
        client.sendcmd(command)
    return str(refused.value)
