"""Imports: send a CSV file, and a plan is made of it in the background."""

from pathlib import Path
from typing import BinaryIO, TypeAlias

from innkeeper_client.plans import Plan
from innkeeper_client.steps import Steps, ask, ask_bytes
from innkeeper_client.verbs import Noun, Verb, Way
from innkeeper_client.words import Mode

CsvFile: TypeAlias = Path | BinaryIO | bytes


class Imports(Noun[Way]):
    """Users out of a file."""

    @Verb
    def begin(
        self,
        file: CsvFile,
        *,
        name: str = "users.csv",
        mode: Mode = "create_and_update",
        ignore_unknown_columns: bool = False,
        require_password_change: bool = False,
    ) -> Steps[Plan]:
        """Send a file; answers the plan that is being made of it (`plans.wait`). Nothing is changed yet."""
        form = {
            "mode": mode,
            "ignore_unknown_columns": str(ignore_unknown_columns).lower(),
            "require_password_change": str(require_password_change).lower(),
        }
        if not isinstance(file, Path):
            return (yield from ask(Plan, "POST", "/imports", file=(name, file), form=form))
        with file.open("rb") as opened:
            return (yield from ask(Plan, "POST", "/imports", file=(file.name, opened), form=form))

    @Verb
    def template(self) -> Steps[bytes]:
        """Download a CSV file with every column and one example row, to fill in."""
        return ask_bytes("/imports/template")
