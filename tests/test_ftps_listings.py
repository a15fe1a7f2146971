"""How files and folders look over FTPS, whatever their names, and what the server says of itself."""

import ftplib
from pathlib import Path

import pytest

from tests.ftps_site import Client, FtpsSite
from tests.sftp_site import PASSWORD

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
ODD_NAMES = [
    "two words",
    " leading and trailing ",
    '"quoted"',
    "it's",
    "🎿 ☃",
    "täglich",
    "100%",
    "a;b=c",
    "-l",
]


@pytest.fixture
def client(shared: FtpsSite, place: Path) -> Client:
    client = shared.signed_in()
    client.cwd(f"/{place.name}")
    return client


def listed(client: Client, command: str) -> list[bytes]:
    """The lines of a listing as they come."""
    parts: list[bytes] = []
    client.retrbinary(command, parts.append)
    return b"".join(parts).split(b"\r\n")[:-1]


@pytest.mark.parametrize("command", ["LIST", "LIST -al", "NLST", "MLSD"])
def test_odd_names_are_listed_and_reached(client: Client, place: Path, command: str) -> None:
    for name in ODD_NAMES:
        (place / name).write_text(name)

    lines = listed(client, command)

    for name in ODD_NAMES:
        assert [line for line in lines if line.endswith((b" " if command != "NLST" else b"") + name.encode())]
        assert client.get(f"./{name}") == name.encode()
    assert len(lines) == len(ODD_NAMES)


def test_folders_with_quotes_are_told_as_they_are(client: Client, place: Path) -> None:
    assert client.mkd('with "quotes"') == f'/{place.name}/with "quotes"'
    client.cwd('with "quotes"')
    assert client.pwd() == f'/{place.name}/with "quotes"'


def test_names_that_are_no_text_keep_their_bytes(shared: FtpsSite, place: Path) -> None:
    (place / "caf\udce9").write_text("latin")
    client = shared.client()
    client.encoding = "latin-1"
    client.enter("bob", PASSWORD).cwd(place.name)

    assert listed(client, "NLST") == [b"caf\xe9"]
    assert client.get("caf\xe9") == b"latin"
    client.rename("caf\xe9", "th\xe9")
    assert [found.name for found in place.iterdir()] == ["th\udce9"]
    client.close()


def test_a_name_with_line_breaks_cannot_pretend_to_be_two(client: Client, place: Path) -> None:
    (place / "a\r\nb\nc").touch()

    assert listed(client, "NLST") == [b"a??b?c"]
    assert [line[-7:] for line in listed(client, "LIST")] == [b" a??b?c"]
    assert client.sock is not None
    client.sock.sendall(b"DELE a\nb\r\n")
    with pytest.raises(ftplib.error_perm, match="550"):
        client.voidresp()


def test_listings_look_like_those_of_ls(client: Client, place: Path) -> None:
    (place / "folder").mkdir()
    client.put("file", b"12345")
    client.sendcmd("MFMT 20010909014640 file")

    lines = sorted(line.decode() for line in listed(client, "LIST"))

    assert lines[0] == "-rw-rw-r-- 1 files files            5 Sep  9  2001 file"
    assert lines[1].startswith("drwxrwxr-x 1 files files            0 ")
    assert lines[1].endswith(" folder")


def test_facts_are_those_that_were_asked_for(client: Client, place: Path) -> None:
    (place / "folder").mkdir()
    client.put("file", b"12345")
    client.sendcmd("MFMT 20010909014640 file")

    assert b"type=file;size=5;modify=20010909014640; file" in listed(client, "MLSD")
    assert "type=file;size=5;" in client.sendcmd("MLST file")
    client.sendcmd("OPTS MLST size;")
    assert b"size=5; file" in listed(client, "MLSD")


def test_a_file_can_be_listed_by_itself(client: Client) -> None:
    client.put("file", b"12345")

    assert listed(client, "NLST file") == [b"file"]


def test_a_command_that_is_too_long_is_refused_as_a_whole(client: Client, place: Path) -> None:
    assert client.sock is not None
    client.sock.sendall(b"MKD " + b"x" * 20_000 + b" MKD y\r\nPWD\r\n")

    with pytest.raises(ftplib.error_perm, match="500"):
        client.voidresp()
    assert client.sendcmd("NOOP").startswith("257 ")  # of PWD
    assert list(place.iterdir()) == []


def test_every_client_is_told_what_there_is(client: Client) -> None:
    features = client.sendcmd("FEAT").split("\n")

    for feature in (
        "AUTH TLS",
        "PBSZ",
        "PROT",
        "CLNT",
        "UTF8",
        "MFMT",
        "MDTM",
        "SIZE",
        "EPSV",
        "REST STREAM",
    ):
        assert f" {feature}" in features
    assert " MLST type*;size*;modify*;" in features
    assert not [line for line in features if "EPRT" in line]
    assert client.sendcmd("OPTS UTF8 ON").startswith("2")
    assert client.sendcmd("SYST").startswith("215 UNIX")
    assert client.sendcmd("STAT").startswith("211")
