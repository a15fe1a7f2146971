"""The sftp program of OpenSSH against the door."""

import os

import pytest

from innkeeper.actions import folders
from tests.programs import need
from tests.sftp_site import PASSWORD, SftpSite, wait_for

pytest_plugins = ["tests.sftp_fixtures"]
ABOUT_PROOFS = ("uthenti", "partial", "denied", "disconnect")
BYTES = os.urandom(3 * 1024 * 1024 + 17)


@pytest.fixture(autouse=True)
def _client() -> None:
    need("sftp")


def test_files_arrive_and_return_byte_for_byte(door: SftpSite) -> None:
    (door.folder / "up.bin").write_bytes(BYTES)

    result = door.sftp("mkdir in\nput up.bin in/one.bin\nget in/one.bin down.bin\n")

    assert result.returncode == 0, result.stderr
    assert (door.files / "in" / "one.bin").read_bytes() == BYTES
    assert (door.folder / "down.bin").read_bytes() == BYTES
    assert [event.kind for event in door.log.files] == [
        "file.folder_made",
        "file.uploaded",
        "file.downloaded",
    ]


def test_an_empty_file_arrives(door: SftpSite) -> None:
    (door.folder / "empty").touch()

    assert door.sftp("put empty\nget empty back\n").returncode == 0
    assert (door.folder / "back").read_bytes() == b""


def test_a_tree_of_three_levels_goes_both_ways(door: SftpSite) -> None:
    tree = {"a.txt": b"1", "sub/b.txt": b"2" * 5000, "sub/deep/c.txt": b"3", "sub/deep/empty.txt": b""}
    for name, content in tree.items():
        (door.folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (door.folder / "tree" / name).write_bytes(content)

    result = door.sftp("put -pr tree\nget -pr tree back\n")

    assert result.returncode == 0, result.stderr
    for base in (door.files / "tree", door.folder / "back"):
        assert {str(p.relative_to(base)): p.read_bytes() for p in base.rglob("*") if p.is_file()} == tree


def test_an_upload_and_a_download_resume(door: SftpSite) -> None:
    (door.folder / "big.bin").write_bytes(BYTES)
    (door.files / "big.bin").write_bytes(BYTES[:1_000_000])
    (door.folder / "got.bin").write_bytes(BYTES[:2_000_000])

    result = door.sftp("reput big.bin\nreget big.bin got.bin\n")

    assert result.returncode == 0, result.stderr
    assert (door.files / "big.bin").read_bytes() == BYTES
    assert (door.folder / "got.bin").read_bytes() == BYTES
    transferred = [event.data["transferred"] for event in door.log.files]
    assert transferred == [len(BYTES) - 1_000_000, len(BYTES) - 2_000_000]


def test_names_in_any_script_are_kept(door: SftpSite) -> None:
    names = ["Grüße.txt", "日本語.txt", "with space.txt", "emoji 🏨.txt", "quote'\".txt"]
    for name in names:
        (door.folder / name).write_text(name)

    result = door.sftp("put *.txt\nls -1\n")

    assert sorted(os.listdir(door.files)) == sorted(names)
    assert all(name in result.stdout for name in names)


def test_listing_rename_and_removal(door: SftpSite) -> None:
    (door.files / "old.txt").write_text("x")

    result = door.sftp(
        "ls -l\nrename old.txt new.txt\nmkdir d\nrename new.txt d/new.txt\nls d\nrm d/new.txt\nrmdir d\n"
    )

    assert result.returncode == 0
    assert "-rw-" in result.stdout and "old.txt" in result.stdout and "d/new.txt" in result.stdout
    assert os.listdir(door.files) == []


def test_a_folder_of_thousands_is_listed_whole(door: SftpSite) -> None:
    for number in range(3000):
        (door.files / f"f{number}").touch()

    listed = door.sftp("ls -1\n").stdout.split()

    assert {f"f{number}" for number in range(3000)} <= set(listed)


def test_rename_onto_another_file_is_left_to_the_rights(door: SftpSite) -> None:
    for name in ("a", "b"):
        (door.files / name).write_text(name)

    assert "Failure" not in door.sftp("rename a b\n").stderr  # OpenSSH asks for the replacing kind
    assert (door.files / "b").read_text() == "a"


def test_links_owners_and_modes_are_not_for_clients(door: SftpSite) -> None:
    (door.files / "file").write_text("x")
    (door.files / "out").symlink_to("/etc")
    before = (door.files / "file").stat().st_mode

    result = door.sftp(
        "ln -s /etc/passwd leak\nln file hard\nchmod 777 file\nget out/passwd\nget /../etc/passwd\nls\n"
    )

    assert sorted(os.listdir(door.files)) == ["file", "out"]
    assert (door.files / "file").stat().st_mode == before
    assert not (door.folder / "passwd").exists()
    assert "out" not in result.stdout.splitlines()[-1]


def test_a_user_sees_only_the_way_to_their_grants(door: SftpSite) -> None:
    door.edit(door.ada, grants=["/projects/red:read", "/inbox:write"])
    for folder in ("projects/red", "projects/blue", "inbox", "secret"):
        (door.files / folder).mkdir(parents=True)
        (door.files / folder / "file.txt").write_text(folder)
    (door.folder / "up.txt").write_text("up")

    result = door.sftp(
        "ls -1 /\nls -1 /projects\nls -1 /inbox\nget projects/red/file.txt red.txt\n"
        "get projects/blue/file.txt blue.txt\nget inbox/file.txt inbox.txt\n"
        "put up.txt inbox/mine.txt\nput up.txt inbox/file.txt\nput up.txt projects/red/new.txt\n"
        "ls -1 /inbox\n"
    )
    last_listing = result.stdout.rpartition("ls -1 /inbox")[2]

    assert "secret" not in result.stdout and "blue\n" not in result.stdout
    assert (door.folder / "red.txt").read_text() == "projects/red"
    assert not (door.folder / "blue.txt").exists() and not (door.folder / "inbox.txt").exists()
    assert (door.files / "inbox" / "mine.txt").read_text() == "up"
    assert (door.files / "inbox" / "file.txt").read_text() == "inbox"
    assert os.listdir(door.files / "projects" / "red") == ["file.txt"]
    assert last_listing.split() == ["/inbox/mine.txt"]


def test_root_and_home_of_a_user(door: SftpSite) -> None:
    door.edit(door.ada, user_root="/homes", user_home="/homes/ada")
    (door.files / "homes" / "ada").mkdir(parents=True)
    (door.files / "outside.txt").write_text("x")

    result = door.sftp("pwd\nls -1 /\nget ../../outside.txt\n")

    assert "Remote working directory: /ada" in result.stdout
    assert not (door.folder / "outside.txt").exists()


def test_a_registered_folder_is_not_renamed(door: SftpSite) -> None:
    (door.files / "team").mkdir()
    door.act(folders.create, {"path": "/team"})
    wait_for(lambda: door.known_paths.reach_into("/team"))

    result = door.sftp("rename team other\nrmdir team\n")

    assert "ermission denied" in result.stderr
    assert os.listdir(door.files) == ["team"]


def test_a_password_is_asked_for_and_enough(door: SftpSite) -> None:
    result = door.sftp("pwd\n", "bob", "-o", "PubkeyAuthentication=no")

    assert result.returncode == 0, result.stderr
    assert door.log.admitted == ["bob"]
    wait_for(lambda: door.log.left)
    assert door.log.left[0].end_reason == "disconnected"


def test_key_and_password_in_one_log_in(door: SftpSite) -> None:
    door.add_with_both("carol")

    shown = talk(door, "carol")

    assert "partial success" in shown
    assert door.log.admitted == ["carol"]
    assert door.sftp("pwd\n", "carol", "-o", "PubkeyAuthentication=no").returncode != 0
    assert door.sftp("pwd\n", "carol", "-o", "PreferredAuthentications=publickey").returncode != 0
    assert door.log.admitted == ["carol"]


@pytest.mark.parametrize("way", ["password", "keyboard-interactive"])
def test_a_password_before_the_key_is_answered_as_if_it_were_wrong(door: SftpSite, way: str) -> None:
    door.add_with_both("carol")

    said = {}
    for password in (PASSWORD, "something else"):
        door.password = password
        said[password] = talk(door, "carol", "-o", f"PreferredAuthentications={way},none")

    assert "Permission denied" in said[PASSWORD]
    assert "partial success" not in said[PASSWORD]
    assert said[PASSWORD] == said["something else"]
    assert set(door.log.refused) == {("carol", "wrong_key")}
    assert door.log.events("user.locked") == []


def test_with_both_demanded_the_key_comes_first(door: SftpSite) -> None:
    door.add_with_both("carol")

    assert door.sftp("pwd\n", "carol", "-o", "PreferredAuthentications=password,publickey").returncode != 0
    assert door.log.admitted == []
    assert door.sftp("pwd\n", "carol", "-o", "PreferredAuthentications=publickey,password").returncode == 0
    assert door.sftp("pwd\n", "carol").returncode == 0
    assert door.log.admitted == ["carol", "carol"]


def talk(door: SftpSite, user: str, *options: str) -> str:
    """What the ssh program says about the proofs while it logs in."""
    command = ["ssh", "-v", *door.ssh_options(), *options, "-p", str(door.port)]
    said = door.program(*command, f"{user}@127.0.0.1", "-s", "sftp").stderr.splitlines()
    return "\n".join(line for line in said if any(word in line for word in ABOUT_PROOFS))


def test_a_shell_is_refused_with_a_word(door: SftpSite) -> None:
    shell = door.program("ssh", *door.ssh_options(), "-p", str(door.port), "ada@127.0.0.1")
    command = door.program("ssh", *door.ssh_options(), "-p", str(door.port), "ada@127.0.0.1", "id")

    for result in (shell, command):
        assert result.returncode == 1
        assert "SFTP and SCP only" in result.stderr


def test_nothing_is_forwarded(door: SftpSite) -> None:
    options = [*door.ssh_options(), "-o", "ExitOnForwardFailure=yes", "-p", str(door.port)]
    result = door.program("ssh", *options, "-W", "127.0.0.1:22", "ada@127.0.0.1")
    remote = door.program("ssh", *options, "-N", "-R", "0:127.0.0.1:22", "ada@127.0.0.1")

    assert result.returncode != 0
    assert remote.returncode != 0


@pytest.mark.parametrize(
    "cipher", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr"]
)
def test_every_cipher_carries_data_even_when_keys_are_exchanged_again(door: SftpSite, cipher: str) -> None:
    (door.files / "f").write_bytes(BYTES)
    (door.folder / "up").write_bytes(BYTES)

    result = door.sftp("get f down\nput up up\n", "ada", "-c", cipher, "-o", "RekeyLimit=500K")

    assert result.returncode == 0, result.stderr
    assert (door.folder / "down").read_bytes() == BYTES
    assert (door.files / "up").read_bytes() == BYTES


def test_an_expensive_cipher_is_not_offered(door: SftpSite) -> None:
    assert door.sftp("pwd\n", "ada", "-c", "chacha20-poly1305@openssh.com").returncode != 0
    assert door.log.events("login.") == []
    assert door.sftp("pwd\n", "ada").returncode == 0
