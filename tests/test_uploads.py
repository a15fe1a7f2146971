"""Resumable uploads (tus 1.0.0): go on after a cut and after a crash, for their owner alone."""

import base64
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from innkeeper.files.root import Root
from innkeeper.jobs.uploads import tidy_uploads
from innkeeper.kit.clock import utc_now
from tests.servers import Node, ok

DATA = os.urandom(3_000_000)
PART = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, str]]:
    node = Node(tmp_path_factory.mktemp("uploads") / "data")
    key = node.init()
    yield node.start(), key
    assert node.stop() == 0


@pytest.fixture
def node(started: tuple[Node, str]) -> Node:
    return started[0]


@pytest.fixture
def api(started: tuple[Node, str]) -> httpx.Client:
    node, key = started
    return node.client(key)


def begin(
    api: httpx.Client, path: str, length: int = len(DATA), *, exclusive: bool = False
) -> httpx.Response:
    pairs = {"path": path} | ({"is_exclusive": "true"} if exclusive else {})
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return api.post("/uploads", headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata})


def part(api: httpx.Client, address: str, offset: int, data: bytes) -> httpx.Response:
    return api.patch(httpx.URL(address), content=data, headers=PART | {"Upload-Offset": str(offset)})


def offset(api: httpx.Client, address: str) -> int:
    return int(api.head(address, headers=TUS).headers["upload-offset"])


def address(node: Node, answer: httpx.Response) -> str:
    assert answer.status_code == 201, answer.text
    return node.http + answer.headers["location"]


def content(api: httpx.Client, path: str) -> httpx.Response:
    return api.get("/files/content", params={"path": path})


def test_what_is_spoken_here(api: httpx.Client) -> None:
    answer = api.options("/uploads")

    assert (answer.status_code, answer.headers["tus-version"]) == (204, "1.0.0")
    assert "termination" in answer.headers["tus-extension"]


def test_a_file_appears_with_its_last_part(node: Node, api: httpx.Client) -> None:
    there = address(node, begin(api, "/parts.bin"))

    assert part(api, there, 0, DATA[:1_000_000]).headers["upload-offset"] == "1000000"
    assert content(api, "/parts.bin").status_code == 404
    assert part(api, there, 0, DATA).status_code == 409
    assert part(api, there, 1_000_000, DATA).status_code == 413
    assert part(api, there, 1_000_000, DATA[1_000_000:]).status_code == 204
    assert content(api, "/parts.bin").content == DATA
    assert offset(api, there) == len(DATA)


def test_an_upload_outlives_a_server_that_is_killed(node: Node, api: httpx.Client) -> None:
    there = address(node, begin(api, "/killed.bin"))
    part(api, there, 0, DATA[:2_000_000])

    node.kill()
    node.start()

    again = httpx.Client(base_url=f"{node.http}/api/v1", headers=api.headers)
    there = node.http + httpx.URL(there).path
    assert offset(again, there) == 2_000_000
    assert part(again, there, 2_000_000, DATA[2_000_000:]).status_code == 204
    assert content(again, "/killed.bin").content == DATA


def test_what_came_before_the_line_broke_is_kept(node: Node, api: httpx.Client) -> None:
    there = address(node, begin(node.client(key_of(api)), "/broken.bin"))

    def stumbling() -> Iterator[bytes]:
        yield DATA[:1_500_000]
        time.sleep(0.3)
        raise RuntimeError("the line breaks")

    client = node.client(key_of(api))
    with pytest.raises(RuntimeError):
        client.patch(there, content=stumbling(), headers=PART | {"Upload-Offset": "0"})

    deadline = time.monotonic() + 10
    while (answer := client.head(there, headers=TUS)).status_code == 423 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert int(answer.headers["upload-offset"]) == 1_500_000
    assert part(client, there, 1_500_000, DATA[1_500_000:]).status_code == 204
    assert content(client, "/broken.bin").content == DATA


def key_of(api: httpx.Client) -> str:
    return api.headers["authorization"].removeprefix("Bearer ")


def test_it_is_its_owners_alone_and_can_be_given_up(node: Node, api: httpx.Client) -> None:
    ada = node.client(key_of(api))
    user = ok(ada.post("/users", json={"username": "other", "roles": ["site_administrator"]}))
    other = node.client(ok(ada.post("/api-keys", json={"user_id": user["id"], "name": "x"}))["token"])
    there = address(node, begin(ada, "/mine.bin"))

    assert other.head(there, headers=TUS).status_code == 404
    assert part(other, there, 0, DATA).status_code == 404
    assert ada.head(there[:-20] + "A" * 20, headers=TUS).status_code == 404
    assert ada.delete(there, headers=TUS).status_code == 204
    assert ada.head(there, headers=TUS).status_code == 404


def test_an_exclusive_one_replaces_nothing(node: Node, api: httpx.Client) -> None:
    ada = node.client(key_of(api))
    there = address(node, begin(ada, "/race.bin", 3, exclusive=True))
    ada.put("/files/content", params={"path": "/race.bin"}, content=b"first")

    assert part(ada, there, 0, b"abc").json()["code"] == "already_there"
    assert begin(ada, "/race.bin", 3, exclusive=True).json()["code"] == "already_there"
    assert content(ada, "/race.bin").content == b"first"


def test_an_empty_file_is_there_at_once(node: Node, api: httpx.Client) -> None:
    ada = node.client(key_of(api))
    address(node, begin(ada, "/empty.bin", 0))

    assert content(ada, "/empty.bin").content == b""


def test_who_may_not_put_it_there_is_told_at_the_beginning(node: Node, api: httpx.Client) -> None:
    ada = node.client(key_of(api))
    user = ok(ada.post("/users", json={"username": "reader"}))
    client = node.client(ok(ada.post("/api-keys", json={"user_id": user["id"], "name": "x"}))["token"])

    assert begin(client, "/x.bin").status_code == 404
    assert client.post("/uploads", headers=TUS).status_code == 400
    assert client.post("/uploads", headers={"Upload-Length": "1"}).json()["code"] == "wrong_tus_version"


def test_what_nobody_went_on_with_for_a_day_is_forgotten(tmp_path: Path) -> None:
    root = Root(tmp_path)
    for name in ("old", "new"):
        root.open_upload(name).close()
    day = time.time() - 86_401
    os.utime(tmp_path / ".innkeeper-uploads" / "old", (day, day))

    tidy_uploads(root, utc_now())

    assert [path.name for path in (tmp_path / ".innkeeper-uploads").iterdir()] == ["new"]
    root.close()
