"""Files by the API, as real clients use it: list, send, receive, move; what each level may; what is cut."""

import io
import os
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from innkeeper_client import Client, InnkeeperError
from tests.servers import COMMAND, Node, environment, ok

NAMES = [
    "with space.txt",
    "smile 😀.txt",
    'quote".txt',
    "50%.txt",
    "a#b.txt",
    "two\nlines.txt",
    "\u202ertl.txt",
]
LARGE = 256 << 20


class House:
    """A node with Ada's client, and a folder for each test."""

    def __init__(self, node: Node, key: str) -> None:
        self.node = node
        self.key = key
        self.api = node.client(key)
        self.files = node.data / "files"

    def user(self, path: str, level: str, **key: Any) -> tuple[str, httpx.Client]:
        """Someone with one grant: the id, and a client with a key of theirs."""
        user = ok(self.api.post("/users", json={"username": f"u{time.monotonic_ns()}"}))
        grant = {"subject_kind": "user", "subject_id": user["id"], "path": path, "level": level}
        ok(self.api.post("/grants", json=grant))
        made = ok(self.api.post("/api-keys", json={"user_id": user["id"], "name": "test", **key}))
        return user["id"], self.node.client(made["token"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    node = Node(tmp_path_factory.mktemp("files") / "data")
    key = node.init()
    node.start()
    yield House(node, key)
    assert node.stop() == 0
    logs = [log.read_text() for log in node.data.parent.glob("*.log")]
    assert not any("Traceback" in log or "ASGI" in log for log in logs), logs


def names(answer: httpx.Response) -> list[str]:
    return [entry["name"] for entry in ok(answer)["items"]]


def put(client: httpx.Client, path: str, data: Any = b"hello", **headers: str) -> httpx.Response:
    return client.put("/files/content", params={"path": path}, content=data, headers=headers)


def get(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return client.get("/files/content", params={"path": path}, headers=headers)


def test_a_file_is_put_shown_listed_sent_and_deleted(house: House) -> None:
    ok(house.api.post("/files/folders", json={"path": "/first"}))
    when = "2020-02-03T04:05:06+00:00"
    made = house.api.put("/files/content", params={"path": "/first/a", "modified_at": when}, content=b"hello")

    assert made.status_code == 201
    assert ok(house.api.get("/files/stat", params={"path": "/first/a"})) == ok(made)
    assert ok(made)["modified_at"] == "2020-02-03T04:05:06Z"
    assert names(house.api.get("/files", params={"path": "/first"})) == ["a"]
    sent = get(house.api, "/first/a")
    assert sent.content == b"hello"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-disposition"].startswith("attachment")
    assert put(house.api, "/first/a", b"again").status_code == 200
    assert house.api.delete("/files", params={"path": "/first"}).json()["code"] == "not_now"
    assert house.api.delete("/files", params={"path": "/first", "recursive": True}).status_code == 204
    assert not (house.files / "first").exists()


def test_ranges_and_conditions(house: House) -> None:
    tag = put(house.api, "/ranged", b"0123456789").headers["etag"]

    part = get(house.api, "/ranged", Range="bytes=2-4")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert get(house.api, "/ranged", Range="bytes=-3").content == b"789"
    assert get(house.api, "/ranged", Range="bytes=10-").json()["code"] == "range_not_satisfiable"
    assert get(house.api, "/ranged", **{"Range": "bytes=2-4", "If-Range": '"old"'}).status_code == 200
    assert get(house.api, "/ranged", **{"If-None-Match": tag}).status_code == 304
    head = house.api.head("/files/content", params={"path": "/ranged"})
    assert (head.headers["content-length"], head.headers["etag"], head.content) == ("10", tag, b"")
    assert put(house.api, "/ranged", b"x", **{"If-None-Match": "*"}).status_code == 412
    assert put(house.api, "/ranged", b"x", **{"If-Match": '"old"'}).status_code == 412
    assert get(house.api, "/ranged").content == b"0123456789"
    assert put(house.api, "/ranged", b"x", **{"If-Match": tag}).status_code == 200


def test_a_folder_comes_in_pages_in_every_order(house: House) -> None:
    folder = house.files / "many"
    folder.mkdir()
    for number in range(25):
        (folder / f"f{number:02d}").write_bytes(b"x" * (25 - number))
    (folder / "sub").mkdir()

    def all_of(sort: str) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            asked: dict[str, Any] = {"path": "/many", "limit": 7, "sort": sort} | (
                {"cursor": cursor} if cursor else {}
            )
            page = ok(house.api.get("/files", params=asked))
            found += [entry["name"] for entry in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    upward = ["sub", *(f"f{number:02d}" for number in range(25))]
    assert all_of("name") == upward
    assert all_of("-name") == all_of("size") == ["sub", *reversed(upward[1:])]
    assert all_of("-size") == upward
    assert names(house.api.get("/files", params={"path": "/many", "text": "F1"})) == upward[11:21]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_goes_both_ways(house: House, name: str) -> None:
    assert put(house.api, f"/{name}", b"odd").status_code == 201
    assert (house.files / name).read_bytes() == b"odd"
    assert get(house.api, f"/{name}").content == b"odd"
    moved = house.api.post("/files/move", json={"path": f"/{name}", "new_path": f"/2{name}"})
    assert ok(moved)["path"] == f"/2{name}"
    assert house.api.delete("/files", params={"path": f"/2{name}"}).status_code == 204


def test_a_name_that_is_no_utf_8_is_reached_by_its_encoded_path(house: House) -> None:
    (house.files / "bytes").mkdir()
    Path(os.fsdecode(os.fsencode(house.files / "bytes") + b"/\xff.bin")).write_bytes(b"raw")

    shown = ok(house.api.get("/files", params={"path": "/bytes"}))["items"][0]

    assert (shown["name"], shown["encoded_path"]) == ("\ufffd.bin", "/bytes/%FF.bin")
    assert house.api.get(f"/files/content?path={shown['encoded_path']}").content == b"raw"
    assert house.api.delete(f"/files?path={shown['encoded_path']}").status_code == 204


def test_move_and_copy_replace_only_when_asked(house: House) -> None:
    put(house.api, "/m1", b"1")
    put(house.api, "/m2", b"2")
    asked = {"path": "/m1", "new_path": "/m2"}

    for verb in ("move", "copy"):
        assert house.api.post(f"/files/{verb}", json=asked).json()["code"] == "already_there"
    ok(house.api.post("/files/copy", json={**asked, "overwrite": True}))
    assert get(house.api, "/m2").content == b"1"
    put(house.api, "/m1", b"new")
    ok(house.api.post("/files/move", json={**asked, "overwrite": True}))
    assert get(house.api, "/m2").content == b"new"
    assert get(house.api, "/m1").status_code == 404


def test_the_top_and_a_folder_within_itself_stay_as_they_are(house: House) -> None:
    ok(house.api.post("/files/folders", json={"path": "/self"}))

    assert house.api.post("/files/folders", json={"path": "/"}).status_code in (403, 409)
    assert house.api.delete("/files", params={"path": "/", "recursive": True}).status_code == 403
    for verb in ("move", "copy"):
        refused = house.api.post(f"/files/{verb}", json={"path": "/self", "new_path": "/self/in"})
        assert refused.json()["code"] == "not_now"
    assert (house.files / "self").exists()


def test_a_folder_is_sent_as_an_archive(house: House) -> None:
    ok(house.api.post("/files/folders", json={"path": "/zip"}))
    ok(house.api.post("/files/folders", json={"path": "/zip/sub"}))
    put(house.api, "/zip/a😀.txt", b"a" * 700_000)
    put(house.api, "/zip/sub/b", b"b")

    answer = house.api.get("/files/archive", params={"path": "/zip"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["zip/", "zip/a😀.txt", "zip/sub/", "zip/sub/b"]
        assert archive.read("zip/a😀.txt") == b"a" * 700_000


@pytest.mark.parametrize(
    ("level", "lists", "reads", "creates", "replaces", "deletes"),
    [
        ("list", 200, 403, 403, 403, 403),
        ("read", 200, 200, 403, 403, 403),
        ("write", 200, 403, 201, 403, 403),
        ("upload", 200, 403, 201, 403, 403),
        ("readwrite", 200, 200, 201, 403, 403),
        ("full", 200, 200, 201, 200, 204),
    ],
)
def test_each_level_may_what_it_says(
    house: House, level: str, lists: int, reads: int, creates: int, replaces: int, deletes: int
) -> None:
    folder = f"levels-{level}"
    (house.files / folder).mkdir()
    (house.files / folder / "there").write_bytes(b"x")
    _, client = house.user(f"/{folder}", level)

    assert client.get("/files", params={"path": f"/{folder}"}).status_code == lists
    hidden = 404 if level == "write" else reads
    assert get(client, f"/{folder}/there").status_code == hidden
    assert put(client, f"/{folder}/there").status_code == replaces
    assert put(client, f"/{folder}/new").status_code == creates
    gone = client.delete("/files", params={"path": f"/{folder}/there"}).status_code
    assert gone == (404 if level == "write" else deletes)
    assert get(client, "/ranged-elsewhere").status_code == 404


def test_the_scopes_of_a_key_bound_it(house: House) -> None:
    _, reader = house.user("/scopes", "full", scopes=["files:read"])
    _, other = house.user("/scopes", "full", scopes=["users:read"])
    put(house.api, "/scopes/a")

    assert get(reader, "/scopes/a").status_code == 200
    assert put(reader, "/scopes/b").status_code == 403
    assert get(other, "/scopes/a").status_code == 403
    assert house.api.get("/files", params={"path": "/scopes"}).json()["abilities"][:2] == ["list", "preview"]


def test_an_upload_that_breaks_off_leaves_nothing(house: House) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 1_000_000
        raise RuntimeError("the client stumbles")

    with pytest.raises(RuntimeError):
        put(house.api, "/half", broken())

    assert get(house.api, "/half").status_code == 404
    deadline = time.monotonic() + 5
    while list((house.files / ".innkeeper-uploads").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list((house.files / ".innkeeper-uploads").iterdir()) == []


def test_the_client_and_the_command_carry_files(house: House, tmp_path: Path) -> None:
    data = os.urandom(20_000_000)
    (tmp_path / "up").write_bytes(data)
    with Client(house.key, house.node.http) as client:
        client.files.make_folder("/sdk")
        sent = client.files.put(tmp_path / "up", "/sdk/large", overwrite=False)
        client.files.put(b"", "/sdk/empty")
        client.files.get("/sdk/large", tmp_path / "down")
        client.files.copy("/sdk/large", "/sdk/copy")
        client.files.move("/sdk/copy", "/sdk/moved")
        with pytest.raises(InnkeeperError) as refused:
            client.files.put(b"x", "/sdk/large", overwrite=False)
        with pytest.raises(InnkeeperError):
            client.files.get("/sdk", tmp_path / "folder")

        assert refused.value.code == "already_there"
        assert (tmp_path / "down").read_bytes() == data
        assert sent.modified_at.timestamp() == pytest.approx((tmp_path / "up").stat().st_mtime, abs=1e-3)
        assert [file.name for file in client.files.iterate("/sdk", limit=2)] == ["empty", "large", "moved"]
    for words in (
        ["put", str(tmp_path / "up"), "/sdk/"],
        ["get", "/sdk/up", str(tmp_path / "got")],
        ["rm", "/sdk", "-r"],
    ):
        command = [*COMMAND, "--server", house.node.http, "--api-key", house.key, "files", *words]
        subprocess.run(command, check=True, capture_output=True, env=environment())
    assert (tmp_path / "got").read_bytes() == data
    assert not (house.files / "sdk").exists()


def rss(node: Node) -> int:
    lines = Path(f"/proc/{node.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def test_large_files_pass_without_being_held_in_memory(house: House) -> None:
    """The limit is 8 MB for each transfer, here for three after another, whatever their size."""
    put(house.api, "/warm", b"x" * 4_000_000)
    get(house.api, "/warm")
    before = rss(house.node)
    piece = b"\0" * 1_000_000

    assert put(house.api, "/large", (piece for _ in range(400))).status_code == 201
    with house.api.stream("GET", "/files/content", params={"path": "/large"}) as answer:
        assert sum(len(data) for data in answer.iter_raw()) == 400_000_000
    with house.api.stream("GET", "/files/archive", params={"path": "/large"}) as answer:
        assert sum(len(data) for data in answer.iter_raw()) < 40_000_000

    assert rss(house.node) - before < 24_000_000


@pytest.mark.parametrize("way", ["download", "upload", "archive"])
def test_a_transfer_is_cut_when_its_user_is_suspended(house: House, way: str, tmp_path: Path) -> None:
    (house.files / "cut").mkdir(exist_ok=True)
    with (house.files / "cut" / "large").open("wb") as file:
        file.truncate(LARGE)
    user_id, client = house.user("/cut", "full")
    address = f"{house.node.http}/api/v1/files/content?path={quote('/cut/large')}"
    more = ["-o", str(tmp_path / "got")]
    if way == "upload":
        address = address.replace("large", "sent")
        more = ["-T", str(house.files / "cut" / "large")]
    if way == "archive":
        address = address.replace("content", "archive")
    auth = ["-H", f"Authorization: {client.headers['authorization']}"]
    command = ["curl", "-sf", "--limit-rate", "2M", *auth, *more, address]
    transfer = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 10
    while not ok(house.api.get("/connections", params={"user_id": user_id}))["items"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)
    since = time.monotonic()

    ok(house.api.post(f"/users/{user_id}/suspend", json={"reason": "left"}))

    assert transfer.wait(timeout=20) != 0
    assert time.monotonic() - since < 10
    assert not (house.files / "cut" / "sent").exists()
