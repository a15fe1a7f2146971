"""Access that is taken away ends uploads and idle connections at the FTPS door, whatever the program."""

import subprocess
import time

from innkeeper.actions import sessions, users
from tests.ftps_site import FtpsSite
from tests.programs import need
from tests.sftp_site import PASSWORD, wait_for

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
MEBIBYTE = 2**20


def test_a_suspended_user_is_cut_off_in_the_middle_of_an_upload(ftps: FtpsSite) -> None:
    """curl sends slowly, so that the upload has surely not ended by itself."""
    with (ftps.folder / "big").open("wb") as file:
        file.truncate(64 * MEBIBYTE)
    place = ["--limit-rate", "4M", "-T", str(ftps.folder / "big"), ftps.url("/big")]
    who = ["--insecure", "--ssl-reqd", "--user", f"bob:{PASSWORD}"]
    curl = subprocess.Popen([need("curl"), "-sS", *who, *place], stderr=subprocess.DEVNULL)
    wait_for(lambda: (rooms := ftps.live.of_user(ftps.bob.id)) and rooms[0].bytes_in > MEBIBYTE)

    began = time.monotonic()
    ftps.act(users.suspend, ftps.bob.id)
    curl.wait(timeout=10)

    assert curl.returncode != 0
    assert time.monotonic() - began < 2
    wait_for(lambda: ftps.log.left)
    assert ftps.log.left[0].end_reason == "suspended"
    assert ftps.log.completeness == [False]
    assert MEBIBYTE < (ftps.files / "big").stat().st_size < 64 * MEBIBYTE
    assert ftps.live.all() == []


def test_many_idle_connections_are_ended_at_once(ftps: FtpsSite) -> None:
    clients = [ftps.signed_in() for _ in range(15)]

    began = time.monotonic()
    ftps.act(sessions.end_all, ftps.bob.id)
    for client in clients:
        assert client.sock is not None
        assert client.sock.recv(100) == b""

    assert time.monotonic() - began < 2
    wait_for(lambda: len(ftps.log.left) == 15)
    assert {left.end_reason for left in ftps.log.left} == {"session_ended"}
    for client in clients:
        client.close()


def test_rights_that_are_taken_away_stop_a_transfer_but_not_the_connection(ftps: FtpsSite) -> None:
    with (ftps.files / "big").open("wb") as file:
        file.truncate(64 * MEBIBYTE)
    client = ftps.signed_in()
    client.voidcmd("TYPE I")
    data = client.transfercmd("RETR big")
    data.recv(1000)

    room = ftps.live.all()[0]
    ftps.edit(ftps.bob, grants=["/other:full"])
    wait_for(lambda: not room.access.file_abilities("/big"))
    while data.recv(MEBIBYTE):
        pass
    data.close()

    answer = client.getmultiline()
    assert answer == "426 The permission for this file was taken away; transfer aborted."
    assert client.nlst("/") == []
    client.close()
