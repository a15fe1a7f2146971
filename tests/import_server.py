"""A process that does nothing but jobs, to be killed: `python -m tests.import_server URL DIRECTORY`."""

import signal
import sys
import threading
import time
from pathlib import Path

from innkeeper.actions.calls import Calls
from innkeeper.jobs import imports, runner
from innkeeper.jobs.runner import Jobs
from innkeeper.store.database import Database

# So slow that a signal finds it in the middle.
SECONDS_A_CHUNK = 0.05


class SlowJobs(Jobs):
    def _pause(self) -> None:
        time.sleep(SECONDS_A_CHUNK)
        super()._pause()


def main(url: str, directory: str) -> None:
    imports.CHUNK = 100
    database = Database(url)
    calls = Calls(database)
    jobs = SlowJobs(database, calls, Path(directory))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs.start()
    stop.wait()
    jobs.stop()
    calls.hasher.close()
    database.close()


if __name__ == "__main__":
    runner.log.info("started")
    main(*sys.argv[1:])
