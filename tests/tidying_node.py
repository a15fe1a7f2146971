"""A node that does nothing but tidy up keys, every second, by the schedule that all nodes share.

`python -m tests.tidying_node DATABASE_URL DIRECTORY`: prints a line a turn, until standard input ends.
"""

import sys
from pathlib import Path

from innkeeper.actions.calls import Calls
from innkeeper.jobs.keys import tidy_keys
from innkeeper.jobs.workflows import Workflows
from innkeeper.store.database import Database


def main(url: str, directory: Path) -> None:
    database = Database(url)
    calls = Calls(database)

    def work(turn: str) -> None:
        tidy_keys(calls, lambda: None)
        print(turn, flush=True)

    directory.mkdir(parents=True, exist_ok=True)
    workflows = Workflows(database, directory, {"tidy": work}, {"tidy": "* * * * * *"})
    workflows.start()
    sys.stdin.read()
    workflows.stop()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
