"""lftp, curl and rclone at the FTPS doors."""

import os
from pathlib import Path

from tests.ftps_site import FtpsSite

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
ODD_NAMES = ["two words", " leading", "a 'quoted' \"name\"", "snow ☃ 🎿", "-dash", "100%", "a#b?c", "täglich"]
BIG = bytes(range(256)) * 8192


def test_lftp_mirrors_a_tree_with_odd_names_there_and_back(shared: FtpsSite, place: Path) -> None:
    local = shared.folder / "tree"
    (local / "in side").mkdir(parents=True)
    for name in ODD_NAMES:
        (local / "in side" / name).write_text(name)

    there = shared.lftp(f"mirror -R --parallel=4 tree /{place.name}/tree")
    back = shared.lftp(f"mirror --parallel=4 /{place.name}/tree back")

    assert (there.returncode, there.stderr, back.returncode, back.stderr) == (0, "", 0, "")
    assert sorted(ODD_NAMES) == sorted(found.name for found in (place / "tree" / "in side").iterdir())
    for name in ODD_NAMES:
        assert (shared.folder / "back" / "in side" / name).read_text() == name


def test_lftp_comes_by_implicit_tls(shared: FtpsSite, place: Path) -> None:
    (place / "file").write_bytes(BIG)

    done = shared.lftp(f"get /{place.name}/file -o implicit", url=f"ftps://127.0.0.1:{shared.implicit_port}")

    assert (done.returncode, done.stderr) == (0, "")
    assert (shared.folder / "implicit").read_bytes() == BIG


def test_lftp_resumes_both_ways(shared: FtpsSite, place: Path) -> None:
    (place / "down").write_bytes(BIG)
    (shared.folder / "down").write_bytes(BIG[:1_000_000])
    (place / "up").write_bytes(BIG[:1_000_001])
    (shared.folder / "up").write_bytes(BIG)

    done = shared.lftp(f"cd /{place.name}; get -c down; put -c up")

    assert (done.returncode, done.stderr) == (0, "")
    assert (shared.folder / "down").read_bytes() == BIG
    assert (place / "up").read_bytes() == BIG


def test_lftp_keeps_the_time_of_files(shared: FtpsSite, place: Path) -> None:
    local = shared.folder / "old"
    local.write_text("old")
    os.utime(local, (1_000_000_000, 1_000_000_000))

    done = shared.lftp(f"put old -o /{place.name}/old")

    assert (done.returncode, done.stderr) == (0, "")
    assert (place / "old").stat().st_mtime == 1_000_000_000


def test_lftp_renames_moves_and_deletes(shared: FtpsSite, place: Path) -> None:
    (place / "a").write_text("a")
    (place / "full" / "deep").mkdir(parents=True)
    (place / "full" / "deep" / "file").touch()

    done = shared.lftp(f"cd /{place.name}; mkdir b; mv a b/c; rm -r full")

    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in place.iterdir()] == ["b"]
    assert (place / "b" / "c").read_text() == "a"


def test_curl_reads_and_writes_with_explicit_tls(shared: FtpsSite, place: Path) -> None:
    (shared.folder / "sent").write_bytes(BIG)

    put = shared.curl("-T", "sent", "--ftp-create-dirs", shared.url(f"{place.name}/new/got"))
    got = shared.curl("-o", "fetched", shared.url(f"{place.name}/new/got"))
    listed = shared.curl("--list-only", shared.url(f"{place.name}/new/"))

    assert (put.returncode, put.stderr, got.returncode, got.stderr) == (0, "", 0, "")
    assert (shared.folder / "fetched").read_bytes() == BIG
    assert listed.stdout.split() == ["got"]


def test_curl_comes_by_implicit_tls(shared: FtpsSite, place: Path) -> None:
    (place / "file").write_text("hello")

    done = shared.curl(f"ftps://127.0.0.1:{shared.implicit_port}/{place.name}/file")

    assert (done.returncode, done.stdout, done.stderr) == (0, "hello", "")


def test_curl_resumes_and_takes_ranges(shared: FtpsSite, place: Path) -> None:
    (place / "file").write_bytes(BIG)
    (shared.folder / "part").write_bytes(BIG[:12345])

    resumed = shared.curl("-C", "-", "-o", "part", shared.url(f"{place.name}/file"))
    ranged = shared.curl("-r", "10-19", "-o", "range", shared.url(f"{place.name}/file"))

    assert (resumed.returncode, resumed.stderr, ranged.returncode) == (0, "", 0)
    assert (shared.folder / "part").read_bytes() == BIG
    assert (shared.folder / "range").read_bytes() == BIG[10:20]


def test_curl_appends(shared: FtpsSite, place: Path) -> None:
    (place / "log").write_text("one\n")
    (shared.folder / "more").write_text("two\n")

    done = shared.curl("-T", "more", "--append", shared.url(f"{place.name}/log"))

    assert (done.returncode, done.stderr) == (0, "")
    assert (place / "log").read_text() == "one\ntwo\n"


def test_curl_without_tls_is_not_let_in(shared: FtpsSite) -> None:
    done = shared.program("curl", "-sS", "--user", "bob:correct horse", shared.url())

    assert done.returncode == 67
    assert "530" in done.stderr


def test_rclone_copies_checks_and_lists(shared: FtpsSite, place: Path) -> None:
    tree = shared.folder / "rclone"
    (tree / "deep er").mkdir(parents=True)
    for name in ("two words", "snow ☃", "plain"):
        (tree / "deep er" / name).write_bytes(BIG[:100_000])

    there = shared.rclone("copy", "rclone", f":ftp:/{place.name}/tree")
    check = shared.rclone("check", "--download", "rclone", f":ftp:/{place.name}/tree")
    again = shared.rclone("copy", "-v", "rclone", f":ftp:/{place.name}/tree")
    listed = shared.rclone("lsf", "-R", f":ftp:/{place.name}")

    assert there.returncode == 0, there.stderr
    assert check.returncode == 0, check.stderr
    assert "Copied" not in again.stderr
    assert "tree/deep er/snow ☃" in listed.stdout.splitlines()


def test_rclone_moves_and_purges(shared: FtpsSite, place: Path) -> None:
    (place / "from").mkdir()
    (place / "from" / "file").write_text("x")

    moved = shared.rclone("moveto", f":ftp:/{place.name}/from/file", f":ftp:/{place.name}/to")
    purged = shared.rclone("purge", f":ftp:/{place.name}/from")

    assert (moved.returncode, purged.returncode) == (0, 0), moved.stderr + purged.stderr
    assert [path.name for path in place.iterdir()] == ["to"]
