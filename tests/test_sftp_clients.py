"""Other clients people use: scp in both of its protocols, rclone, lftp."""

import os
from pathlib import Path

import pytest

from tests.programs import need
from tests.sftp_site import PASSWORD, SftpSite

pytest_plugins = ["tests.sftp_fixtures"]
BYTES = os.urandom(5 * 1024 * 1024 + 3)
TREE = {"a.txt": b"1", "sub/b.bin": BYTES[:70_000], "sub/deep/Grüße 日本.txt": b"3", "sub/deep/empty": b""}


def plant(base: Path) -> Path:
    for name, content in TREE.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_bytes(content)
    return base


def grown(base: Path) -> dict[str, bytes]:
    return {str(path.relative_to(base)): path.read_bytes() for path in base.rglob("*") if path.is_file()}


def scp(door: SftpSite, protocol: str, *arguments: str) -> str:
    """Run scp; what it complains about is returned."""
    options = [*door.ssh_options(), "-P", str(door.port)]
    return door.program(need("scp"), *([protocol] if protocol else []), *options, *arguments).stderr


both_protocols = pytest.mark.parametrize("protocol", ["", "-O"], ids=["sftp", "legacy"])


@both_protocols
def test_scp_copies_a_file_both_ways(door: SftpSite, protocol: str) -> None:
    (door.folder / "up.bin").write_bytes(BYTES)

    assert scp(door, protocol, "up.bin", "ada@127.0.0.1:in.bin") == ""
    assert scp(door, protocol, "ada@127.0.0.1:/in.bin", "down.bin") == ""

    assert (door.files / "in.bin").read_bytes() == BYTES
    assert (door.folder / "down.bin").read_bytes() == BYTES
    assert door.log.completeness == [True, True]


@both_protocols
def test_scp_copies_a_tree_with_times(door: SftpSite, protocol: str) -> None:
    tree = plant(door.folder / "tree")
    os.utime(tree / "a.txt", (1_000_000_000, 1_000_000_000))

    assert scp(door, protocol, "-pr", "tree", "ada@127.0.0.1:") == ""
    assert scp(door, protocol, "-pr", "ada@127.0.0.1:tree", "back") == ""

    assert grown(door.files / "tree") == TREE
    assert grown(door.folder / "back") == TREE
    assert (door.files / "tree" / "a.txt").stat().st_mtime == 1_000_000_000


@both_protocols
def test_scp_stays_within_the_rights(door: SftpSite, protocol: str) -> None:
    door.edit(door.ada, grants=["/open:read"])
    for folder in ("open", "closed"):
        (door.files / folder).mkdir()
        (door.files / folder / "file.txt").write_text(folder)
    (door.files / "open" / "link").symlink_to("/etc/passwd")
    (door.folder / "new.txt").write_text("new")

    assert scp(door, protocol, "ada@127.0.0.1:open/file.txt", "got.txt") == ""
    for source in ("closed/file.txt", "open/link", "../../../etc/passwd"):
        complaint = scp(door, protocol, f"ada@127.0.0.1:{source}", "stolen")
        assert "No such file" in complaint or "No matches found" in complaint
    assert "ermission" in scp(door, protocol, "new.txt", "ada@127.0.0.1:open/file.txt")
    assert scp(door, protocol, "new.txt", "ada@127.0.0.1:closed/new.txt") != ""

    assert (door.folder / "got.txt").read_text() == "open"
    assert not (door.folder / "stolen").exists()
    assert grown(door.files / "open")["file.txt"] == b"open"
    assert os.listdir(door.files / "closed") == ["file.txt"]


def rclone(door: SftpSite, *arguments: str) -> str:
    """Run rclone with the remote named door; what it complains about is returned."""
    remote = f"[door]\ntype = sftp\nhost = 127.0.0.1\nport = {door.port}\nuser = ada\nkey_file = {door.key}\n"
    (door.folder / "rclone.conf").write_text(remote)
    result = door.program(need("rclone"), "--config", "rclone.conf", "--retries", "1", "-q", *arguments)
    return result.stderr + ("" if result.returncode == 0 else "failed")


def test_rclone_copies_both_ways_and_finds_no_difference(door: SftpSite) -> None:
    plant(door.folder / "tree")
    (door.folder / "tree" / "large.bin").write_bytes(BYTES)

    assert rclone(door, "copy", "tree", "door:in/tree") == ""
    assert rclone(door, "check", "--download", "tree", "door:in/tree") == ""
    assert rclone(door, "copy", "door:in/tree", "back") == ""

    assert grown(door.folder / "back") == TREE | {"large.bin": BYTES}
    assert set(door.log.completeness) == {True}


def test_rclone_synchronises_renames_and_removes(door: SftpSite) -> None:
    tree = plant(door.folder / "tree")
    rclone(door, "copy", "tree", "door:tree")
    (tree / "a.txt").unlink()
    (tree / "sub" / "b.bin").write_bytes(b"changed")

    assert rclone(door, "sync", "tree", "door:tree") == ""
    assert grown(door.files / "tree") == grown(tree)
    assert rclone(door, "moveto", "door:tree/sub", "door:tree/moved") == ""
    assert (door.files / "tree" / "moved" / "b.bin").read_bytes() == b"changed"
    assert rclone(door, "purge", "door:tree") == ""
    assert os.listdir(door.files) == []


def test_rclone_fills_a_drop_box(door: SftpSite) -> None:
    door.edit(door.ada, grants=["/inbox:write"])
    (door.files / "inbox").mkdir()
    (door.files / "inbox" / "theirs.txt").write_text("theirs")
    plant(door.folder / "tree")

    assert rclone(door, "copy", "tree", "door:inbox/tree") == ""

    assert grown(door.files / "inbox" / "tree") == TREE


def lftp(door: SftpSite, commands: str) -> str:
    """Run lftp as Bob, by password; what it complains about is returned."""
    connect = " ".join(["ssh", "-a", "-x", *door.ssh_options(), "-o", "PubkeyAuthentication=no"])
    settings = f'set sftp:connect-program "{connect}"; set net:max-retries 1; set cmd:fail-exit yes; '
    address = f"open -u bob,'{PASSWORD}' sftp://127.0.0.1:{door.port}; "
    result = door.program(need("lftp"), "-c", settings + address + commands)
    return result.stderr + ("" if result.returncode == 0 else "failed")


def test_lftp_mirrors_both_ways(door: SftpSite) -> None:
    plant(door.folder / "tree")
    (door.folder / "tree" / "large.bin").write_bytes(BYTES)

    assert "failed" not in lftp(door, "mirror -R tree in; mirror in back; ls; mv in moved; cat moved/a.txt")

    assert grown(door.folder / "back") == TREE | {"large.bin": BYTES}
    assert grown(door.files / "moved") == TREE | {"large.bin": BYTES}


def test_lftp_resumes(door: SftpSite) -> None:
    (door.folder / "big.bin").write_bytes(BYTES)
    (door.files / "big.bin").write_bytes(BYTES[:1_000_000])

    assert "failed" not in lftp(door, "put -c big.bin; rm -f nothing; get -c big.bin -o back.bin")

    assert (door.files / "big.bin").read_bytes() == BYTES
    assert (door.folder / "back.bin").read_bytes() == BYTES
    assert door.log.files[0].data["transferred"] == len(BYTES) - 1_000_000
