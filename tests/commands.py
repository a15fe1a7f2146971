"""The `innkeeper` command in processes of its own, forked from one that has done the imports already.

To start Python and import what the command needs takes much longer than what the command does.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "innkeeper.main",
        "innkeeper_client",
        "innkeeper_client.reading",
        "rich.console",
        "rich.progress",
        "rich.table",
    ]
)
PATIENCE = 60


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    arguments: Sequence[str]
    returncode: int | None
    stdout: str
    stderr: str


def run(arguments: Sequence[str], environment: Mapping[str, str], *, given: str = "") -> Done:
    """Run `innkeeper` with this on standard input."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "in").write_text(given)
        return run_reading(Path(folder) / "in", arguments, environment)


def run_reading(source: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Done:
    """Run `innkeeper` with this file or terminal as standard input."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = FORKS.Process(target=_become, args=(arguments, dict(environment), source, out, err))
        process.start()
        process.join(PATIENCE)
        process.kill()
        return Done(arguments, process.exitcode, out.read_text(), err.read_text())


def _become(
    arguments: Sequence[str], environment: Mapping[str, str], source: Path, out: Path, err: Path
) -> None:
    """In the forked process: be the command from here on."""
    os.dup2(os.open(source, os.O_RDONLY | os.O_NOCTTY), 0)
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT), 2)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["innkeeper", *arguments]
    from innkeeper.main import main

    main()
