"""A real S3-compatible server (SeaweedFS) of our own, with one bucket that every test has a part of."""

import itertools
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import get_session

from innkeeper.files.bucket import Bucket
from innkeeper.files.places import Place
from tests.sftp_site import wait_for

BUCKET = "innkeeper-tests"
KEY_ID, SECRET = "tester", "a secret of the tests"
_numbers = itertools.count(1)


class ObjectServer:
    """The running server; `client` reaches it past our own code."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self.bucket = Bucket(self.place())
        self.client: Any = get_session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                retries={"total_max_attempts": 1},
            ),
        )

    def place(self, *, port: int | None = None) -> Place:
        """A part of the bucket that nobody else has; through another port when a proxy lies before it."""
        return Place(
            bucket=BUCKET,
            prefix=f"part{next(_numbers)}-{os.getpid()}/",
            endpoint=f"http://127.0.0.1:{port or self.port}",
            key_id=KEY_ID,
            secret=SECRET,
        )

    def keys(self, place: Place) -> list[str]:
        """What lies in a part of the bucket, folders with a slash at the end."""
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=place.prefix).get("Contents", [])
        return [item["Key"].removeprefix(place.prefix) for item in found]

    def content(self, place: Place, name: str) -> bytes:
        body = self.client.get_object(Bucket=BUCKET, Key=place.prefix + name)["Body"]
        data: bytes = body.read()
        return data

    def put(self, place: Place, name: str, data: bytes, **notes: str) -> None:
        named = {note.replace("_", "-"): value for note, value in notes.items()}
        self.client.put_object(Bucket=BUCKET, Key=place.prefix + name, Body=data, Metadata=named)

    def pending(self, place: Place) -> list[str]:
        """Uploads in parts that were begun and neither completed nor given up."""
        found = self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return [item["Key"] for item in found if item["Key"].startswith(place.prefix)]


@contextmanager
def running(folder: Path) -> Iterator[ObjectServer]:
    """Start a server that keeps its data there."""
    program = Path(sys.executable).with_name("weed")
    if not program.exists():
        pytest.fail("weed is not installed: make install")
    (folder / "users.json").write_text(json.dumps(_users()))
    master, volume, filer, port = _free_ports()
    # Its log says why, should it not start.
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                *(str(program), "-logtostderr=true", "server", f"-dir={folder}"),
                *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}", f"-volume.port={volume}"),
                *("-volume.max=20", "-master.volumeSizeLimitMB=256", "-master.telemetry=false"),
                *("-filer", f"-filer.port={filer}", "-s3", f"-s3.port={port}"),
                *(f"-s3.config={folder / 'users.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        server = ObjectServer(port)
        wait_for(lambda: _has_bucket(server), 30)
        yield server
    finally:
        process.kill()
        process.wait()


def _users() -> dict[str, Any]:
    credentials = [{"accessKey": KEY_ID, "secretKey": SECRET}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "tester", "credentials": credentials, "actions": actions}]}


def _has_bucket(server: ObjectServer) -> bool:
    with suppress(BotoCoreError, server.client.exceptions.ClientError):
        server.client.create_bucket(Bucket=BUCKET)
        server.client.put_object(Bucket=BUCKET, Key="ready", Body=b"x")
        return True
    return False


def _free_ports() -> list[int]:
    """Four of them; each needs the one 10,000 above as well."""
    found: list[int] = []
    while len(found) < 4:
        port = random.randrange(11_000, 19_900)
        if port not in found and _is_free(port) and _is_free(port + 10_000):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
