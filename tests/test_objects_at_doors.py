"""A site whose files lie in a bucket: real clients at the SFTP door, and what becomes of broken transfers."""

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from innkeeper.files.bucket import Bucket
from innkeeper.files.objects import ObjectStorage
from innkeeper.files.places import Place
from tests.object_server import ObjectServer
from tests.programs import need
from tests.sftp_site import SftpSite, Supplies, wait_for
from tests.slow_proxy import SlowProxy

pytest_plugins = ["tests.object_fixtures", "tests.sftp_fixtures"]
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def proxy(object_server: ObjectServer) -> Iterator[SlowProxy]:
    with SlowProxy(object_server.port) as running:
        yield running


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    supplies: Supplies,
    object_server: ObjectServer,
    proxy: SlowProxy,
) -> Iterator["BucketSite"]:
    need("rclone")
    folder = tmp_path_factory.mktemp("site")
    running = BucketSite(folder, supplies, object_server, proxy)
    yield running
    running.door.close()


class BucketSite:
    """An SFTP door before a part of the bucket, with a line between that can be made slow."""

    def __init__(self, folder: Path, supplies: Supplies, server: ObjectServer, proxy: SlowProxy) -> None:
        self.server = server
        self.place: Place = server.place(port=proxy.port)
        self.spool = folder / "spool"
        self.storage = ObjectStorage(Bucket(self.place), self.place.prefix, self.spool)
        self.door = SftpSite(folder, supplies, storage=lambda _: self.storage)

    def content(self, name: str) -> bytes:
        return self.server.content(self.place, name)

    def names(self) -> list[str]:
        return self.server.keys(self.place)


@pytest.fixture(autouse=True)
def quick_line(proxy: SlowProxy) -> Iterator[None]:
    yield
    proxy.delay = 0


def local(site: BucketSite, name: str, size: int) -> bytes:
    data = os.urandom(size)
    (site.door.folder / name).write_bytes(data)
    return data


def test_openssh_puts_gets_and_renames(site: BucketSite) -> None:
    data = local(site, "big", 20 * MIB + 5)

    done = site.door.sftp(
        "mkdir ssh\nput -p big ssh/big\nrename ssh/big ssh/new\nget -p ssh/new back\nls -l ssh\n"
    )

    assert done.returncode == 0, done.stderr
    assert data == site.content("ssh/new") == (site.door.folder / "back").read_bytes()
    times = [int((site.door.folder / name).stat().st_mtime) for name in ("big", "back")]
    assert times[0] == times[1]
    assert [key for key in site.names() if key.startswith("ssh/")] == ["ssh/", "ssh/new"]


def test_openssh_goes_on_with_a_file(site: BucketSite) -> None:
    data = local(site, "whole", 3 * MIB)
    site.server.put(site.place, "part", data[:MIB])
    (site.door.folder / "got").write_bytes(data[:MIB])

    done = site.door.sftp("reput whole part\nreget part got\n")

    assert done.returncode == 0, done.stderr
    assert data == site.content("part") == (site.door.folder / "got").read_bytes()


def test_scp_goes_both_ways(site: BucketSite) -> None:
    data = local(site, "scp", 5 * MIB)
    door = site.door
    to = [need("scp"), "-O", *door.ssh_options(), "-P", str(door.port)]

    put = door.program(*to, "-p", "scp", "ada@127.0.0.1:/scp")
    got = door.program(*to, "-p", "ada@127.0.0.1:/scp", "scp-back")

    assert (put.returncode, got.returncode) == (0, 0), put.stderr + got.stderr
    assert data == site.content("scp") == (door.folder / "scp-back").read_bytes()


def test_rclone_finds_nothing_to_do_the_second_time(site: BucketSite) -> None:
    tree = site.door.folder / "tree"
    for number in range(20):
        (tree / f"d{number % 3}").mkdir(parents=True, exist_ok=True)
        (tree / f"d{number % 3}" / f"f{number}").write_bytes(os.urandom(1000 + number))
    door = site.door
    where = f":sftp,host=127.0.0.1,port={door.port},user=ada,key_file={door.key},shell_type=none:"
    command = ["rclone", "sync", "-v", "--config", "/dev/null", str(tree), f"{where}tree"]

    first, second = door.program(*command), door.program(*command)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert len([key for key in site.names() if key.startswith("tree/") and not key.endswith("/")]) == 20
    assert "There was nothing to transfer" in second.stderr


async def test_writes_at_any_offset(site: BucketSite) -> None:
    async with site.door.connect() as connection, connection.start_sftp_client() as sftp:
        async with sftp.open("/random", "wb") as file:
            await file.write(b"end", 100)
            await file.write(b"begin", 0)
        async with sftp.open("/random", "r+b") as file:
            await file.write(b"middle", 50)
            assert await file.read(6, 50) == b"middle"

    assert site.content("random") == b"begin" + b"\0" * 45 + b"middle" + b"\0" * 44 + b"end"


async def test_an_upload_that_is_cut_off_leaves_nothing(site: BucketSite) -> None:
    async with site.door.connect() as connection:
        sftp = await connection.start_sftp_client()
        file = await sftp.open("/cut", "wb")
        for number in range(12):
            await file.write(os.urandom(MIB), number * MIB)
        room = next(room for room in site.door.live.all() if room.user_id == site.door.bob.id)
        room.end("a test")
        await connection.wait_closed()

    await asyncio.to_thread(wait_for, lambda: not site.door.live.all())
    assert "cut" not in site.names()
    assert site.server.pending(site.place) == []


def test_a_killed_scp_leaves_nothing(site: BucketSite) -> None:
    local(site, "scp-cut", 64 * MIB)
    door = site.door
    to = [need("scp"), "-O", "-l", "20000", *door.ssh_options(), "-P", str(door.port)]

    door.program("timeout", "-s", "KILL", "1", *to, "scp-cut", "ada@127.0.0.1:/scp-cut")

    wait_for(lambda: not door.live.all())
    assert "scp-cut" not in site.names()


async def test_the_loop_serves_others_while_the_storage_is_slow(site: BucketSite, proxy: SlowProxy) -> None:
    async with site.door.connect() as connection, connection.start_sftp_client() as sftp:
        await sftp.listdir("/")
        longest = Longest(site.door)
        proxy.delay = 0.4
        started = time.monotonic()

        async with sftp.open("/slow", "wb") as file:
            await file.write(b"slow", 0)

        proxy.delay = 0
        assert time.monotonic() - started > 0.4
        assert longest.stop() < 0.2


async def test_answers_keep_the_order_of_requests(site: BucketSite) -> None:
    async with site.door.connect() as connection, connection.start_sftp_client() as sftp:
        for _ in range(3):
            names = [f"/order{number}" for number in range(8)]
            await asyncio.gather(*(sftp.mkdir(name) for name in names))
            assert {"order0", "order7"} <= set(await sftp.listdir("/"))
            await asyncio.gather(*(sftp.rmdir(name) for name in names))


def test_a_large_file_takes_little_memory(site: BucketSite) -> None:
    size = 200 * MIB
    block = os.urandom(MIB)
    with (site.door.folder / "huge").open("wb") as file:
        for _ in range(200):
            file.write(block)
    before = resident()
    peak = Peak()

    done = site.door.sftp("put huge huge\nget huge huge-back\n")

    assert done.returncode == 0, done.stderr
    assert peak.stop() - before < 64 * MIB
    assert size == (site.door.folder / "huge-back").stat().st_size
    assert digest(site.door.folder / "huge") == digest(site.door.folder / "huge-back")


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Peak:
    """The most memory that this process, in which the door runs, has held meanwhile."""

    def __init__(self) -> None:
        self._most = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> int:
        self._is_over.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._is_over.wait(0.02):
            self._most = max(self._most, resident())


class Longest:
    """How long the loop of a door has been away at most."""

    def __init__(self, door: SftpSite) -> None:
        self._door = door
        self._longest = 0.0
        self._is_over = False
        self._watching = asyncio.ensure_future(asyncio.to_thread(door.run, self._watch()))

    def stop(self) -> float:
        self._is_over = True
        return self._longest

    async def _watch(self) -> None:
        while not self._is_over:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            self._longest = max(self._longest, time.monotonic() - before)
