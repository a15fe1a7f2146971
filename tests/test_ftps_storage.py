"""FTPS before storages that say no, and before a bucket, which takes a file only when it is complete."""

import ftplib
import os
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from innkeeper.domain.access import Ability
from innkeeper.files.bucket import Bucket
from innkeeper.files.objects import ObjectStorage
from innkeeper.files.quotas import LimitedStorage, Quotas
from innkeeper.files.root import Root
from tests.ftps_site import FtpsSite
from tests.object_server import ObjectServer
from tests.sftp_site import Supplies, wait_for

pytest_plugins = ["tests.object_fixtures", "tests.sftp_fixtures", "tests.ftps_fixtures"]
MEBIBYTE = 2**20
BIG = os.urandom(3 * MEBIBYTE)


@pytest.fixture(scope="module")
def bucket(
    tmp_path_factory: pytest.TempPathFactory, supplies: Supplies, object_server: ObjectServer
) -> Iterator[FtpsSite]:
    folder = tmp_path_factory.mktemp("bucket")
    place = object_server.place()
    storage = ObjectStorage(Bucket(place), place.prefix, folder / "spool")
    running = FtpsSite(folder, supplies, storage=lambda _: storage)
    yield running
    running.close()


def test_an_upload_that_does_not_fit_is_refused_in_words(tmp_path: Path, supplies: Supplies) -> None:
    quotas = Quotas()

    def limited(files: Path) -> LimitedStorage:
        storage = LimitedStorage(Root(files), quotas)
        for folder in quotas.set_limits({"/": MEBIBYTE}):
            storage.measure(folder)
        return storage

    with closing(FtpsSite(tmp_path, supplies, storage=limited)) as site:
        client = site.signed_in()

        with pytest.raises((ftplib.error_temp, OSError)) as refused:
            client.put("big", BIG)
        if not isinstance(refused.value, ftplib.error_temp):  # the data connection was cut while it sent
            with pytest.raises(ftplib.error_temp) as refused:
                client.voidresp()

        assert str(refused.value) == "426 There is not enough space left; transfer aborted."
        client.delete("big")
        assert client.put("small", b"fits") == "226 Transfer complete."
        client.close()


def test_rights_that_end_before_an_upload_does_make_it_fail(ftps: FtpsSite) -> None:
    client = ftps.signed_in()
    client.voidcmd("TYPE I")
    data = client.transfercmd("STOR file")
    data.sendall(b"content")
    room = ftps.live.all()[0]
    wait_for(lambda: room.bytes_in == 7)

    ftps.edit(ftps.bob, grants=["/:read"])
    wait_for(lambda: not room.access.file_abilities("/file") & Ability.MODIFY)
    assert isinstance(data, ssl.SSLSocket)
    with pytest.raises(ssl.SSLEOFError):  # the server does not end it well either
        data.unwrap()
    data.close()

    with pytest.raises(ftplib.error_temp, match="426"):
        client.voidresp()
    assert client.pwd() == "/"
    client.close()
    assert ftps.log.completeness == [False]


def test_lftp_carries_files_to_a_bucket_and_back(bucket: FtpsSite) -> None:
    (bucket.folder / "sent").write_bytes(BIG)

    done = bucket.lftp("mkdir -p deep; cd deep; put sent; mv sent moved; get moved; cls -1")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["moved"]
    assert (bucket.folder / "moved").read_bytes() == BIG


def test_rclone_checks_what_it_copied_to_a_bucket(bucket: FtpsSite) -> None:
    tree = bucket.folder / "tree"
    tree.mkdir()
    (tree / "two words").write_bytes(BIG)

    there = bucket.rclone("copy", "tree", ":ftp:/tree")
    check = bucket.rclone("check", "--download", "tree", ":ftp:/tree")

    assert (there.returncode, check.returncode) == (0, 0), there.stderr + check.stderr


def test_an_upload_to_a_bucket_that_is_cut_leaves_nothing(bucket: FtpsSite) -> None:
    client = bucket.signed_in()
    client.mkd("cut")
    client.voidcmd("TYPE I")
    data = client.transfercmd("STOR cut/file")
    data.sendall(b"half of")
    data.close()

    with pytest.raises(ftplib.error_temp, match="426"):
        client.voidresp()
    assert client.nlst("cut") == []
    client.close()
