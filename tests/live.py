"""The REST interface on a real port, in a thread of this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from innkeeper.actions.calls import Calls
from innkeeper.domain.words import PlanId
from innkeeper.interfaces.rest import build
from innkeeper.kit.gate import Gate, Limits
from tests.file_rooms import make_rooms

PATIENT = Limits(failures_until_ban=10**9, knocks_per_minute=10**9, burst=10**9)


class Work:
    """Takes uploads and does nothing with them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def accept_upload(self, plan_id: PlanId) -> Path:
        return self.directory / plan_id

    def start_import_planning(self, plan_id: PlanId) -> None:
        pass

    def start_import_apply(self, plan_id: PlanId) -> None:
        pass


@contextmanager
def served(calls: Calls, directory: Path) -> Iterator[str]:
    """Serve until the block ends; gives the address."""
    rooms = make_rooms(calls, directory)
    app = build(calls, imports=Work(directory), gate=Gate(PATIENT), rooms=rooms)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
